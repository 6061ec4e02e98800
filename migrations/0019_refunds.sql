-- Refunds: why money was given back and by whom, what waits for an account that takes nothing, and refunds added up by day.

-- What staff say about a refund; its money stands in the payment row and in the posting of the same id.
CREATE TABLE refunds (
    id      bigint   NOT NULL,
    staff   bigint   NOT NULL,           -- who gave it back; 0 the city itself
    bucket  smallint NOT NULL,
    reason  text     NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (bucket, id)
);

-- A share whose account was frozen or closed is held in the bucket's refunds in flight until it can go on.
CREATE TABLE refunds_held (
    transfer  bigint   NOT NULL,         -- that brought it there
    account   bigint   NOT NULL,         -- where it belongs
    posting   bigint   NOT NULL DEFAULT 0,   -- that moved it on; 0 it still waits
    bucket    smallint NOT NULL,
    PRIMARY KEY (bucket, transfer)
);
CREATE INDEX refunds_waiting ON refunds_held (bucket, transfer) WHERE posting = 0;

-- Refunds added up beside the tallies, in the same step; days are the city's, by the time at which was refunded.
CREATE TABLE refund_days (
    payee         bigint   NOT NULL,
    first_refund  bigint   NOT NULL,     -- between these two ids the refunds of the row lie
    last_refund   bigint   NOT NULL,
    refunds       bigint   NOT NULL,
    amount        bigint   NOT NULL,
    day           date     NOT NULL,
    bucket        smallint NOT NULL,
    kind          smallint NOT NULL,
    PRIMARY KEY (bucket, day, payee, kind),
    CONSTRAINT amounts_positive CHECK (refunds > 0 AND amount > 0)
) WITH (fillfactor = 70);

GRANT SELECT, INSERT ON refunds TO haihe_app;
GRANT SELECT, INSERT, UPDATE ON refunds_held, refund_days TO haihe_app;
