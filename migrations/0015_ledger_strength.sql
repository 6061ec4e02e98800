-- The ledger at full strength: holds, turnover limits, transfers that name others, an open booking day.

-- What a transfer does (ledger/model.py Phase) and which of the day's limits it counts against (Risk). Old ones: moved money, counted nowhere.
ALTER TABLE transfers ADD COLUMN phase smallint NOT NULL DEFAULT 0, ADD COLUMN risk smallint NOT NULL DEFAULT 0;

-- What an account's debits may sum up to: the day's by risk, the year's, all since opening; of the booking day turnover_day and its year.
ALTER TABLE accounts
    ADD COLUMN limit_class smallint NOT NULL DEFAULT 0,          -- 0 no limits
    ADD COLUMN turnover_day date NOT NULL DEFAULT '2000-01-01',
    ADD COLUMN turnover_a bigint NOT NULL DEFAULT 0,
    ADD COLUMN turnover_b bigint NOT NULL DEFAULT 0,
    ADD COLUMN turnover_c bigint NOT NULL DEFAULT 0,
    ADD COLUMN turnover_d bigint NOT NULL DEFAULT 0,
    ADD COLUMN turnover_year bigint NOT NULL DEFAULT 0,
    ADD COLUMN turnover_total bigint NOT NULL DEFAULT 0;

-- Limits in minor units, in force from a booking day until the class's next row; NULL no limit.
CREATE TABLE turnover_limits (
    limit_class  smallint NOT NULL CHECK (limit_class BETWEEN 1 AND 9),
    since        date     NOT NULL,
    day_a        bigint   CHECK (day_a >= 0),
    day_b        bigint   CHECK (day_b >= 0),
    day_c        bigint   CHECK (day_c >= 0),
    day_d        bigint   CHECK (day_d >= 0),
    year         bigint   CHECK (year >= 0),
    total        bigint   CHECK (total >= 0),
    PRIMARY KEY (limit_class, since)
);

-- Which class an account had until a booking day, so that an auditor judges old days by the limits of their time.
CREATE TABLE limit_class_changes (
    account     bigint   NOT NULL,
    changed_on  date     NOT NULL,
    bucket      smallint NOT NULL,
    before      smallint NOT NULL,
    PRIMARY KEY (bucket, account, changed_on, before)
);

-- What is held: the transfer of this id; its rest is what was not captured or released yet, 0 when it has ended.
CREATE TABLE holds (
    id           bigint      NOT NULL,
    debit        bigint      NOT NULL,
    credit       bigint      NOT NULL,
    amount       bigint      NOT NULL,
    rest         bigint      NOT NULL,
    expires      timestamptz NOT NULL,
    booking_day  date        NOT NULL,      -- when it was counted against limits
    bucket       smallint    NOT NULL,
    risk         smallint    NOT NULL,
    PRIMARY KEY (bucket, id),
    CONSTRAINT rest_within_hold CHECK (rest BETWEEN 0 AND amount)
) WITH (fillfactor = 70);
CREATE INDEX holds_open ON holds (bucket, expires) WHERE rest > 0;

-- The open booking day: no batch is booked on an earlier one. The limits in force on it lie beside it, so that a batch reads them with its lock.
ALTER TABLE heads
    ADD COLUMN booking_day date NOT NULL DEFAULT '2000-01-01',
    ADD COLUMN limits_day date NOT NULL DEFAULT '-infinity',
    ADD COLUMN limits bigint[] NOT NULL DEFAULT '{}';
UPDATE heads h
SET booking_day = b.day
FROM (SELECT bucket, max(booking_day) AS day FROM batches GROUP BY bucket) b
WHERE b.bucket = h.bucket;

INSERT INTO accounts (bucket, id, owner, flags, kind, currency)
SELECT h.bucket, s.id, 0, 0, s.kind, 156
FROM heads h, (VALUES (8, 19), (9, 21)) AS s(id, kind);

-- Wallets have the limits of their owner's class.
UPDATE accounts a SET limit_class = c.class FROM citizens c WHERE a.bucket = c.bucket AND a.id = c.id AND a.kind = 1;

GRANT SELECT ON turnover_limits, limit_class_changes, holds TO haihe_app;


DROP FUNCTION ledger_post, ledger_open, ledger_content, ledger_seal;

-- What a posting says, as a hash over all its legs: the same id with another content is refused. A release says no amount.
CREATE FUNCTION ledger_content(debits bigint[], credits bigint[], amounts bigint[], kinds smallint[], currencies smallint[], payment bigint, effective timestamptz,
    names bigint[], phases smallint[], risks smallint[])
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(array_send(debits) || array_send(credits) || array_send(amounts) || array_send(kinds) || array_send(currencies)
                  || int8send(payment) || timestamptz_send(effective)
                  || CASE WHEN 0 = ALL(names) AND 0 = ALL(phases) AND 0 = ALL(risks) THEN ''::bytea
                     ELSE array_send(names) || array_send(phases) || array_send(risks) END)
$$;

-- The seal: previous hash, then what the batch says (bucket, number, time, day, first and last id) and its transfers in order, every
-- column that the batch does not say already; phases and risks where one is not 0 (docs/proof.md).
CREATE FUNCTION ledger_seal(previous bytea, bucket smallint, number bigint, posted timestamptz, booking_day date, first_id bigint, last_id bigint,
    ids bigint[], debits bigint[], credits bigint[], amounts bigint[], payments bigint[], names bigint[], effectives timestamptz[],
    previous_debits bigint[], previous_credits bigint[], kinds smallint[], currencies smallint[], phases smallint[], risks smallint[])
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(previous || int2send(bucket) || int8send(number) || timestamptz_send(posted) || date_send(booking_day)
                  || int8send(first_id) || int8send(last_id) || array_send(ids) || array_send(debits) || array_send(credits) || array_send(amounts)
                  || array_send(payments) || array_send(names) || array_send(effectives)
                  || array_send(previous_debits) || array_send(previous_credits) || array_send(kinds) || array_send(currencies)
                  || CASE WHEN 0 = ALL(phases) AND 0 = ALL(risks) THEN ''::bytea ELSE array_send(phases) || array_send(risks) END)
$$;

-- Opens accounts that do not exist yet and answers how many of the list exist now with exactly these properties.
CREATE FUNCTION ledger_open(p_bucket smallint, p_id bigint[], p_kind smallint[], p_owner bigint[], p_flags integer[], p_currency smallint[], p_limit_class smallint[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO accounts (bucket, id, kind, owner, flags, currency, limit_class)
    SELECT p_bucket, n.id, n.kind, n.owner, n.flags, n.currency, n.limit_class
    FROM unnest(p_id, p_kind, p_owner, p_flags, p_currency, p_limit_class) AS n(id, kind, owner, flags, currency, limit_class)
    ON CONFLICT DO NOTHING;
    RETURN (
        SELECT count(*)
        FROM unnest(p_id, p_kind, p_owner, p_currency) AS n(id, kind, owner, currency)
        JOIN accounts a ON a.bucket = p_bucket AND a.id = n.id AND a.kind = n.kind AND a.owner = n.owner AND a.currency = n.currency
    );
END $$;

-- Gives an account the limits of another class; answers whether there is such an account.
CREATE FUNCTION ledger_classify(p_bucket smallint, p_id bigint, p_limit_class smallint)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM ledger_lock(p_bucket);
    INSERT INTO limit_class_changes (bucket, account, changed_on, before)
    SELECT p_bucket, a.id, h.booking_day, a.limit_class
    FROM accounts a
    JOIN heads h ON h.bucket = a.bucket
    WHERE a.bucket = p_bucket AND a.id = p_id AND a.limit_class <> p_limit_class
    ON CONFLICT DO NOTHING;
    UPDATE accounts SET limit_class = p_limit_class WHERE bucket = p_bucket AND id = p_id;
    RETURN FOUND;
END $$;

-- Sets the limits of a class from a day on that no bucket has behind it; what was set for that day before is replaced.
CREATE FUNCTION ledger_limit(p_limit_class smallint, p_since date, p_day_a bigint, p_day_b bigint, p_day_c bigint, p_day_d bigint, p_year bigint, p_total bigint)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM heads ORDER BY bucket FOR UPDATE;
    IF EXISTS (SELECT 1 FROM heads WHERE booking_day > p_since) THEN
        RETURN false;
    END IF;
    INSERT INTO turnover_limits VALUES (p_limit_class, p_since, p_day_a, p_day_b, p_day_c, p_day_d, p_year, p_total)
    ON CONFLICT (limit_class, since) DO UPDATE
    SET day_a = excluded.day_a, day_b = excluded.day_b, day_c = excluded.day_c, day_d = excluded.day_d, year = excluded.year, total = excluded.total;
    UPDATE heads SET limits_day = '-infinity';
    RETURN true;
END $$;

-- The limits of all classes on a day, six a class from class 1: the day's of risk A, B, C, D, the year's, all.
CREATE FUNCTION ledger_limits_on(p_day date)
RETURNS bigint[] LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT array_agg(coalesce((ARRAY[l.day_a, l.day_b, l.day_c, l.day_d, l.year, l.total])[n.which], 4611686018427387904) ORDER BY n.class, n.which)
    FROM (SELECT class, which FROM generate_series(1, 9) AS class, generate_series(1, 6) AS which) n
    LEFT JOIN LATERAL (
        SELECT *
        FROM turnover_limits t
        WHERE t.limit_class = n.class AND t.since <= p_day
        ORDER BY t.since DESC
        LIMIT 1
    ) l ON true
$$;


-- Posts a batch of well-formed postings with distinct ids, in order, each all or none (ledger/service.py sorts the others out).
--
-- p_posting, p_subject, p_payment, p_effective, p_expires: one element a posting; the rest one a leg, p_number the posting's ordinal from 1.
-- p_expires, p_names, p_phase, p_risk may be empty where every element would be never or 0.
-- results: 0 posted, 1 already posted, 3 too old, 4 id reused, 5 unknown account, 6 frozen, 7 closed, 8 insufficient funds, 9 limit exceeded,
--          10 payee unknown, 11 payee frozen, 12 payee closed, 13 unknown hold, 14 hold ended, 15 above the rest (ledger/model.py Result);
--          2 malformed where a currency differs.
-- balances: what the subject can spend after its posting; for one that was not posted, after the batch.
--
-- How: one guarded UPDATE over the sums of the batch moves every account that can bear all its debits at once, in money and in
-- limits, whatever the order. Accounts that cannot are contested, and so is every account that a hold touches: the postings that touch
-- them are decided one by one, in order, from their state before the batch, and what a refused posting had done to the others is taken back.
CREATE FUNCTION ledger_post(
    p_bucket smallint, p_now timestamptz, p_booking_day date, p_remember boolean,
    p_posting bigint[], p_subject bigint[], p_payment bigint[], p_effective timestamptz[], p_expires timestamptz[],
    p_number integer[], p_id bigint[], p_debit bigint[], p_credit bigint[], p_amount bigint[], p_kind smallint[], p_currency smallint[],
    p_names bigint[], p_phase smallint[], p_risk smallint[],
    OUT batch bigint, OUT results smallint[], OUT balances bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    h            heads%ROWTYPE;
    leg          record;
    now_posted   timestamptz;
    today        date;
    new_year     date;
    caps         bigint[];      -- in force today: six a class, as ledger_limits_on gives them
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
    l_names      bigint[] := p_names;
    l_phase      smallint[] := p_phase;
    l_risk       smallint[] := p_risk;
    l_payment    bigint[];
    l_effective  timestamptz[];
    l_before_d   bigint[];
    l_before_c   bigint[];
    l_after_d    bigint[];
    l_after_c    bigint[];
    -- accounts that the guarded update moved, and of those the followed ones (chained or a subject) with what they were before
    moved        bigint[];
    f_account    bigint[];
    f_last       bigint[];      -- -1 for a subject that is not chained
    f_balance    bigint[];
    -- contested accounts: available, flags, currency, class, turnover (six each, as in caps), and the sums decided for them
    c_account    bigint[];
    c_available  bigint[];
    c_flags      integer[];
    c_currency   smallint[];
    c_class      smallint[];
    c_turnover   bigint[];
    c_debits     bigint[];
    c_credits    bigint[];
    c_pending_d  bigint[];
    c_pending_c  bigint[];
    -- holds that the batch makes or names
    k_id         bigint[] := '{}';
    k_rest       bigint[] := '{}';
    k_debit      bigint[] := '{}';
    k_credit     bigint[] := '{}';
    k_expires    timestamptz[] := '{}';
    k_day        date[] := '{}';
    k_risk       smallint[] := '{}';
    k_old        integer := 0;
    o            integer;
    d            integer;
    c            integer;
    k            integer;
    t            integer;
    sign         integer;
    phase        smallint;
    risk         smallint;
    money        bigint;
    verdict      smallint;
    sealed       bytea;
BEGIN
    SELECT * INTO h FROM heads WHERE bucket = p_bucket FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'bucket % does not exist', p_bucket;
    END IF;
    now_posted := greatest(p_now, h.posted);
    today := greatest(p_booking_day, h.booking_day);
    new_year := date_trunc('year', today);
    caps := CASE WHEN h.limits_day = today THEN h.limits ELSE ledger_limits_on(today) END;
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
                array_agg(l.kind ORDER BY l.id), array_agg(l.currency ORDER BY l.id), min(p.payment), min(p.effective),
                array_agg(coalesce(l.names, 0) ORDER BY l.id), array_agg(coalesce(l.phase, 0::smallint) ORDER BY l.id),
                array_agg(coalesce(l.risk, 0::smallint) ORDER BY l.id)) AS content
            FROM unnest(p_posting, p_payment, p_effective) WITH ORDINALITY AS p(id, payment, effective, number)
            JOIN unnest(p_number, p_id, p_debit, p_credit, p_amount, p_kind, p_currency, p_names, p_phase, p_risk)
                AS l(number, id, debit, credit, amount, kind, currency, names, phase, risk) ON l.number = p.number
            GROUP BY p.number, p.id
        ) n
        LEFT JOIN LATERAL (
            SELECT ledger_content(array_agg(t.debit ORDER BY t.id), array_agg(t.credit ORDER BY t.id),
                array_agg(CASE WHEN t.phase = 3 THEN 0 ELSE t.amount END ORDER BY t.id),
                array_agg(t.kind ORDER BY t.id), array_agg(t.currency ORDER BY t.id), min(t.payment), min(t.effective),
                array_agg(t.names ORDER BY t.id), array_agg(t.phase ORDER BY t.id),
                array_agg(CASE WHEN t.phase = 3 THEN 0::smallint ELSE t.risk END ORDER BY t.id)) AS content
            FROM transfers t
            WHERE t.bucket = p_bucket AND t.id BETWEEN n.id AND n.id + 15
            HAVING count(*) > 0
        ) s ON n.id <= h.id_max
        LEFT JOIN refusals r ON r.bucket = p_bucket AND r.id = n.id AND n.id <= h.id_max;

        IF EXISTS (SELECT 1 FROM unnest(results) AS u(result) WHERE u.result <> 0) THEN
            SELECT array_agg(l.number ORDER BY l.o), array_agg(l.id ORDER BY l.o), array_agg(l.debit ORDER BY l.o), array_agg(l.credit ORDER BY l.o),
                array_agg(l.amount ORDER BY l.o), array_agg(l.kind ORDER BY l.o), array_agg(l.currency ORDER BY l.o),
                array_agg(coalesce(l.names, 0) ORDER BY l.o), array_agg(coalesce(l.phase, 0::smallint) ORDER BY l.o), array_agg(coalesce(l.risk, 0::smallint) ORDER BY l.o)
            INTO l_number, l_id, l_debit, l_credit, l_amount, l_kind, l_currency, l_names, l_phase, l_risk
            FROM unnest(p_number, p_id, p_debit, p_credit, p_amount, p_kind, p_currency, p_names, p_phase, p_risk)
                WITH ORDINALITY AS l(number, id, debit, credit, amount, kind, currency, names, phase, risk, o)
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
    IF cardinality(l_names) = 0 THEN l_names := array_fill(0::bigint, ARRAY[legs]); END IF;
    IF cardinality(l_phase) = 0 THEN l_phase := array_fill(0::smallint, ARRAY[legs]); END IF;
    IF cardinality(l_risk) = 0 THEN l_risk := array_fill(0::smallint, ARRAY[legs]); END IF;

    -- 2. The guarded update: every account that can bear the whole batch. Legs of one account that count against different risks, or
    -- hold something, leave it contested.
    WITH moves AS MATERIALIZED (
        SELECT m.account, sum(m.debit)::bigint AS debits, sum(m.credit)::bigint AS credits, max(m.o) AS newest,
            min(m.currency) AS currency, max(m.currency) AS currency_max, bool_or(m.subject) AS subject,
            coalesce(sum(m.debit) FILTER (WHERE m.risk > 0), 0)::bigint AS counted, coalesce(max(m.risk) FILTER (WHERE m.risk > 0), 0) AS risk,
            bool_or(m.phase <> 0) OR min(m.risk) FILTER (WHERE m.risk > 0) <> max(m.risk) AS contested
        FROM (
            SELECT l.debit AS account, l.amount AS debit, 0::bigint AS credit, l.o, l.currency, l.debit = p_subject[l.number] AS subject, l.phase, l.risk
            FROM unnest(l_number, l_debit, l_amount, l_currency, l_phase, l_risk) WITH ORDINALITY AS l(number, debit, amount, currency, phase, risk, o)
            UNION ALL
            SELECT l.credit, 0, l.amount, l.o, l.currency, l.credit = p_subject[l.number], l.phase, 0::smallint
            FROM unnest(l_number, l_credit, l_amount, l_currency, l_phase) WITH ORDINALITY AS l(number, credit, amount, currency, phase, o)
        ) m
        GROUP BY m.account
        ORDER BY m.account
    ), done AS (
        UPDATE accounts a
        SET debits_posted = a.debits_posted + m.debits,
            credits_posted = a.credits_posted + m.credits,
            last_transfer = CASE WHEN a.flags & 8 = 0 THEN 0 ELSE l_id[m.newest] END,
            turnover_day = CASE WHEN m.counted = 0 THEN a.turnover_day ELSE today END,
            turnover_a = CASE WHEN m.counted = 0 THEN a.turnover_a ELSE CASE WHEN a.turnover_day = today THEN a.turnover_a ELSE 0 END + CASE m.risk WHEN 1 THEN m.counted ELSE 0 END END,
            turnover_b = CASE WHEN m.counted = 0 THEN a.turnover_b ELSE CASE WHEN a.turnover_day = today THEN a.turnover_b ELSE 0 END + CASE m.risk WHEN 2 THEN m.counted ELSE 0 END END,
            turnover_c = CASE WHEN m.counted = 0 THEN a.turnover_c ELSE CASE WHEN a.turnover_day = today THEN a.turnover_c ELSE 0 END + CASE m.risk WHEN 3 THEN m.counted ELSE 0 END END,
            turnover_d = CASE WHEN m.counted = 0 THEN a.turnover_d ELSE CASE WHEN a.turnover_day = today THEN a.turnover_d ELSE 0 END + CASE m.risk WHEN 4 THEN m.counted ELSE 0 END END,
            turnover_year = CASE WHEN m.counted = 0 OR a.turnover_day >= new_year THEN a.turnover_year ELSE 0 END + m.counted,
            turnover_total = a.turnover_total + m.counted
        FROM moves m
        WHERE a.bucket = p_bucket AND a.id = m.account
            AND a.flags & 6 = 0
            AND a.currency = m.currency AND a.currency = m.currency_max
            AND m.contested IS NOT TRUE
            AND (m.debits = 0 OR a.flags & 1 = 0 OR a.credits_posted - a.debits_posted - a.debits_pending >= m.debits)
            AND (m.counted = 0 OR a.limit_class = 0 OR (
                a.turnover_total + m.counted <= caps[a.limit_class * 6]
                AND CASE WHEN a.turnover_day >= new_year THEN a.turnover_year ELSE 0 END + m.counted <= caps[a.limit_class * 6 - 1]
                AND CASE WHEN a.turnover_day = today THEN CASE m.risk WHEN 1 THEN a.turnover_a WHEN 2 THEN a.turnover_b WHEN 3 THEN a.turnover_c ELSE a.turnover_d END
                    ELSE 0 END + m.counted <= caps[a.limit_class * 6 - 6 + m.risk]))
        RETURNING a.id, a.flags & 8 <> 0 OR m.subject AS followed,
            CASE WHEN a.flags & 8 = 0 THEN -1 ELSE old.last_transfer END AS last_before,
            old.credits_posted - old.debits_posted - old.debits_pending AS balance_before
    )
    SELECT (SELECT count(*) FROM moves), coalesce(array_agg(done.id), '{}'),
        array_agg(done.id) FILTER (WHERE done.followed),
        array_agg(done.last_before) FILTER (WHERE done.followed),
        array_agg(done.balance_before) FILTER (WHERE done.followed)
    INTO touched, moved, f_account, f_last, f_balance
    FROM done;

    -- 3. Contested accounts: decide their postings one by one.
    IF cardinality(moved) < touched THEN
        SELECT array_agg(q.id), array_agg(coalesce(a.credits_posted - a.debits_posted - a.debits_pending, 0)), array_agg(coalesce(a.flags, -1)),
            array_agg(coalesce(a.currency, 0::smallint)), array_agg(coalesce(a.limit_class, 0::smallint)),
            array_agg(0::bigint), array_agg(0::bigint), array_agg(0::bigint), array_agg(0::bigint)
        INTO c_account, c_available, c_flags, c_currency, c_class, c_debits, c_credits, c_pending_d, c_pending_c
        FROM (SELECT unnest(l_debit) AS id UNION SELECT unnest(l_credit) EXCEPT SELECT unnest(moved)) q
        LEFT JOIN accounts a ON a.bucket = p_bucket AND a.id = q.id;

        SELECT array_agg(x.value ORDER BY q.o, x.o) INTO c_turnover
        FROM unnest(c_account) WITH ORDINALITY AS q(id, o)
        LEFT JOIN accounts a ON a.bucket = p_bucket AND a.id = q.id
        CROSS JOIN LATERAL unnest(CASE WHEN a.id IS NULL THEN '{0,0,0,0,0,0}'::bigint[]
            WHEN a.turnover_day = today THEN ARRAY[a.turnover_a, a.turnover_b, a.turnover_c, a.turnover_d, a.turnover_year, a.turnover_total]
            ELSE ARRAY[0, 0, 0, 0, CASE WHEN a.turnover_day >= new_year THEN a.turnover_year ELSE 0 END, a.turnover_total] END) WITH ORDINALITY AS x(value, o);

        SELECT coalesce(array_agg(s.id), '{}'), coalesce(array_agg(s.rest), '{}'), coalesce(array_agg(s.debit), '{}'), coalesce(array_agg(s.credit), '{}'),
            coalesce(array_agg(s.expires), '{}'), coalesce(array_agg(s.booking_day), '{}'), coalesce(array_agg(s.risk), '{}'), count(*)
        INTO k_id, k_rest, k_debit, k_credit, k_expires, k_day, k_risk, k_old
        FROM holds s
        WHERE s.bucket = p_bucket AND s.id IN (SELECT l.names FROM unnest(l_names, l_phase) AS l(names, phase) WHERE l.phase >= 2);

        FOR leg IN
            SELECT l.number, min(l.o)::integer AS first, max(l.o)::integer AS last
            FROM unnest(l_number, l_debit, l_credit) WITH ORDINALITY AS l(number, debit, credit, o)
            WHERE l.number IN (
                SELECT t.number
                FROM unnest(l_number, l_debit, l_credit) AS t(number, debit, credit)
                WHERE t.debit IN (SELECT unnest(c_account)) OR t.credit IN (SELECT unnest(c_account)))
            GROUP BY l.number
            ORDER BY l.number
        LOOP
            verdict := 0;
            -- An account of another currency makes the whole posting malformed, before anything else is looked at.
            FOR i IN leg.first .. leg.last LOOP
                d := array_position(c_account, l_debit[i]);
                c := array_position(c_account, l_credit[i]);
                IF d IS NOT NULL AND c_flags[d] <> -1 AND c_currency[d] <> l_currency[i] OR c IS NOT NULL AND c_flags[c] <> -1 AND c_currency[c] <> l_currency[i] THEN
                    verdict := 2;
                END IF;
            END LOOP;
            IF verdict <> 0 THEN
                results[leg.number] := verdict;
                refused := true;
                CONTINUE;
            END IF;

            -- Legs are tried in order; at the first that cannot be, what the earlier ones did is undone backwards.
            o := leg.first;
            sign := 1;
            WHILE o BETWEEN leg.first AND leg.last LOOP
                d := array_position(c_account, l_debit[o]);
                c := array_position(c_account, l_credit[o]);
                phase := l_phase[o];
                risk := l_risk[o];
                money := l_amount[o];
                k := CASE WHEN phase >= 2 THEN array_position(k_id, l_names[o]) WHEN phase = 1 AND sign = -1 THEN array_position(k_id, l_id[o]) END;
                t := (d - 1) * 6;
                IF sign = 1 THEN
                    verdict := 0;
                    IF phase >= 2 THEN
                        IF k IS NULL OR k_debit[k] <> l_debit[o] OR k_credit[k] <> l_credit[o] THEN
                            verdict := 13;
                        ELSIF k_rest[k] = 0 OR phase = 2 AND k_expires[k] <= now_posted THEN
                            verdict := 14;
                        ELSIF money > k_rest[k] THEN
                            verdict := 15;
                        ELSIF phase = 3 THEN
                            money := k_rest[k];
                            risk := k_risk[k];
                            l_amount[o] := money;
                            l_risk[o] := risk;
                        END IF;
                    END IF;
                    IF verdict = 0 AND d IS NOT NULL AND phase <> 3 THEN
                        verdict := CASE
                            WHEN c_flags[d] = -1 THEN 5
                            WHEN c_flags[d] & 2 <> 0 THEN 6
                            WHEN c_flags[d] & 4 <> 0 THEN 7
                            WHEN c_flags[d] & 1 <> 0 AND phase <> 2 AND c_available[d] < money THEN 8
                            WHEN risk > 0 AND c_class[d] > 0 AND (
                                c_turnover[t + risk] + money > caps[c_class[d] * 6 - 6 + risk]
                                OR c_turnover[t + 5] + money > caps[c_class[d] * 6 - 1]
                                OR c_turnover[t + 6] + money > caps[c_class[d] * 6]) THEN 9
                            ELSE 0 END;
                    END IF;
                    IF verdict = 0 AND c IS NOT NULL AND phase <> 3 THEN
                        verdict := CASE
                            WHEN c_flags[c] = -1 THEN 10
                            WHEN c_flags[c] & 2 <> 0 THEN 11
                            WHEN c_flags[c] & 4 <> 0 THEN 12
                            ELSE 0 END;
                    END IF;
                    IF verdict <> 0 THEN
                        results[leg.number] := verdict;
                        refused := true;
                        sign := -1;
                        o := o - 1;
                        CONTINUE;
                    END IF;
                END IF;

                IF phase = 1 THEN
                    IF sign = 1 THEN
                        k_id := k_id || l_id[o];
                        k_rest := k_rest || money;
                        k_debit := k_debit || l_debit[o];
                        k_credit := k_credit || l_credit[o];
                        k_expires := k_expires || coalesce(p_expires[leg.number], '9999-01-01T00:00Z');
                        k_day := k_day || today;
                        k_risk := k_risk || risk;
                    ELSE
                        k_id[k] := 0;
                    END IF;
                ELSIF phase >= 2 THEN
                    k_rest[k] := k_rest[k] - sign * money;
                END IF;
                IF d IS NOT NULL THEN
                    c_available[d] := c_available[d] - sign * CASE phase WHEN 2 THEN 0 WHEN 3 THEN -money ELSE money END;
                    c_debits[d] := c_debits[d] + sign * CASE WHEN phase IN (0, 2) THEN money ELSE 0 END;
                    c_pending_d[d] := c_pending_d[d] + sign * CASE phase WHEN 0 THEN 0 WHEN 1 THEN money ELSE -money END;
                    IF risk > 0 AND phase < 2 THEN
                        c_turnover[t + risk] := c_turnover[t + risk] + sign * money;
                        c_turnover[t + 5] := c_turnover[t + 5] + sign * money;
                        c_turnover[t + 6] := c_turnover[t + 6] + sign * money;
                    ELSIF risk > 0 THEN
                        -- What is released counts no longer, in the periods in which it was counted.
                        IF k_day[k] = today THEN
                            c_turnover[t + risk] := c_turnover[t + risk] - sign * money;
                        END IF;
                        IF k_day[k] >= new_year THEN
                            c_turnover[t + 5] := c_turnover[t + 5] - sign * money;
                        END IF;
                        c_turnover[t + 6] := c_turnover[t + 6] - sign * money;
                    END IF;
                END IF;
                IF c IS NOT NULL THEN
                    c_available[c] := c_available[c] + sign * CASE WHEN phase IN (0, 2) THEN money ELSE 0 END;
                    c_credits[c] := c_credits[c] + sign * CASE WHEN phase IN (0, 2) THEN money ELSE 0 END;
                    c_pending_c[c] := c_pending_c[c] + sign * CASE phase WHEN 0 THEN 0 WHEN 1 THEN money ELSE -money END;
                END IF;
                o := o + sign;
            END LOOP;
        END LOOP;

        IF refused THEN
            -- Take back what refused postings did to accounts that the guarded update moved, and their place in the chains.
            WITH undone AS MATERIALIZED (
                SELECT x.account, sum(x.debit)::bigint AS debits, sum(x.credit)::bigint AS credits, sum(x.counted)::bigint AS counted, max(x.risk) AS risk
                FROM (
                    SELECT l.debit AS account, l.amount AS debit, 0::bigint AS credit, CASE WHEN l.risk > 0 THEN l.amount ELSE 0 END AS counted, l.risk
                    FROM unnest(l_number, l_debit, l_amount, l_risk) AS l(number, debit, amount, risk)
                    WHERE results[l.number] <> 0
                    UNION ALL
                    SELECT l.credit, 0, l.amount, 0, 0::smallint
                    FROM unnest(l_number, l_credit, l_amount) AS l(number, credit, amount)
                    WHERE results[l.number] <> 0
                ) x
                WHERE x.account <> ALL(c_account)
                GROUP BY x.account
                ORDER BY x.account
            ), newest AS (
                SELECT x.account, max(x.o) AS o
                FROM (
                    SELECT l.debit AS account, l.o FROM unnest(l_number, l_debit) WITH ORDINALITY AS l(number, debit, o) WHERE results[l.number] = 0
                    UNION ALL
                    SELECT l.credit, l.o FROM unnest(l_number, l_credit) WITH ORDINALITY AS l(number, credit, o) WHERE results[l.number] = 0
                ) x
                WHERE x.account IN (SELECT u.account FROM undone u)
                GROUP BY x.account
            )
            UPDATE accounts a
            SET debits_posted = a.debits_posted - u.debits,
                credits_posted = a.credits_posted - u.credits,
                last_transfer = CASE WHEN a.flags & 8 = 0 THEN 0 ELSE coalesce(l_id[n.o], f.last_before) END,
                turnover_a = a.turnover_a - CASE u.risk WHEN 1 THEN u.counted ELSE 0 END,
                turnover_b = a.turnover_b - CASE u.risk WHEN 2 THEN u.counted ELSE 0 END,
                turnover_c = a.turnover_c - CASE u.risk WHEN 3 THEN u.counted ELSE 0 END,
                turnover_d = a.turnover_d - CASE u.risk WHEN 4 THEN u.counted ELSE 0 END,
                turnover_year = a.turnover_year - u.counted,
                turnover_total = a.turnover_total - u.counted
            FROM undone u
            LEFT JOIN newest n ON n.account = u.account
            LEFT JOIN unnest(f_account, f_last) AS f(account, last_before) ON f.account = u.account
            WHERE a.bucket = p_bucket AND a.id = u.account;

            IF p_remember THEN
                INSERT INTO refusals (bucket, id, result, content)
                SELECT p_bucket, p_posting[l.number], results[l.number],
                    ledger_content(array_agg(l.debit ORDER BY l.id), array_agg(l.credit ORDER BY l.id), array_agg(CASE WHEN l.phase = 3 THEN 0 ELSE l.amount END ORDER BY l.id),
                        array_agg(l.kind ORDER BY l.id), array_agg(l.currency ORDER BY l.id), p_payment[l.number], p_effective[l.number],
                        array_agg(l.names ORDER BY l.id), array_agg(l.phase ORDER BY l.id), array_agg(CASE WHEN l.phase = 3 THEN 0::smallint ELSE l.risk END ORDER BY l.id))
                FROM unnest(l_number, l_id, l_debit, l_credit, l_amount, l_kind, l_currency, l_names, l_phase, l_risk)
                    AS l(number, id, debit, credit, amount, kind, currency, names, phase, risk)
                WHERE results[l.number] > 2
                GROUP BY l.number;
            END IF;
        END IF;

        WITH newest AS (
            SELECT x.account, max(x.o) AS o
            FROM (
                SELECT l.debit AS account, l.o FROM unnest(l_number, l_debit) WITH ORDINALITY AS l(number, debit, o) WHERE results[l.number] = 0
                UNION ALL
                SELECT l.credit, l.o FROM unnest(l_number, l_credit) WITH ORDINALITY AS l(number, credit, o) WHERE results[l.number] = 0
            ) x
            WHERE x.account IN (SELECT unnest(c_account))
            GROUP BY x.account
        ), contested AS (
            UPDATE accounts a
            SET debits_posted = a.debits_posted + x.debits,
                credits_posted = a.credits_posted + x.credits,
                debits_pending = a.debits_pending + x.pending_d,
                credits_pending = a.credits_pending + x.pending_c,
                last_transfer = CASE WHEN a.flags & 8 = 0 THEN 0 ELSE l_id[n.o] END,
                turnover_day = today,
                turnover_a = c_turnover[x.o * 6 - 5],
                turnover_b = c_turnover[x.o * 6 - 4],
                turnover_c = c_turnover[x.o * 6 - 3],
                turnover_d = c_turnover[x.o * 6 - 2],
                turnover_year = c_turnover[x.o * 6 - 1],
                turnover_total = c_turnover[x.o * 6]
            FROM unnest(c_account, c_debits, c_credits, c_pending_d, c_pending_c) WITH ORDINALITY AS x(id, debits, credits, pending_d, pending_c, o)
            JOIN newest n ON n.account = x.id
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

        IF cardinality(k_id) > 0 THEN
            UPDATE holds s
            SET rest = k_rest[x.o]
            FROM unnest(k_id) WITH ORDINALITY AS x(id, o)
            WHERE s.bucket = p_bucket AND s.id = x.id AND x.o <= k_old AND s.rest <> k_rest[x.o];
            INSERT INTO holds (bucket, id, debit, credit, amount, rest, expires, booking_day, risk)
            SELECT p_bucket, x.id, x.debit, x.credit, l_amount[array_position(l_id, x.id)], x.rest, x.expires, x.day, x.risk
            FROM unnest(k_id, k_debit, k_credit, k_rest, k_expires, k_day, k_risk) WITH ORDINALITY AS x(id, debit, credit, rest, expires, day, risk, o)
            WHERE x.o > k_old AND x.id <> 0;
        END IF;

        IF refused THEN
            SELECT array_agg(l.number ORDER BY l.o), array_agg(l.id ORDER BY l.o), array_agg(l.debit ORDER BY l.o), array_agg(l.credit ORDER BY l.o),
                array_agg(l.amount ORDER BY l.o), array_agg(l.kind ORDER BY l.o), array_agg(l.currency ORDER BY l.o), array_agg(l.names ORDER BY l.o),
                array_agg(l.phase ORDER BY l.o), array_agg(l.risk ORDER BY l.o)
            INTO l_number, l_id, l_debit, l_credit, l_amount, l_kind, l_currency, l_names, l_phase, l_risk
            FROM unnest(l_number, l_id, l_debit, l_credit, l_amount, l_kind, l_currency, l_names, l_phase, l_risk)
                WITH ORDINALITY AS l(number, id, debit, credit, amount, kind, currency, names, phase, risk, o)
            WHERE results[l.number] = 0;
            legs := coalesce(cardinality(l_id), 0);
        END IF;
    END IF;

    -- 4. The chain of each followed account, and its balance after every leg.
    WITH steps AS (
        SELECT s.o, s.credited,
            CASE WHEN f.last_before = -1 THEN 0 ELSE lag(s.id, 1, f.last_before) OVER w END AS before,
            f.balance_before + sum(s.change) OVER w AS after
        FROM (
            SELECT l.debit AS account, l.o, false AS credited, l.id, CASE l.phase WHEN 2 THEN 0 WHEN 3 THEN l.amount ELSE -l.amount END AS change
            FROM unnest(l_debit, l_id, l_amount, l_phase) WITH ORDINALITY AS l(debit, id, amount, phase, o)
            UNION ALL
            SELECT l.credit, l.o, true, l.id, CASE WHEN l.phase IN (0, 2) THEN l.amount ELSE 0 END
            FROM unnest(l_credit, l_id, l_amount, l_phase) WITH ORDINALITY AS l(credit, id, amount, phase, o)
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
        INSERT INTO transfers (bucket, id, debit, credit, amount, payment, names, batch, effective, posted, previous_debit, previous_credit, place, kind, currency, phase, risk)
        SELECT p_bucket, l.id, l.debit, l.credit, l.amount, l.payment, l.names, h.batch + 1, l.effective, now_posted, l.before_d, l.before_c, l.o, l.kind, l.currency, l.phase, l.risk
        FROM unnest(l_id, l_debit, l_credit, l_amount, l_payment, l_names, l_effective, l_before_d, l_before_c, l_kind, l_currency, l_phase, l_risk)
            WITH ORDINALITY AS l(id, debit, credit, amount, payment, names, effective, before_d, before_c, kind, currency, phase, risk, o);
    END IF;
    sealed := ledger_seal(h.hash, p_bucket, h.batch + 1, now_posted, today, first_id, last_id,
        coalesce(l_id, '{}'), coalesce(l_debit, '{}'), coalesce(l_credit, '{}'), coalesce(l_amount, '{}'), coalesce(l_payment, '{}'),
        coalesce(l_names, '{}'), coalesce(l_effective, '{}'), coalesce(l_before_d, '{}'), coalesce(l_before_c, '{}'), coalesce(l_kind, '{}'), coalesce(l_currency, '{}'),
        coalesce(l_phase, '{}'), coalesce(l_risk, '{}'));
    INSERT INTO batches (bucket, number, first_id, last_id, posted, booking_day, transfers, hash)
    VALUES (p_bucket, h.batch + 1, first_id, last_id, now_posted, today, legs, sealed);
    UPDATE heads SET batch = h.batch + 1, id_max = greatest(h.id_max, last_id), posted = now_posted, hash = sealed, booking_day = today,
        limits_day = today, limits = caps
    WHERE bucket = p_bucket;

    -- 6. The subject's balance after each posting; where nothing was posted, after the batch.
    balances := array_fill(0::bigint, ARRAY[postings]);
    FOR o IN 1 .. legs LOOP
        IF l_debit[o] = p_subject[l_number[o]] THEN
            balances[l_number[o]] := l_after_d[o];
        ELSIF l_credit[o] = p_subject[l_number[o]] THEN
            balances[l_number[o]] := l_after_c[o];
        END IF;
    END LOOP;
    IF legs < cardinality(p_id) THEN
        FOR leg IN
            SELECT s.number, a.credits_posted - a.debits_posted - a.debits_pending AS available
            FROM unnest(p_subject, results) WITH ORDINALITY AS s(id, result, number)
            JOIN accounts a ON a.bucket = p_bucket AND a.id = s.id
            WHERE s.result <> 0
        LOOP
            balances[leg.number] := leg.available;
        END LOOP;
    END IF;
END $$;

REVOKE ALL ON FUNCTION ledger_open, ledger_post, ledger_classify, ledger_limit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_open, ledger_post, ledger_classify, ledger_limit TO haihe_app;
