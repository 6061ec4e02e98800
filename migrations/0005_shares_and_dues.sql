-- Money with a purpose, payments that several pay, what is owed, and codes that a payer shows.

-- How many shares a payment has in its posting; 0 where the payer's wallet paid alone, which is nearly always.
ALTER TABLE payments ADD COLUMN shares smallint NOT NULL DEFAULT 0;

-- Money that a sponsor has paid in, to give (a meal subsidy) or to bear a share (an insurance fund): an account of this id in every bucket.
CREATE TABLE funds (
    id            bigint  PRIMARY KEY,
    organisation  bigint  NOT NULL REFERENCES organisations,
    key           text    NOT NULL UNIQUE,
    names         jsonb   NOT NULL CHECK (names <> '{}')
);

-- What a purse is for, and which fund fills it (0: the citizen).
CREATE TABLE schemes (
    id     smallint PRIMARY KEY,
    key    text     NOT NULL UNIQUE,
    names  jsonb    NOT NULL CHECK (names <> '{}'),
    fund   bigint   NOT NULL
);

-- A citizen's purses: an account each, in the citizen's bucket.
CREATE TABLE purses (
    account  bigint   NOT NULL,
    citizen  bigint   NOT NULL,
    bucket   smallint NOT NULL,
    scheme   smallint NOT NULL REFERENCES schemes,
    PRIMARY KEY (bucket, citizen, scheme),
    UNIQUE (bucket, account)
);

-- What is owed to an organisation until it is paid: a bill, a fee, a contribution, a ticket that is being bought. It has no bucket, since
-- whoever pays it may live in any; its row's lock decides who pays (payments/dues).
CREATE TABLE dues (
    id            bigint      PRIMARY KEY,
    organisation  bigint      NOT NULL REFERENCES organisations,
    subject       bigint      NOT NULL,          -- whom or what it is about: a meter, a pupil, a patient
    service       bigint      NOT NULL,          -- of the catalogue; 0 none
    amount        bigint      NOT NULL CHECK (amount > 0),
    payment       bigint      NOT NULL DEFAULT 0,
    payer         bigint      NOT NULL DEFAULT 0,
    issued_at     timestamptz NOT NULL,
    expires_at    timestamptz,                   -- afterwards it cannot be paid; NULL never
    settled_at    timestamptz,                   -- paid or withdrawn
    due_on        date        NOT NULL,
    kind          smallint    NOT NULL,          -- the sector's number, as in payments
    status        smallint    NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 2),   -- 0 open, 1 paid, 2 withdrawn
    bucket        smallint    NOT NULL DEFAULT -1,   -- of the payment
    period        text        NOT NULL,          -- what it is for: 2026-10, a season, a visit
    body          jsonb       NOT NULL,          -- the sector's own words: lines of the bill, readings
    CONSTRAINT paid_by_a_payment CHECK ((status = 1) = (payment <> 0))
);
-- One living due for one thing and one period: issuing twice has no effect.
CREATE UNIQUE INDEX dues_living ON dues (kind, subject, period) WHERE status < 2;
CREATE INDEX dues_by_subject ON dues (kind, subject, id);
CREATE INDEX dues_by_organisation ON dues (organisation, issued_at);
CREATE INDEX dues_settled ON dues (organisation, settled_at) WHERE status > 0;

-- Whose dues a citizen sees and pays: the own meter, a child at school, a parent.
CREATE TABLE follows (
    citizen  bigint      NOT NULL REFERENCES citizens,
    subject  bigint      NOT NULL,
    since    timestamptz NOT NULL,
    kind     smallint    NOT NULL,
    PRIMARY KEY (citizen, kind, subject)
);

-- Codes that a payer shows to a till: 18 digits, a minute, once.
CREATE TABLE payment_codes (
    code        bigint      PRIMARY KEY CHECK (code BETWEEN 100000000000000000 AND 999999999999999999),
    citizen     bigint      NOT NULL REFERENCES citizens,
    payment     bigint      NOT NULL DEFAULT 0,   -- that used it up
    expires_at  timestamptz NOT NULL,
    bucket      smallint    NOT NULL
);
CREATE INDEX payment_codes_by_end ON payment_codes (expires_at);

GRANT SELECT, INSERT, UPDATE ON funds, schemes, dues TO haihe_app;
GRANT SELECT, INSERT ON purses TO haihe_app;
GRANT SELECT, INSERT, DELETE ON follows TO haihe_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON payment_codes TO haihe_app;
