-- Outpatient care: what the insurance promises, who is insured, clinic bills, and who looked at a patient.

-- A hospital's level in the insurance: 1 primary, 2 secondary, 3 tertiary.
CREATE TABLE hospitals (
    organisation  bigint   PRIMARY KEY REFERENCES organisations,
    level         smallint NOT NULL CHECK (level BETWEEN 1 AND 3)
);

-- What the insurance promises from a day on; the newest that has begun holds. Amounts in fen a year.
CREATE TABLE health_policies (
    valid_from  date     PRIMARY KEY,
    deductible  bigint   NOT NULL CHECK (deductible >= 0),   -- what everyone pays alone first
    ceiling     bigint   NOT NULL CHECK (ceiling >= 0),      -- what the fund pays at most
    primary_percent    smallint NOT NULL CHECK (primary_percent BETWEEN 0 AND 100),
    secondary_percent  smallint NOT NULL CHECK (secondary_percent BETWEEN 0 AND 100),
    tertiary_percent   smallint NOT NULL CHECK (tertiary_percent BETWEEN 0 AND 100)
);

-- Whose outpatient bills the fund shares.
CREATE TABLE insured (
    patient  bigint      PRIMARY KEY REFERENCES citizens,
    since    timestamptz NOT NULL
);

-- What a patient's bills of a year have used of deductible and ceiling; its row's lock decides which of two bills comes first.
-- `before` is what the insurer knew of before the city's own bills.
CREATE TABLE health_years (
    patient            bigint   NOT NULL REFERENCES citizens,
    deductible_before  bigint   NOT NULL DEFAULT 0 CHECK (deductible_before >= 0),
    fund_before        bigint   NOT NULL DEFAULT 0 CHECK (fund_before >= 0),
    deductible_used    bigint   NOT NULL DEFAULT 0,
    fund_used          bigint   NOT NULL DEFAULT 0,
    year               smallint NOT NULL,
    PRIMARY KEY (patient, year),
    CONSTRAINT nothing_given_back_twice CHECK (deductible_used >= deductible_before AND fund_used >= fund_before)
);

-- A clinic bill beside its due: what it took of the year.
CREATE TABLE health_bills (
    due         bigint   PRIMARY KEY REFERENCES dues,
    patient     bigint   NOT NULL REFERENCES citizens,
    hospital    bigint   NOT NULL REFERENCES hospitals,
    visit       bigint   NOT NULL,               -- one visit is billed once
    clerk       bigint   NOT NULL,               -- who issued it; 0 the founding
    deductible  bigint   NOT NULL CHECK (deductible >= 0),
    fund        bigint   NOT NULL CHECK (fund >= 0),
    year        smallint NOT NULL,
    UNIQUE (patient, hospital, visit),
    FOREIGN KEY (patient, year) REFERENCES health_years (patient, year)
);

-- Which clerk opened which patient's record, and when. Only ever added to.
CREATE TABLE clinic_looks (
    id        bigint      PRIMARY KEY,
    staff     bigint      NOT NULL REFERENCES staff,
    hospital  bigint      NOT NULL REFERENCES organisations,
    patient   bigint      NOT NULL REFERENCES citizens,
    at        timestamptz NOT NULL
);
CREATE INDEX clinic_looks_by_hospital ON clinic_looks (hospital, id);

GRANT SELECT, INSERT, UPDATE ON hospitals, health_years TO haihe_app;
GRANT SELECT, INSERT ON health_policies, insured, health_bills, clinic_looks TO haihe_app;
