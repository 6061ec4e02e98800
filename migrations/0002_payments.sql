-- Payments: the rows that are receipt and event at once, their idempotency keys, other news, and the catalogue's version.

-- Never updated. A refused payment is a row too; readers of rides and history skip it.
CREATE TABLE payments (
    id        bigint      NOT NULL,          -- the posting of the same id moved the money
    payer     bigint      NOT NULL,          -- citizen, and the wallet of the same id
    payee     bigint      NOT NULL,          -- organisation, and its till of the same id
    amount    bigint      NOT NULL,
    balance   bigint      NOT NULL,          -- the payer's after it
    batch     bigint      NOT NULL,          -- the ledger batch of its bucket
    point     bigint      NOT NULL,          -- what the code is fixed to: a vehicle, a till
    service   bigint      NOT NULL,          -- the sector's own reference: a line
    names     bigint      NOT NULL,          -- the payment that this one refers to; 0 none
    content   bigint      NOT NULL,          -- hash of the request: the same key with another one is refused
    paid_at   timestamptz NOT NULL,
    bucket    smallint    NOT NULL,
    kind      smallint    NOT NULL,          -- the sector's kind of code
    channel   smallint    NOT NULL,
    status    smallint    NOT NULL,          -- 0 paid (payments/model.py Status)
    currency  smallint    NOT NULL,
    PRIMARY KEY (bucket, id),
    CONSTRAINT amount_positive CHECK (amount > 0)
) PARTITION BY RANGE (id);

-- One partition a day; all that are kept are asked under the bucket's lock.
CREATE TABLE payment_keys (
    key      bigint   NOT NULL,              -- hash of payer and idempotency key
    payment  bigint   NOT NULL,
    bucket   smallint NOT NULL,
    PRIMARY KEY (bucket, key, payment)
) PARTITION BY RANGE (payment);

-- News that is not a payment. Numbers of a bucket are gap-free and in commit order, because their head is locked until commit.
CREATE TABLE outbox_heads (
    bucket  smallint PRIMARY KEY,
    number  bigint   NOT NULL
) WITH (fillfactor = 20);

CREATE TABLE outbox (
    number   bigint      NOT NULL,
    subject  bigint      NOT NULL,
    at       timestamptz NOT NULL,
    bucket   smallint    NOT NULL,
    kind     text        NOT NULL,
    body     jsonb       NOT NULL,
    PRIMARY KEY (bucket, number)
);

-- What every process keeps in memory is read again when its number changes.
CREATE TABLE versions (
    name    text   PRIMARY KEY,
    number  bigint NOT NULL
);
INSERT INTO versions VALUES ('catalogue', 1);

-- What the city was founded with, and cannot change.
CREATE TABLE city (
    name   text PRIMARY KEY,
    value  text NOT NULL
);

GRANT SELECT, INSERT ON payments, payment_keys, outbox TO haihe_app;
GRANT SELECT, UPDATE ON outbox_heads, versions TO haihe_app;
GRANT SELECT, INSERT ON city TO haihe_app;
