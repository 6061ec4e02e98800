-- Utilities: who is supplied, what their meters said, and what was withdrawn. Bills themselves are dues of kind 4.

-- How a service of the catalogue is billed. Catalogue: no bucket, a handful of rows, held in memory by every process.
CREATE TABLE utility_plans (
    service             bigint   PRIMARY KEY REFERENCES services,
    organisation        bigint   NOT NULL REFERENCES organisations,
    low_income_service  bigint   NOT NULL,   -- whose price low-income households get; 0 none
    due_days            smallint NOT NULL CHECK (due_days BETWEEN 0 AND 366),
    measure             text     NOT NULL CHECK (measure IN ('meter', 'area', 'flat')),
    number_pattern      text     NOT NULL CHECK (number_pattern <> ''),   -- of this biller's customer numbers
    number_example      text     NOT NULL,
    season_starts       text     NOT NULL,   -- month and day from which a season is billed, such as 10-01; '' billed by month
    season_ends         text     NOT NULL,   -- month and day until which it is to be paid
    CONSTRAINT season_is_whole CHECK ((season_starts = '') = (season_ends = ''))
);

-- A point of supply. Of its holder nothing is kept but a masked name, so that who pays for others sees that the number is right.
CREATE TABLE utility_accounts (
    id            bigint      PRIMARY KEY,
    organisation  bigint      NOT NULL REFERENCES organisations,
    service       bigint      NOT NULL REFERENCES utility_plans,
    area_milli    bigint      NOT NULL CHECK (area_milli >= 0),   -- thousandths of a square metre; 0 where nothing is billed by area
    opened_at     timestamptz NOT NULL,
    low_income    boolean     NOT NULL,
    number        text        NOT NULL,
    holder        text        NOT NULL CHECK (holder = '' OR holder ~ '^.\*+$'),
    UNIQUE (organisation, number)
);

-- What a meter said. Never changed: a wrong reading is withdrawn together with its bill.
CREATE TABLE utility_readings (
    id             bigint      PRIMARY KEY,
    account        bigint      NOT NULL REFERENCES utility_accounts,
    value_milli    bigint      NOT NULL CHECK (value_milli >= 0),
    carried_milli  bigint      NOT NULL CHECK (carried_milli >= 0),   -- used earlier in the year, billed before this city did; first readings only
    due            bigint      NOT NULL,   -- the bill that came of it; 0 none: a first reading, or nothing to pay
    staff          bigint      NOT NULL,   -- who entered it; 0 at founding
    taken_at       timestamptz NOT NULL,
    read_on        date        NOT NULL
);
CREATE INDEX utility_readings_by_account ON utility_readings (account, read_on);
-- A bill comes of one reading.
CREATE UNIQUE INDEX utility_readings_by_due ON utility_readings (due) WHERE due <> 0;

-- Readings and bills that were wrong, who said so and why.
CREATE TABLE utility_withdrawals (
    id            bigint      PRIMARY KEY,
    account       bigint      NOT NULL REFERENCES utility_accounts,
    reading       bigint      NOT NULL,   -- 0: the bill came of none
    due           bigint      NOT NULL,   -- 0: the reading made no bill
    staff         bigint      NOT NULL,
    withdrawn_at  timestamptz NOT NULL,
    reason        text        NOT NULL CHECK (reason <> ''),
    CONSTRAINT something_is_withdrawn CHECK (reading <> 0 OR due <> 0)
);
CREATE UNIQUE INDEX utility_withdrawals_by_reading ON utility_withdrawals (reading) WHERE reading <> 0;
CREATE UNIQUE INDEX utility_withdrawals_by_due ON utility_withdrawals (due) WHERE due <> 0;

GRANT SELECT, INSERT, UPDATE ON utility_plans, utility_accounts TO haihe_app;
GRANT SELECT, INSERT ON utility_readings, utility_withdrawals TO haihe_app;
