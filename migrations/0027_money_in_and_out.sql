-- Money in and out: withdrawals, automatic top-ups, payments straight from a card, and who was told of a month's statement.

-- Who asked for a top-up (wallet/model.py Origin): 0 the citizen, 1 the citizen's own rule, 2 a payment by card.
ALTER TABLE top_ups ADD COLUMN origin smallint NOT NULL DEFAULT 0;

-- Money on its way to a citizen's own card. The id is the bank's reference and the posting that takes it out of the wallet, `ending` the
-- posting that brings it to the bank, or back.
CREATE TABLE withdrawals (
    bucket          smallint    NOT NULL,
    id              bigint      NOT NULL,
    ending          bigint      NOT NULL,
    citizen         bigint      NOT NULL,
    card            bigint      NOT NULL,
    amount          bigint      NOT NULL CHECK (amount > 0),
    status          smallint    NOT NULL,          -- wallet/withdrawals/model.py: 0 asked, 1 done, 2 refused, 3 unknown, 4 held
    reason          text        NOT NULL,
    key_hash        bytea       NOT NULL,
    content_hash    bytea       NOT NULL,
    balance         bigint      NOT NULL,          -- the wallet's after it left, and after it came back
    asked_at        timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    next_try_at     timestamptz NOT NULL,
    tries           integer     NOT NULL,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, citizen, key_hash)
);
CREATE INDEX withdrawals_by_citizen ON withdrawals (bucket, citizen, id);
CREATE INDEX withdrawals_open ON withdrawals (bucket, next_try_at) WHERE status IN (0, 3);

-- A citizen's rule: whenever the wallet has less than `below`, `amount` is pulled from the card, at most `month_max` in a month.
CREATE TABLE auto_top_ups (
    bucket       smallint    NOT NULL,
    citizen      bigint      NOT NULL,
    card         bigint      NOT NULL,
    below        bigint      NOT NULL CHECK (below > 0),
    amount       bigint      NOT NULL,
    month_max    bigint      NOT NULL,
    newest       bigint      NOT NULL,             -- the top-up that it asked for last; 0 none
    refusals     integer     NOT NULL,             -- one after another
    stopped      text        NOT NULL,             -- why it does nothing any more; '' while it does
    set_at       timestamptz NOT NULL,
    next_look_at timestamptz NOT NULL,
    PRIMARY KEY (bucket, citizen),
    CONSTRAINT one_is_enough CHECK (amount >= below),
    CONSTRAINT month_allows_one CHECK (month_max >= amount)
);

-- A payment straight from a card: the id is the top-up's that pulls the money for it.
CREATE TABLE card_payments (
    bucket        smallint    NOT NULL,
    id            bigint      NOT NULL,
    citizen       bigint      NOT NULL,
    code          text        NOT NULL,
    amount        bigint      NOT NULL CHECK (amount > 0),   -- what is pulled: the payer's own part
    typed         bigint      NOT NULL,                      -- the amount that the payer typed; 0 where the code has a price
    companion     boolean     NOT NULL,
    is_static     boolean     NOT NULL,                      -- counts against the day's limit of static codes
    status        smallint    NOT NULL,                      -- payments/card_payments/model.py: 0 open, 1 paid, 2 refused, 3 kept
    reason        text        NOT NULL,
    payment       bigint      NOT NULL,
    key_hash      bytea       NOT NULL,
    content_hash  bytea       NOT NULL,
    asked_at      timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, citizen, key_hash),
    FOREIGN KEY (bucket, id) REFERENCES top_ups (bucket, id)
);
CREATE INDEX card_payments_by_citizen ON card_payments (bucket, citizen, id);
CREATE INDEX card_payments_open ON card_payments (bucket, id) WHERE status = 0;

-- How far the citizens of a bucket were told that a month's statement is there.
CREATE TABLE statement_notices (
    bucket        smallint NOT NULL,
    month         date     NOT NULL,
    last_citizen  bigint   NOT NULL,
    is_done       boolean  NOT NULL,
    PRIMARY KEY (bucket, month)
);

GRANT SELECT, INSERT, UPDATE ON withdrawals, card_payments, statement_notices TO haihe_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON auto_top_ups TO haihe_app;
