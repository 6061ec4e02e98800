-- Staff: sessions, the places they sign in from, the second factor, what needs a second person, and the seal over the audit log.

ALTER TABLE staff
    ADD COLUMN signed_in_at timestamptz NOT NULL DEFAULT 'epoch',   -- the last time; 'epoch' never
    ADD COLUMN temporary boolean NOT NULL DEFAULT false;            -- somebody else made the password: it has to be changed first

-- A console session lives as long as its row: whoever is disabled, or whose password changes, has none any more.
CREATE TABLE staff_sessions (
    id        bigint      NOT NULL PRIMARY KEY,     -- the token's session
    staff     bigint      NOT NULL REFERENCES staff,
    begun_at  timestamptz NOT NULL,
    seen_at   timestamptz NOT NULL                  -- written about once a minute
);
CREATE INDEX staff_sessions_by_staff ON staff_sessions (staff);

-- Where a login has been used: wrong tries are counted for each such place by itself, and for all others together in `staff`.
CREATE TABLE staff_places (
    staff         bigint      NOT NULL REFERENCES staff,
    place         bytea       NOT NULL,             -- keyed hash of the network address
    tries         smallint    NOT NULL,
    locks         smallint    NOT NULL,
    locked_until  timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL,
    PRIMARY KEY (staff, place)
);

-- The second factor (RFC 6238): the secret is sealed with a key of its own, wrapped under the city's.
CREATE TABLE staff_factors (
    staff        bigint      NOT NULL PRIMARY KEY REFERENCES staff,
    key          bytea       NOT NULL,
    secret       bytea       NOT NULL,
    last_step    bigint      NOT NULL,              -- the newest time step whose code was used: none serves twice
    enrolled_at  timestamptz NOT NULL
);
CREATE TABLE staff_recovery_codes (
    staff  bigint NOT NULL REFERENCES staff_factors ON DELETE CASCADE,
    code   bytea  NOT NULL,                         -- keyed hash; deleted when used
    PRIMARY KEY (staff, code)
);

-- From when on an organisation's staff need it; without a row they need not.
CREATE TABLE organisation_security (
    organisation        bigint NOT NULL PRIMARY KEY REFERENCES organisations,
    second_factor_from  date   NOT NULL
);

-- What one member of staff asked for and another one decides.
CREATE TABLE approvals (
    id            bigint      NOT NULL PRIMARY KEY,
    organisation  bigint      NOT NULL REFERENCES organisations,
    asked_by      bigint      NOT NULL REFERENCES staff,
    decided_by    bigint      NOT NULL DEFAULT 0,   -- 0 nobody yet
    asked_at      timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    decided_at    timestamptz NOT NULL DEFAULT 'epoch',
    status        smallint    NOT NULL DEFAULT 0,   -- organisations/approvals/model.py Status
    kind          text        NOT NULL,
    content       text        NOT NULL,             -- JSON, written in one way
    content_hash  bytea       NOT NULL,
    CONSTRAINT two_people CHECK (decided_by <> asked_by),
    CONSTRAINT decided_by_somebody CHECK (status NOT IN (1, 2) OR decided_by <> 0)
);
CREATE INDEX approvals_by_organisation ON approvals (organisation, id);
-- The same thing is asked for once at a time.
CREATE UNIQUE INDEX approvals_open ON approvals (organisation, content_hash) WHERE status = 0;

-- The seal over the audit log: signed notes, each naming the one before it and the newest row that it covers (docs/proof.md).
CREATE TABLE audit_checkpoints (
    number     bigint      NOT NULL PRIMARY KEY,    -- from 1 without a gap
    sealed_at  timestamptz NOT NULL,
    row        bigint      NOT NULL,                -- the newest row of `audit` that it covers
    hash       bytea       NOT NULL,                -- of the signed text
    note       text        NOT NULL
);

CREATE INDEX audit_action ON audit (action, number);

GRANT SELECT, INSERT, UPDATE, DELETE ON staff_sessions, staff_places, staff_factors, organisation_security TO haihe_app;
GRANT SELECT, INSERT, DELETE ON staff_recovery_codes TO haihe_app;
GRANT SELECT, INSERT ON approvals, audit_checkpoints TO haihe_app;
GRANT UPDATE (decided_by, decided_at, status) ON approvals TO haihe_app;
