-- The ledger: accounts, transfers, batches and the one function that moves money.
-- The city's database roles: the owner runs this file; haihe_app may read and may call the functions, and cannot change a stored row.

CREATE SEQUENCE nodes AS integer MINVALUE 0 MAXVALUE 255 CYCLE;
COMMENT ON SEQUENCE nodes IS 'hands every process its number inside ids; base/database.py claims it';

-- One row a bucket: the lock that a batch holds, and what the next batch continues from.
CREATE TABLE heads (
    bucket  smallint    PRIMARY KEY,
    batch   bigint      NOT NULL,          -- number of the newest batch
    id_max  bigint      NOT NULL,          -- largest posting id ever seen: a larger one cannot be known
    id_min  bigint      NOT NULL,          -- start of the oldest attached partition: a smaller id is too old
    posted  timestamptz NOT NULL,          -- time of the newest batch; never goes back
    hash    bytea       NOT NULL           -- end of the bucket's hash chain
) WITH (fillfactor = 20);

CREATE TABLE accounts (
    id               bigint   NOT NULL,
    owner            bigint   NOT NULL,
    debits_posted    bigint   NOT NULL DEFAULT 0,
    credits_posted   bigint   NOT NULL DEFAULT 0,
    debits_pending   bigint   NOT NULL DEFAULT 0,
    credits_pending  bigint   NOT NULL DEFAULT 0,
    last_transfer    bigint   NOT NULL DEFAULT 0,   -- of a chained account; 0 none
    flags            integer  NOT NULL,             -- 1 no overdraft, 2 frozen, 4 closed, 8 chained
    bucket           smallint NOT NULL,
    kind             smallint NOT NULL,
    currency         smallint NOT NULL,             -- ISO 4217 number
    PRIMARY KEY (bucket, id),
    CONSTRAINT amounts_not_negative CHECK (debits_posted >= 0 AND credits_posted >= 0 AND debits_pending >= 0 AND credits_pending >= 0),
    CONSTRAINT no_overdraft CHECK (flags & 1 = 0 OR credits_posted - debits_posted - debits_pending >= 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.2);

-- Append-only. `previous_…` is the account's transfer before this one, where the account is chained.
CREATE TABLE transfers (
    id               bigint      NOT NULL,          -- posting id + place of the leg
    debit            bigint      NOT NULL,
    credit           bigint      NOT NULL,
    amount           bigint      NOT NULL,
    payment          bigint      NOT NULL,          -- 0 none
    names            bigint      NOT NULL,          -- the transfer that this one reverses or settles; 0 none
    batch            bigint      NOT NULL,
    effective        timestamptz NOT NULL,
    posted           timestamptz NOT NULL,
    previous_debit   bigint      NOT NULL,
    previous_credit  bigint      NOT NULL,
    place            integer     NOT NULL,          -- within the batch, from 1
    bucket           smallint    NOT NULL,
    kind             smallint    NOT NULL,
    currency         smallint    NOT NULL,
    PRIMARY KEY (bucket, id),
    CONSTRAINT amount_positive CHECK (amount > 0),
    CONSTRAINT accounts_differ CHECK (debit <> credit)
) PARTITION BY RANGE (id);

-- A refused posting keeps its answer until its id is too old. (A refused payment keeps it in its payment row instead.)
CREATE TABLE refusals (
    id       bigint   NOT NULL,
    bucket   smallint NOT NULL,
    result   smallint NOT NULL,
    content  bytea    NOT NULL,
    PRIMARY KEY (bucket, id)
) PARTITION BY RANGE (id);

-- One row a batch: the seal. Readers of news go by (bucket, number): gap-free and in commit order.
CREATE TABLE batches (
    number       bigint      NOT NULL,
    first_id     bigint      NOT NULL,              -- smallest and largest posting id that came with the batch, refused ones included
    last_id      bigint      NOT NULL,
    posted       timestamptz NOT NULL,
    booking_day  date        NOT NULL,
    transfers    integer     NOT NULL,
    bucket       smallint    NOT NULL,
    hash         bytea       NOT NULL,
    PRIMARY KEY (bucket, number)
);

GRANT USAGE ON SEQUENCE nodes TO haihe_app;
GRANT SELECT ON heads, accounts, transfers, refusals, batches TO haihe_app;


-- What a posting says, as a hash over all its legs: the same id with another content is refused.
CREATE FUNCTION ledger_content(debits bigint[], credits bigint[], amounts bigint[], kinds smallint[], currencies smallint[], payment bigint, effective timestamptz)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(array_send(debits) || array_send(credits) || array_send(amounts) || array_send(kinds) || array_send(currencies)
                  || int8send(payment) || timestamptz_send(effective))
$$;

-- The seal: previous hash, then what the batch says (bucket, number, time, day, first and last id) and its transfers in order, every
-- column that the batch does not say already (docs/proof.md).
CREATE FUNCTION ledger_seal(previous bytea, bucket smallint, number bigint, posted timestamptz, booking_day date, first_id bigint, last_id bigint,
    ids bigint[], debits bigint[], credits bigint[], amounts bigint[], payments bigint[], names bigint[], effectives timestamptz[],
    previous_debits bigint[], previous_credits bigint[], kinds smallint[], currencies smallint[])
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(previous || int2send(bucket) || int8send(number) || timestamptz_send(posted) || date_send(booking_day)
                  || int8send(first_id) || int8send(last_id) || array_send(ids) || array_send(debits) || array_send(credits) || array_send(amounts)
                  || array_send(payments) || array_send(names) || array_send(effectives)
                  || array_send(previous_debits) || array_send(previous_credits) || array_send(kinds) || array_send(currencies))
$$;

-- Locks a bucket for the rest of the transaction: one batch at a time. Every writer of the bucket begins with it.
CREATE FUNCTION ledger_lock(p_bucket smallint, OUT batch bigint, OUT id_max bigint, OUT id_min bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT h.batch, h.id_max, h.id_min INTO batch, id_max, id_min FROM heads h WHERE h.bucket = p_bucket FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'bucket % does not exist', p_bucket;
    END IF;
END $$;

-- Opens accounts that do not exist yet and answers how many of the list exist now with exactly these properties.
CREATE FUNCTION ledger_open(p_bucket smallint, p_id bigint[], p_kind smallint[], p_owner bigint[], p_flags integer[], p_currency smallint[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO accounts (bucket, id, kind, owner, flags, currency)
    SELECT p_bucket, n.id, n.kind, n.owner, n.flags, n.currency
    FROM unnest(p_id, p_kind, p_owner, p_flags, p_currency) AS n(id, kind, owner, flags, currency)
    ON CONFLICT DO NOTHING;
    RETURN (
        SELECT count(*)
        FROM unnest(p_id, p_kind, p_owner, p_currency) AS n(id, kind, owner, currency)
        JOIN accounts a ON a.bucket = p_bucket AND a.id = n.id AND a.kind = n.kind AND a.owner = n.owner AND a.currency = n.currency
    );
END $$;

-- Freezes, closes or releases an account; answers its flags, NULL if there is no such account. A closed account stays closed.
CREATE FUNCTION ledger_flag(p_bucket smallint, p_id bigint, p_add integer, p_remove integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    settled integer;
BEGIN
    IF p_add & ~6 <> 0 OR p_remove & ~2 <> 0 THEN
        RAISE EXCEPTION 'only frozen and closed can be set, and only frozen taken back';
    END IF;
    PERFORM ledger_lock(p_bucket);
    UPDATE accounts SET flags = (flags | p_add) & ~p_remove WHERE bucket = p_bucket AND id = p_id RETURNING flags INTO settled;
    RETURN settled;
END $$;


-- Posts a batch of well-formed postings with distinct ids, in order, each all or none (ledger/service.py sorts the others out).
--
-- p_posting, p_subject, p_payment, p_effective: one element a posting; the rest one a leg, p_number the posting's ordinal from 1.
-- results: 0 posted, 1 already posted, 3 too old, 4 id reused, 5 unknown account, 6 frozen, 7 closed, 8 insufficient funds,
--          10 payee unknown, 11 payee frozen, 12 payee closed (ledger/model.py Result); 2 malformed where a currency differs.
-- balances: what the subject can spend after its posting; for one that was not posted, after the batch.
--
-- How: one guarded UPDATE over the sums of the batch moves every account that can bear all its debits at once, whatever the
-- order. Accounts that cannot are contested: the postings that touch them are decided one by one, in order, from their
-- balance before the batch, and what a refused posting had done to the others is taken back.
CREATE FUNCTION ledger_post(
    p_bucket smallint, p_now timestamptz, p_booking_day date, p_remember boolean,
    p_posting bigint[], p_subject bigint[], p_payment bigint[], p_effective timestamptz[],
    p_number integer[], p_id bigint[], p_debit bigint[], p_credit bigint[], p_amount bigint[], p_kind smallint[], p_currency smallint[],
    OUT batch bigint, OUT results smallint[], OUT balances bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    h            heads%ROWTYPE;
    leg          record;
    now_posted   timestamptz;
    postings     integer := cardinality(p_posting);
    legs         integer;
    first_id     bigint;
    last_id      bigint;
    refused      boolean := false;
    touched      bigint;
    -- the legs that are still in play
    l_number     integer[] := p_number;
    l_id         bigint[] := p_id;
    l_debit      bigint[] := p_debit;
    l_credit     bigint[] := p_credit;
    l_amount     bigint[] := p_amount;
    l_kind       smallint[] := p_kind;
    l_currency   smallint[] := p_currency;
    l_payment    bigint[];
    l_effective  timestamptz[];
    l_before_d   bigint[];
    l_before_c   bigint[];
    l_after_d    bigint[];
    l_after_c    bigint[];
    -- accounts that the guarded update moved, and of those the followed ones (chained or a subject) with what they were before
    moved        bigint[];
    f_account    bigint[];
    f_last       bigint[];
    f_balance    bigint[];      -- f_last is -1 for a subject that is not chained
    c_undone     bigint[];      -- accounts whose newest transfer may not be the one that the guarded update wrote
    -- contested accounts: available, flags, currency, and the sums decided for them
    c_account    bigint[];
    c_available  bigint[];
    c_flags      integer[];
    c_currency   smallint[];
    c_debits     bigint[];
    c_credits    bigint[];
    number_now   integer := 0;
    first_leg    integer;
    d            integer;
    c            integer;
    verdict      smallint;
    sealed       bytea;
BEGIN
    SELECT * INTO h FROM heads WHERE bucket = p_bucket FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'bucket % does not exist', p_bucket;
    END IF;
    now_posted := greatest(p_now, h.posted);
    results := array_fill(0::smallint, ARRAY[postings]);
    SELECT min(i), max(i) INTO first_id, last_id FROM unnest(p_posting) AS i;

    -- 1. Ids that are too old, or known: answered from storage, and out of the batch.
    IF first_id < h.id_min OR first_id <= h.id_max THEN
        SELECT array_agg(CASE
                WHEN n.id < h.id_min THEN 3
                WHEN s.content IS NOT NULL THEN CASE WHEN s.content = n.content THEN 1 ELSE 4 END
                WHEN r.content IS NOT NULL THEN CASE WHEN r.content = n.content THEN r.result ELSE 4 END
                ELSE 0 END::smallint ORDER BY n.number)
        INTO results
        FROM (
            SELECT p.number, p.id, ledger_content(array_agg(l.debit ORDER BY l.id), array_agg(l.credit ORDER BY l.id), array_agg(l.amount ORDER BY l.id),
                array_agg(l.kind ORDER BY l.id), array_agg(l.currency ORDER BY l.id), min(p.payment), min(p.effective)) AS content
            FROM unnest(p_posting, p_payment, p_effective) WITH ORDINALITY AS p(id, payment, effective, number)
            JOIN unnest(p_number, p_id, p_debit, p_credit, p_amount, p_kind, p_currency) AS l(number, id, debit, credit, amount, kind, currency)
                ON l.number = p.number
            GROUP BY p.number, p.id
        ) n
        LEFT JOIN LATERAL (
            SELECT ledger_content(array_agg(t.debit ORDER BY t.id), array_agg(t.credit ORDER BY t.id), array_agg(t.amount ORDER BY t.id),
                array_agg(t.kind ORDER BY t.id), array_agg(t.currency ORDER BY t.id), min(t.payment), min(t.effective)) AS content
            FROM transfers t
            WHERE t.bucket = p_bucket AND t.id BETWEEN n.id AND n.id + 15
            HAVING count(*) > 0
        ) s ON n.id <= h.id_max
        LEFT JOIN refusals r ON r.bucket = p_bucket AND r.id = n.id AND n.id <= h.id_max;

        IF EXISTS (SELECT 1 FROM unnest(results) AS u(result) WHERE u.result <> 0) THEN
            SELECT array_agg(l.number ORDER BY l.o), array_agg(l.id ORDER BY l.o), array_agg(l.debit ORDER BY l.o), array_agg(l.credit ORDER BY l.o),
                array_agg(l.amount ORDER BY l.o), array_agg(l.kind ORDER BY l.o), array_agg(l.currency ORDER BY l.o)
            INTO l_number, l_id, l_debit, l_credit, l_amount, l_kind, l_currency
            FROM unnest(p_number, p_id, p_debit, p_credit, p_amount, p_kind, p_currency) WITH ORDINALITY AS l(number, id, debit, credit, amount, kind, currency, o)
            WHERE results[l.number] = 0;
        END IF;
    END IF;
    legs := coalesce(cardinality(l_id), 0);

    IF legs = 0 THEN
        -- Nothing is new: no batch.
        batch := h.batch;
        SELECT array_agg(coalesce(a.credits_posted - a.debits_posted - a.debits_pending, 0) ORDER BY s.number) INTO balances
        FROM unnest(p_subject) WITH ORDINALITY AS s(id, number)
        LEFT JOIN accounts a ON a.bucket = p_bucket AND a.id = s.id;
        RETURN;
    END IF;
    batch := h.batch + 1;

    -- 2. The guarded update: every account that can bear the whole batch.
    WITH moves AS MATERIALIZED (
        SELECT m.account, sum(m.debit)::bigint AS debits, sum(m.credit)::bigint AS credits, max(m.o) AS newest,
            min(m.currency) AS currency, max(m.currency) AS currency_max, bool_or(m.subject) AS subject
        FROM (
            SELECT l.debit AS account, l.amount AS debit, 0::bigint AS credit, l.o, l.currency, l.debit = p_subject[l.number] AS subject
            FROM unnest(l_number, l_debit, l_amount, l_currency) WITH ORDINALITY AS l(number, debit, amount, currency, o)
            UNION ALL
            SELECT l.credit, 0, l.amount, l.o, l.currency, l.credit = p_subject[l.number]
            FROM unnest(l_number, l_credit, l_amount, l_currency) WITH ORDINALITY AS l(number, credit, amount, currency, o)
        ) m
        GROUP BY m.account
        ORDER BY m.account
    ), done AS (
        UPDATE accounts a
        SET debits_posted = a.debits_posted + m.debits,
            credits_posted = a.credits_posted + m.credits,
            last_transfer = CASE WHEN a.flags & 8 = 0 THEN 0 ELSE l_id[m.newest] END
        FROM moves m
        WHERE a.bucket = p_bucket AND a.id = m.account
            AND a.flags & 6 = 0
            AND a.currency = m.currency AND a.currency = m.currency_max
            AND (m.debits = 0 OR a.flags & 1 = 0 OR a.credits_posted - a.debits_posted - a.debits_pending >= m.debits)
        RETURNING a.id, a.flags & 8 <> 0 OR m.subject AS followed,
            CASE WHEN a.flags & 8 = 0 THEN -1 ELSE old.last_transfer END AS last_before,
            old.credits_posted - old.debits_posted - old.debits_pending AS balance_before
    )
    SELECT (SELECT count(*) FROM moves), array_agg(done.id),
        array_agg(done.id) FILTER (WHERE done.followed),
        array_agg(done.last_before) FILTER (WHERE done.followed),
        array_agg(done.balance_before) FILTER (WHERE done.followed)
    INTO touched, moved, f_account, f_last, f_balance
    FROM done;

    -- 3. Contested accounts: decide their postings one by one.
    IF coalesce(cardinality(moved), 0) < touched THEN
        SELECT array_agg(q.id), array_agg(coalesce(a.credits_posted - a.debits_posted - a.debits_pending, 0)), array_agg(coalesce(a.flags, -1)),
            array_agg(coalesce(a.currency, 0::smallint)), array_agg(0::bigint), array_agg(0::bigint)
        INTO c_account, c_available, c_flags, c_currency, c_debits, c_credits
        FROM (SELECT unnest(l_debit) AS id UNION SELECT unnest(l_credit) EXCEPT SELECT unnest(moved)) q
        LEFT JOIN accounts a ON a.bucket = p_bucket AND a.id = q.id;

        -- An account of another currency makes the whole posting malformed, before anything else is looked at.
        FOR leg IN
            SELECT DISTINCT l.number
            FROM unnest(l_number, l_debit, l_credit, l_currency) AS l(number, debit, credit, currency)
            JOIN unnest(c_account, c_flags, c_currency) AS a(id, flags, currency) ON a.id IN (l.debit, l.credit)
            WHERE a.flags <> -1 AND a.currency <> l.currency
        LOOP
            results[leg.number] := 2;
            refused := true;
        END LOOP;

        FOR leg IN
            SELECT l.o::integer AS o, l.number
            FROM unnest(l_number) WITH ORDINALITY AS l(number, o)
            WHERE results[l.number] = 0 AND l.number IN (
                SELECT t.number
                FROM unnest(l_number, l_debit, l_credit) AS t(number, debit, credit)
                WHERE t.debit IN (SELECT unnest(c_account)) OR t.credit IN (SELECT unnest(c_account)))
            ORDER BY l.o
        LOOP
            IF leg.number <> number_now THEN
                number_now := leg.number;
                first_leg := leg.o;
            END IF;
            CONTINUE WHEN results[number_now] <> 0;
            d := array_position(c_account, l_debit[leg.o]);
            c := array_position(c_account, l_credit[leg.o]);
            verdict := 0;
            IF d IS NOT NULL THEN
                verdict := CASE
                    WHEN c_flags[d] = -1 THEN 5
                    WHEN c_flags[d] & 2 <> 0 THEN 6
                    WHEN c_flags[d] & 4 <> 0 THEN 7
                    WHEN c_flags[d] & 1 <> 0 AND c_available[d] < l_amount[leg.o] THEN 8
                    ELSE 0 END;
            END IF;
            IF verdict = 0 AND c IS NOT NULL THEN
                verdict := CASE
                    WHEN c_flags[c] = -1 THEN 10
                    WHEN c_flags[c] & 2 <> 0 THEN 11
                    WHEN c_flags[c] & 4 <> 0 THEN 12
                    ELSE 0 END;
            END IF;
            IF verdict = 0 THEN
                IF d IS NOT NULL THEN
                    c_available[d] := c_available[d] - l_amount[leg.o];
                    c_debits[d] := c_debits[d] + l_amount[leg.o];
                END IF;
                IF c IS NOT NULL THEN
                    c_available[c] := c_available[c] + l_amount[leg.o];
                    c_credits[c] := c_credits[c] + l_amount[leg.o];
                END IF;
            ELSE
                results[number_now] := verdict;
                refused := true;
                FOR undo IN first_leg .. leg.o - 1 LOOP
                    d := array_position(c_account, l_debit[undo]);
                    c := array_position(c_account, l_credit[undo]);
                    IF d IS NOT NULL THEN
                        c_available[d] := c_available[d] + l_amount[undo];
                        c_debits[d] := c_debits[d] - l_amount[undo];
                    END IF;
                    IF c IS NOT NULL THEN
                        c_available[c] := c_available[c] - l_amount[undo];
                        c_credits[c] := c_credits[c] - l_amount[undo];
                    END IF;
                END LOOP;
            END IF;
        END LOOP;

        c_undone := c_account;
        IF refused THEN
            SELECT c_undone || array_agg(x.account) INTO c_undone
            FROM (
                SELECT l.debit AS account FROM unnest(l_number, l_debit) AS l(number, debit) WHERE results[l.number] <> 0
                UNION
                SELECT l.credit FROM unnest(l_number, l_credit) AS l(number, credit) WHERE results[l.number] <> 0
            ) x;

            -- Take back what refused postings did to accounts that the guarded update moved.
            UPDATE accounts a
            SET debits_posted = a.debits_posted - m.debits,
                credits_posted = a.credits_posted - m.credits
            FROM (
                SELECT x.account, sum(x.debit)::bigint AS debits, sum(x.credit)::bigint AS credits
                FROM (
                    SELECT l.debit AS account, l.amount AS debit, 0::bigint AS credit
                    FROM unnest(l_number, l_debit, l_amount) AS l(number, debit, amount)
                    WHERE results[l.number] <> 0
                    UNION ALL
                    SELECT l.credit, 0, l.amount
                    FROM unnest(l_number, l_credit, l_amount) AS l(number, credit, amount)
                    WHERE results[l.number] <> 0
                ) x
                GROUP BY x.account
                ORDER BY x.account
            ) m
            WHERE a.bucket = p_bucket AND a.id = m.account AND a.id = ANY(moved);

            IF p_remember THEN
                INSERT INTO refusals (bucket, id, result, content)
                SELECT p_bucket, p.id, results[p.number],
                    ledger_content(array_agg(l.debit ORDER BY l.id), array_agg(l.credit ORDER BY l.id), array_agg(l.amount ORDER BY l.id),
                        array_agg(l.kind ORDER BY l.id), array_agg(l.currency ORDER BY l.id), min(p.payment), min(p.effective))
                FROM unnest(p_posting, p_payment, p_effective) WITH ORDINALITY AS p(id, payment, effective, number)
                JOIN unnest(l_number, l_id, l_debit, l_credit, l_amount, l_kind, l_currency) AS l(number, id, debit, credit, amount, kind, currency)
                    ON l.number = p.number
                WHERE results[p.number] > 2
                GROUP BY p.number, p.id;
            END IF;

            SELECT array_agg(l.number ORDER BY l.o), array_agg(l.id ORDER BY l.o), array_agg(l.debit ORDER BY l.o), array_agg(l.credit ORDER BY l.o),
                array_agg(l.amount ORDER BY l.o), array_agg(l.kind ORDER BY l.o), array_agg(l.currency ORDER BY l.o)
            INTO l_number, l_id, l_debit, l_credit, l_amount, l_kind, l_currency
            FROM unnest(l_number, l_id, l_debit, l_credit, l_amount, l_kind, l_currency) WITH ORDINALITY AS l(number, id, debit, credit, amount, kind, currency, o)
            WHERE results[l.number] = 0;
            legs := coalesce(cardinality(l_id), 0);
        END IF;

        WITH contested AS (
            UPDATE accounts a
            SET debits_posted = a.debits_posted + x.debits,
                credits_posted = a.credits_posted + x.credits
            FROM unnest(c_account, c_debits, c_credits) AS x(id, debits, credits)
            WHERE a.bucket = p_bucket AND a.id = x.id
            RETURNING a.id,
                CASE WHEN a.flags & 8 = 0 THEN -1 ELSE old.last_transfer END AS last_before,
                old.credits_posted - old.debits_posted - old.debits_pending AS balance_before
        )
        SELECT f_account || coalesce(array_agg(contested.id), '{}'),
            f_last || coalesce(array_agg(contested.last_before), '{}'),
            f_balance || coalesce(array_agg(contested.balance_before), '{}')
        INTO f_account, f_last, f_balance
        FROM contested;

        -- The newest transfer of the chained accounts in doubt, now that it is known which postings stand.
        UPDATE accounts a
        SET last_transfer = coalesce(l_id[m.newest], f.last_before)
        FROM (SELECT DISTINCT unnest(c_undone) AS id) u
        JOIN unnest(f_account, f_last) AS f(id, last_before) ON f.id = u.id
        LEFT JOIN (
            SELECT x.account, max(x.o) AS newest
            FROM (
                SELECT l.debit AS account, l.o FROM unnest(l_debit) WITH ORDINALITY AS l(debit, o)
                UNION ALL
                SELECT l.credit, l.o FROM unnest(l_credit) WITH ORDINALITY AS l(credit, o)
            ) x
            GROUP BY x.account
        ) m ON m.account = u.id
        WHERE a.bucket = p_bucket AND a.id = u.id AND a.flags & 8 <> 0;
    END IF;

    -- 4. The chain of each followed account, and its balance after every leg.
    WITH steps AS (
        SELECT s.o, s.credited,
            CASE WHEN f.last_before = -1 THEN 0 ELSE lag(s.id, 1, f.last_before) OVER w END AS before,
            f.balance_before + sum(s.change) OVER w AS after
        FROM (
            SELECT l.debit AS account, l.o, false AS credited, l.id, -l.amount AS change
            FROM unnest(l_debit, l_id, l_amount) WITH ORDINALITY AS l(debit, id, amount, o)
            UNION ALL
            SELECT l.credit, l.o, true, l.id, l.amount
            FROM unnest(l_credit, l_id, l_amount) WITH ORDINALITY AS l(credit, id, amount, o)
        ) s
        JOIN unnest(f_account, f_last, f_balance) AS f(account, last_before, balance_before) ON f.account = s.account
        WINDOW w AS (PARTITION BY s.account ORDER BY s.o ROWS UNBOUNDED PRECEDING)
    )
    SELECT array_agg(coalesce(x.before, 0) ORDER BY l.o), array_agg(coalesce(y.before, 0) ORDER BY l.o),
        array_agg(coalesce(x.after, 0)::bigint ORDER BY l.o), array_agg(coalesce(y.after, 0)::bigint ORDER BY l.o),
        array_agg(p_payment[l.number] ORDER BY l.o), array_agg(p_effective[l.number] ORDER BY l.o)
    INTO l_before_d, l_before_c, l_after_d, l_after_c, l_payment, l_effective
    FROM unnest(l_number) WITH ORDINALITY AS l(number, o)
    LEFT JOIN steps x ON x.o = l.o AND NOT x.credited
    LEFT JOIN steps y ON y.o = l.o AND y.credited;

    -- 5. Store, seal, move the head.
    IF legs > 0 THEN
        INSERT INTO transfers (bucket, id, debit, credit, amount, payment, names, batch, effective, posted, previous_debit, previous_credit, place, kind, currency)
        SELECT p_bucket, l.id, l.debit, l.credit, l.amount, l.payment, 0, h.batch + 1, l.effective, now_posted, l.before_d, l.before_c, l.o, l.kind, l.currency
        FROM unnest(l_id, l_debit, l_credit, l_amount, l_payment, l_effective, l_before_d, l_before_c, l_kind, l_currency)
            WITH ORDINALITY AS l(id, debit, credit, amount, payment, effective, before_d, before_c, kind, currency, o);
    END IF;
    sealed := ledger_seal(h.hash, p_bucket, h.batch + 1, now_posted, p_booking_day, first_id, last_id,
        coalesce(l_id, '{}'), coalesce(l_debit, '{}'), coalesce(l_credit, '{}'), coalesce(l_amount, '{}'), coalesce(l_payment, '{}'),
        array_fill(0::bigint, ARRAY[legs]), coalesce(l_effective, '{}'),
        coalesce(l_before_d, '{}'), coalesce(l_before_c, '{}'), coalesce(l_kind, '{}'), coalesce(l_currency, '{}'));
    INSERT INTO batches (bucket, number, first_id, last_id, posted, booking_day, transfers, hash)
    VALUES (p_bucket, h.batch + 1, first_id, last_id, now_posted, p_booking_day, legs, sealed);
    UPDATE heads SET batch = h.batch + 1, id_max = greatest(h.id_max, last_id), posted = now_posted, hash = sealed WHERE bucket = p_bucket;

    -- 6. The subject's balance after each posting; where nothing was posted, after the batch.
    balances := array_fill(0::bigint, ARRAY[postings]);
    IF legs < cardinality(p_id) THEN
        SELECT array_agg(coalesce(a.credits_posted - a.debits_posted - a.debits_pending, 0) ORDER BY s.number) INTO balances
        FROM unnest(p_subject) WITH ORDINALITY AS s(id, number)
        LEFT JOIN accounts a ON a.bucket = p_bucket AND a.id = s.id;
    END IF;
    FOR o IN 1 .. legs LOOP
        IF l_debit[o] = p_subject[l_number[o]] THEN
            balances[l_number[o]] := l_after_d[o];
        ELSIF l_credit[o] = p_subject[l_number[o]] THEN
            balances[l_number[o]] := l_after_c[o];
        END IF;
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION ledger_lock, ledger_open, ledger_flag, ledger_post FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_lock, ledger_open, ledger_flag, ledger_post TO haihe_app;
