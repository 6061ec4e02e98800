-- What was paid, added up: by organisation and hour, by kind and day, and who paid for what in which year. Derived from payments and
-- their batches (payments/tallies.py), never the other way round; `haihe verify` compares them.

-- Up to which batch of its bucket everything is added up. Its row's lock lets one process at a time add.
CREATE TABLE tally_cursors (
    bucket  smallint PRIMARY KEY,
    batch   bigint   NOT NULL
) WITH (fillfactor = 20);

-- Days and hours are the city's, by the time at which was paid.
CREATE TABLE tallies (
    payee          bigint   NOT NULL,
    first_payment  bigint   NOT NULL,      -- between these two ids the payments of the row lie
    last_payment   bigint   NOT NULL,
    payments       bigint   NOT NULL,
    amount         bigint   NOT NULL,
    day            date     NOT NULL,
    bucket         smallint NOT NULL,
    kind           smallint NOT NULL,
    hour           smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    PRIMARY KEY (bucket, day, payee, kind, hour),
    CONSTRAINT amounts_positive CHECK (payments > 0 AND amount > 0)
) WITH (fillfactor = 70);

-- The same of all organisations together. `newcomers`: citizens who paid for this kind on this day for the first time in its year.
CREATE TABLE kind_days (
    payments   bigint   NOT NULL,
    amount     bigint   NOT NULL,
    newcomers  bigint   NOT NULL CHECK (newcomers >= 0),
    day        date     NOT NULL,
    bucket     smallint NOT NULL,
    kind       smallint NOT NULL,
    PRIMARY KEY (bucket, day, kind)
) WITH (fillfactor = 70);

-- Every citizen who paid for a kind in a year, with the first day on which it happened.
CREATE TABLE payers (
    citizen    bigint   NOT NULL,
    first_day  date     NOT NULL,
    bucket     smallint NOT NULL,
    kind       smallint NOT NULL,
    year       smallint NOT NULL,
    PRIMARY KEY (bucket, kind, year, citizen)
);

-- The demo's past: what each citizen's wallet is given to pay it with, and under which posting, written down before it is posted.
CREATE TABLE past_money (
    citizen  bigint   PRIMARY KEY,
    posting  bigint   NOT NULL,
    amount   bigint   NOT NULL CHECK (amount > 0),
    bucket   smallint NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON tally_cursors, tallies, kind_days, payers TO haihe_app;
GRANT SELECT, INSERT ON past_money TO haihe_app;
