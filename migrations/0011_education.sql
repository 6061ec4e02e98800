-- Schools: classes, pupils with their guardians, fee notices. A notice to a class is one due for each pupil.

CREATE TABLE school_classes (
    id      bigint PRIMARY KEY,
    school  bigint NOT NULL REFERENCES organisations,
    name    text   NOT NULL CHECK (name <> ''),
    UNIQUE (school, name)
);

CREATE TABLE pupils (
    id        bigint PRIMARY KEY,
    class     bigint NOT NULL REFERENCES school_classes,
    school    bigint NOT NULL REFERENCES organisations,
    number    text   NOT NULL,                   -- the school's own
    data_key  bytea  NOT NULL,                   -- wrapped, as a citizen's
    name      bytea  NOT NULL,                   -- sealed
    UNIQUE (school, number)
);
CREATE INDEX pupils_by_class ON pupils (class);

CREATE TABLE guardians (
    pupil    bigint NOT NULL REFERENCES pupils,
    citizen  bigint NOT NULL REFERENCES citizens,
    PRIMARY KEY (citizen, pupil)
);
CREATE INDEX guardians_by_pupil ON guardians (pupil);

CREATE TABLE fee_notices (
    id         bigint      PRIMARY KEY,
    school     bigint      NOT NULL REFERENCES organisations,
    class      bigint      NOT NULL REFERENCES school_classes,
    amount     bigint      NOT NULL CHECK (amount > 0),   -- fen, for each pupil
    issuer     bigint      NOT NULL,             -- who of the staff; 0 the founding
    issued_at  timestamptz NOT NULL,
    due_on     date        NOT NULL,
    form_key   text        NOT NULL,             -- of the page it was written on: sent twice, it is one notice
    titles     jsonb       NOT NULL CHECK (titles <> '{}'),
    UNIQUE (school, form_key)
);

GRANT SELECT, INSERT, UPDATE ON pupils TO haihe_app;
GRANT SELECT, INSERT ON school_classes, guardians, fee_notices TO haihe_app;
