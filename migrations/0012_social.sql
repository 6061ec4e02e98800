-- Resident contributions: the bureau's programme as dated data, who is responsible for whom, who is covered for which year.

-- When people may enrol, and who pays which service of the catalogue. Written once: a new rule is a new row.
CREATE TABLE social_programmes (
    organisation  bigint  NOT NULL REFERENCES organisations,
    valid_from    date    NOT NULL,
    windows       jsonb   NOT NULL CHECK (jsonb_typeof(windows) = 'array'),   -- [{"from": "09-01", "to": "12-31", "year": "next"}]
    groups        jsonb   NOT NULL CHECK (jsonb_typeof(groups) = 'array'),    -- [{"key": "adult", "from": 18, "to": 59, "service": …}]
    PRIMARY KEY (organisation, valid_from)
);

-- What the city knows of a person beside the age: "student", "low-income".
CREATE TABLE social_standings (
    person        bigint  NOT NULL REFERENCES citizens,
    valid_from    date    NOT NULL,
    until         date,                          -- the last day; NULL without end
    standing      text    NOT NULL CHECK (standing ~ '^[a-z][a-z-]{0,31}$'),
    PRIMARY KEY (person, standing, valid_from)
);

-- Whom a citizen pays for beside the own person.
CREATE TABLE social_relatives (
    citizen       bigint      NOT NULL REFERENCES citizens,
    person        bigint      NOT NULL REFERENCES citizens,
    since         timestamptz NOT NULL,
    PRIMARY KEY (citizen, person),
    CONSTRAINT somebody_else CHECK (citizen <> person)
);

-- Who is covered for a year, once. It has no bucket of its own, since whoever pays may live in any; `bucket` is the payment's.
CREATE TABLE contributions (
    person        bigint      NOT NULL REFERENCES citizens,
    id            bigint      NOT NULL UNIQUE,   -- the due's; of someone covered without paying its own
    organisation  bigint      NOT NULL REFERENCES organisations,
    amount        bigint      NOT NULL CHECK (amount >= 0),    -- paid
    subsidy       bigint      NOT NULL CHECK (subsidy >= 0),   -- what the public bears instead
    payment       bigint      NOT NULL,          -- 0 if nothing was to be paid
    payer         bigint      NOT NULL,
    recorded_at   timestamptz NOT NULL,
    covered_from  date        NOT NULL,
    year          smallint    NOT NULL,
    bucket        smallint    NOT NULL,          -- -1 without a payment
    tier          text        NOT NULL,
    receipt       text        NOT NULL UNIQUE CHECK (receipt ~ '^[0-9]{24}$'),
    PRIMARY KEY (person, year),
    CONSTRAINT paid_or_subsidised CHECK ((payment = 0) = (amount = 0) AND (payment = 0) = (bucket < 0) AND amount + subsidy > 0)
);
CREATE INDEX contributions_by_payment ON contributions (bucket, payment);
CREATE INDEX contributions_by_organisation ON contributions (organisation, year, id);

GRANT SELECT, INSERT ON social_programmes, social_standings, contributions TO haihe_app;
GRANT SELECT, INSERT, DELETE ON social_relatives TO haihe_app;
