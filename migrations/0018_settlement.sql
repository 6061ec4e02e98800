-- A day closes, every organisation is settled, and its money goes out through the bank (haihe/settlement).

-- Which batches a booking day has in a bucket. Written by ledger_close_day alone and never changed: a closed day is closed.
-- Booking days never go back in a bucket, so a day's batches follow one another; the next day begins with the batch after the last.
CREATE TABLE closed_days (
    bucket       smallint    NOT NULL,
    day          date        NOT NULL,
    first_batch  bigint      NOT NULL,
    last_batch   bigint      NOT NULL,          -- first_batch - 1 where nothing was booked
    closed_at    timestamptz NOT NULL,
    PRIMARY KEY (bucket, day)
);

-- Closes a booking day of a bucket, under the lock that every batch takes, and opens the next one; answers the day's last batch.
-- A day that was closed is answered as it was. `p_now` is the clock by which the day must be over in the city. The first day that is
-- closed takes all days before it. With `p_founding`, before any other: all that is booked so far belongs to the day before the city's
-- first, whatever day it was booked on.
CREATE FUNCTION ledger_close_day(p_bucket smallint, p_day date, p_now timestamptz, p_founding boolean DEFAULT false)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    h        heads%ROWTYPE;
    before   closed_days%ROWTYPE;
    newest   bigint;
BEGIN
    SELECT * INTO h FROM heads WHERE bucket = p_bucket FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'bucket % does not exist', p_bucket;
    END IF;
    SELECT c.last_batch INTO newest FROM closed_days c WHERE c.bucket = p_bucket AND c.day = p_day;
    IF FOUND THEN
        RETURN newest;
    END IF;
    IF (p_now AT TIME ZONE 'Asia/Shanghai')::date <= p_day THEN
        RAISE EXCEPTION 'day % is not over', p_day;
    END IF;
    SELECT * INTO before FROM closed_days WHERE bucket = p_bucket ORDER BY day DESC LIMIT 1;
    IF before.day > p_day OR p_founding AND before.day IS NOT NULL THEN
        RAISE EXCEPTION 'day % of bucket % cannot be closed after %', p_day, p_bucket, before.day;
    END IF;
    IF p_founding THEN
        newest := h.batch;
    ELSE
        SELECT b.number INTO newest
        FROM batches b
        WHERE b.bucket = p_bucket AND b.number > coalesce(before.last_batch, 0) AND b.booking_day <= p_day
        ORDER BY b.number DESC
        LIMIT 1;
    END IF;
    newest := coalesce(newest, before.last_batch, 0);
    INSERT INTO closed_days (bucket, day, first_batch, last_batch, closed_at)
    VALUES (p_bucket, p_day, coalesce(before.last_batch, 0) + 1, newest, p_now);
    UPDATE heads SET booking_day = greatest(booking_day, p_day + 1) WHERE bucket = p_bucket;
    RETURN newest;
END $$;

-- What a closed day moved in and out of organisations' tills: a row for each posting and till. The one definition of a day's money, for
-- figures, files and checks. Fees and payouts are not part of it, nor is a payout that comes back.
CREATE FUNCTION settlement_moves(p_bucket smallint, p_day date)
RETURNS TABLE (till bigint, posting bigint, payment bigint, names bigint, effective timestamptz, booking_day date, batch bigint, place integer,
    gross bigint, refunded bigint)
LANGUAGE sql STABLE AS $$
    WITH day AS MATERIALIZED (
        SELECT b.number, b.booking_day, b.first_id, b.last_id
        FROM closed_days c
        JOIN batches b ON b.bucket = p_bucket AND b.number BETWEEN c.first_batch AND c.last_batch
        WHERE c.bucket = p_bucket AND c.day = p_day AND b.transfers > 0
    )
    SELECT m.till, t.id / 16 * 16, max(t.payment), max(t.names), min(t.effective), min(d.booking_day), t.batch, min(t.place),
        sum(m.gross)::bigint, sum(m.refunded)::bigint
    FROM transfers t
    JOIN day d ON d.number = t.batch
    CROSS JOIN LATERAL (VALUES (t.credit, t.amount, 0::bigint), (t.debit, 0::bigint, t.amount)) AS m(till, gross, refunded)
    JOIN accounts a ON a.bucket = p_bucket AND a.id = m.till AND a.kind = 3
    WHERE t.bucket = p_bucket
        AND t.id BETWEEN (SELECT min(first_id) FROM day) AND (SELECT max(last_id) + 15 FROM day)
        AND t.phase IN (0, 2)                                         -- moved, captured
        AND t.debit <> 8 AND t.credit <> 8                            -- payouts
        AND (m.gross > 0 AND t.kind IN (1, 11, 12) OR m.refunded > 0 AND t.kind IN (5, 11))
    GROUP BY m.till, t.id / 16 * 16, t.batch
$$;

-- An organisation's day in one bucket, and the fee that this bucket bears, under a posting that is written down before it is used.
CREATE TABLE settlement_shares (
    bucket        smallint NOT NULL,
    organisation  bigint   NOT NULL REFERENCES organisations,
    day           date     NOT NULL,
    moves         bigint   NOT NULL,
    gross         bigint   NOT NULL CHECK (gross >= 0),
    refunded      bigint   NOT NULL CHECK (refunded >= 0),
    fee           bigint   NOT NULL DEFAULT 0 CHECK (fee >= 0),
    fee_posting   bigint   NOT NULL DEFAULT 0,     -- 0 while the fee is not decided
    fee_posted    boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (bucket, organisation, day)
);
CREATE INDEX settlement_fees_open ON settlement_shares (bucket) WHERE fee > 0 AND NOT fee_posted;

-- An organisation's day: what its statement says. Written once.
CREATE TABLE settlements (
    organisation   bigint      NOT NULL REFERENCES organisations,
    day            date        NOT NULL,
    lines          bigint      NOT NULL,          -- of the file, without its heading
    gross          bigint      NOT NULL,
    refunded       bigint      NOT NULL,
    fee            bigint      NOT NULL,
    basis_points   integer     NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
    is_paid_out    boolean     NOT NULL,          -- false: before the first day from which on is paid out
    file_hash      bytea       NOT NULL CHECK (length(file_hash) = 32),
    previous_hash  bytea       NOT NULL CHECK (length(previous_hash) = 32),  -- of the organisation's statement before this one; zeros
    hash           bytea       NOT NULL CHECK (length(hash) = 32),           -- of this statement's text
    made_at        timestamptz NOT NULL,
    PRIMARY KEY (organisation, day),
    CONSTRAINT fee_within_takings CHECK (fee >= 0 AND fee <= greatest(0, gross - refunded))
);
CREATE INDEX settlements_by_day ON settlements (day);

-- Days of which all is written down, in all buckets and for all organisations.
CREATE TABLE settled_days (
    day         date        PRIMARY KEY,
    made_at     timestamptz NOT NULL,
    is_planned  boolean     NOT NULL DEFAULT false  -- what is owed after it was written down as payouts
);

-- Where an organisation wants its money. Fresh rows replace older ones in use, and stay.
CREATE TABLE payout_accounts (
    organisation  bigint      NOT NULL REFERENCES organisations,
    since         timestamptz NOT NULL,
    account       text        NOT NULL CHECK (account ~ '^[0-9]{12,30}$'),
    PRIMARY KEY (organisation, since)
);

-- Money on its way to an organisation: at most one payout after each day. The id is our reference at the bank.
CREATE TABLE payouts (
    id            bigint      PRIMARY KEY,
    organisation  bigint      NOT NULL REFERENCES organisations,
    day           date        NOT NULL,          -- everything up to this day is in it
    account       text        NOT NULL,
    amount        bigint      NOT NULL CHECK (amount >= 0),
    status        smallint    NOT NULL,          -- settlement/model.py: 0 planned, 1 asked, 2 done, 3 refused, 4 unknown, 5 empty
    reason        text        NOT NULL DEFAULT '',
    planned_at    timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,
    next_try_at   timestamptz NOT NULL,
    tries         integer     NOT NULL DEFAULT 0,
    UNIQUE (organisation, day)
);
CREATE INDEX payouts_open ON payouts (next_try_at) WHERE status IN (0, 1, 4);

-- A payout's part from one bucket: out of the till under `posting`, and under `ending` to the bank or back to the till.
CREATE TABLE payout_portions (
    bucket        smallint NOT NULL,
    payout        bigint   NOT NULL REFERENCES payouts,
    organisation  bigint   NOT NULL,
    amount        bigint   NOT NULL CHECK (amount >= 0),
    posting       bigint   NOT NULL,
    ending        bigint   NOT NULL,
    is_moved      boolean  NOT NULL DEFAULT false,
    is_ended      boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (bucket, payout),
    CONSTRAINT moved_before_ended CHECK (is_moved OR NOT is_ended)
);
CREATE INDEX payout_portions_by_organisation ON payout_portions (organisation, bucket);
CREATE INDEX payout_portions_open ON payout_portions (payout) WHERE NOT is_ended;

-- The bank's own statement of the reserve account, line by line, as it was read. Reading a line twice changes nothing.
CREATE TABLE bank_lines (
    number     bigint      PRIMARY KEY,
    kind       text        NOT NULL,
    reference  text        NOT NULL,
    amount     bigint      NOT NULL,              -- positive: came into the reserve
    balance    bigint      NOT NULL,              -- the account's after it
    read_at    timestamptz NOT NULL,
    UNIQUE (kind, reference)
);

-- Money that the ledger opened with, as the demo's bank is told of it: up to which batch of its bucket, under this reference.
CREATE TABLE bank_openings (
    id          bigint   PRIMARY KEY,
    bucket      smallint NOT NULL,
    last_batch  bigint   NOT NULL,
    amount      bigint   NOT NULL CHECK (amount >= 0),
    is_told     boolean  NOT NULL DEFAULT false,
    UNIQUE (bucket, last_batch)
);

-- What a comparison of ledger and bank found.
CREATE TABLE reserve_checks (
    id            bigint      PRIMARY KEY,
    checked_at    timestamptz NOT NULL,
    ledger        bigint      NOT NULL,          -- the reserve as the ledger has it
    bank          bigint      NOT NULL,          -- as the bank has it
    coming        bigint      NOT NULL,          -- the bank has it and the ledger will
    going         bigint      NOT NULL,          -- the ledger has it and the bank's statement will
    difference    bigint      NOT NULL,          -- what none of this explains
    holds         boolean     NOT NULL,
    findings      jsonb       NOT NULL
);

-- A demo city that was founded before days were closed: its past, which nobody lived, is never paid out.
INSERT INTO city (name, value)
SELECT 'settled from', (max(b.booking_day) + 1)::text
FROM batches b
WHERE EXISTS (SELECT 1 FROM city WHERE name = 'past ended')
HAVING count(*) > 0
ON CONFLICT (name) DO NOTHING;

REVOKE ALL ON FUNCTION ledger_close_day FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_close_day TO haihe_app;
GRANT SELECT ON closed_days TO haihe_app;
GRANT SELECT, INSERT ON settlements, payout_accounts, bank_lines, reserve_checks TO haihe_app;
GRANT SELECT, INSERT, UPDATE ON settled_days, settlement_shares, payouts, payout_portions, bank_openings TO haihe_app;
