-- Money that goes from bucket to bucket in two durable steps, and citizens who send money to citizens.

-- Written with step 1, which moves the money from its account to the bridge of this bucket. Step 2 moves it from the bridge of the other
-- bucket to its account there, under the same posting id; where that is refused, `undo` moves it back. So the row says all that is left
-- to do, and whoever does it twice does it once, because the ledger knows the ids (ledger/crossings).
CREATE TABLE crossings (
    id         bigint      NOT NULL,             -- the posting of both steps: of the first in `bucket`, of the second in `target`
    undo       bigint      NOT NULL,             -- the posting that takes step 1 back, in `bucket`
    debit      bigint      NOT NULL,             -- in `bucket`
    credit     bigint      NOT NULL,             -- in `target`
    amount     bigint      NOT NULL CHECK (amount > 0),
    back       bigint      NOT NULL DEFAULT 0,   -- the account to which the money went back: the debited one, or suspense (4)
    effective  timestamptz NOT NULL,
    bucket     smallint    NOT NULL,
    target     smallint    NOT NULL,
    state      smallint    NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),   -- 0 open, 1 arrived, 2 returned
    reason     smallint    NOT NULL DEFAULT 0,   -- why step 2 was refused (ledger/model.py Result)
    body       bytea       NOT NULL,             -- what the arrival is told besides the money; the ledger does not look into it
    PRIMARY KEY (bucket, id),
    CONSTRAINT buckets_differ CHECK (bucket <> target),
    CONSTRAINT undo_is_another CHECK (undo <> id),
    CONSTRAINT returned_for_a_reason CHECK ((state = 2) = (back <> 0) AND (state = 2) = (reason <> 0))
);
-- What is on its way, for the job that finishes it; nearly always empty.
CREATE INDEX crossings_open ON crossings (bucket, id) WHERE state = 0;

-- A citizen sent money, or was refused and shall get the same answer again. Never changed: what became of it says its crossing; where there
-- is none, both live in one bucket and it arrived at once.
CREATE TABLE sendings (
    id           bigint      NOT NULL,           -- of the posting
    sender       bigint      NOT NULL,
    recipient    bigint      NOT NULL,
    amount       bigint      NOT NULL CHECK (amount > 0),
    balance      bigint      NOT NULL,           -- the sender's after it, what there was when refused
    sent_at      timestamptz NOT NULL,
    bucket       smallint    NOT NULL,           -- the sender's
    result       smallint    NOT NULL,           -- ledger/model.py Result: 0 posted
    key_hash     bytea       NOT NULL,
    content      bytea       NOT NULL,           -- keyed hash of phone, amount and note
    note         bytea       NOT NULL,           -- sealed with the sender's key; empty if there is none
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, sender, key_hash)
);

-- The recipient's side of it, written in the transaction in which the money arrives.
CREATE TABLE arrivals (
    id           bigint      NOT NULL,           -- of the posting
    recipient    bigint      NOT NULL,
    sender       bigint      NOT NULL,
    amount       bigint      NOT NULL CHECK (amount > 0),
    balance      bigint      NOT NULL,           -- the recipient's after it
    arrived_at   timestamptz NOT NULL,
    bucket       smallint    NOT NULL,           -- the recipient's
    note         bytea       NOT NULL,           -- sealed with the recipient's key
    PRIMARY KEY (bucket, id)
);

GRANT SELECT, INSERT ON crossings, sendings, arrivals TO haihe_app;
GRANT UPDATE (state, reason, back) ON crossings TO haihe_app;
