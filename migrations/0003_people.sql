-- Citizens, their sign-in, organisations with their staff, bank cards and top-ups.
-- People's tables carry the bucket as a plain column: phone and ID number are unique in the whole city.

CREATE TABLE citizens (
    id              bigint PRIMARY KEY,
    bucket          smallint NOT NULL,
    class           smallint NOT NULL CHECK (class BETWEEN 1 AND 3),
    -- The person's data key wrapped under the city's; everything sealed below opens with it alone (base/vault.py).
    data_key        bytea NOT NULL,
    name            bytea NOT NULL,
    id_number       bytea NOT NULL,
    phone           bytea NOT NULL,
    id_number_hash  bytea NOT NULL UNIQUE CHECK (length(id_number_hash) = 32),
    phone_hash      bytea NOT NULL UNIQUE CHECK (length(phone_hash) = 32),
    language        text NOT NULL,
    passcode        text NOT NULL,              -- argon2id, empty while there is none
    passcode_tries  smallint NOT NULL,          -- wrong ones since the last right one or the last lock
    passcode_locks  smallint NOT NULL,          -- locks since the last right one: each doubles the wait
    locked_until    timestamptz NOT NULL,
    registered_at   timestamptz NOT NULL
);

-- One living code a phone and purpose; also for phones that nobody registered, so that nothing can be learnt by asking.
CREATE TABLE sign_in_codes (
    phone_hash      bytea NOT NULL,
    purpose         smallint NOT NULL,
    code_hash       bytea NOT NULL,
    asked_at        timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    tries           smallint NOT NULL,
    used            boolean NOT NULL,
    PRIMARY KEY (phone_hash, purpose)
);

-- Sessions ended before their tokens expire; every process keeps them in memory.
CREATE TABLE revoked_sessions (
    session         bigint PRIMARY KEY,
    expires_at      timestamptz NOT NULL,
    revoked_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX revoked_sessions_by_time ON revoked_sessions (revoked_at);

CREATE TABLE organisations (
    id              bigint PRIMARY KEY,
    key             text NOT NULL UNIQUE CHECK (key ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    names           jsonb NOT NULL CHECK (names <> '{}'),
    kind            text NOT NULL,
    category        smallint NOT NULL CHECK (category BETWEEN 0 AND 9999),  -- merchant category code, ISO 18245
    created_at      timestamptz NOT NULL
);

CREATE TABLE staff (
    id              bigint PRIMARY KEY,
    organisation    bigint NOT NULL REFERENCES organisations,
    login           text NOT NULL UNIQUE,       -- lower case
    name            text NOT NULL,
    role            text NOT NULL,
    password        text NOT NULL,              -- argon2id
    language        text NOT NULL,
    tries           smallint NOT NULL,
    locks           smallint NOT NULL,
    locked_until    timestamptz NOT NULL,
    active          boolean NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE INDEX staff_by_organisation ON staff (organisation);

CREATE TABLE bank_cards (
    id              bigint PRIMARY KEY,
    citizen         bigint NOT NULL REFERENCES citizens,
    number          bytea NOT NULL,             -- sealed with the citizen's key
    number_hash     bytea NOT NULL,
    last_digits     text NOT NULL CHECK (last_digits ~ '^[0-9]{4}$'),
    mandated_at     timestamptz NOT NULL,       -- first-use mandate, announcement 43/2015 Art. 23
    UNIQUE (citizen, number_hash)
);

-- Money asked from a bank. The id is the bank's reference and the ledger's posting id at once.
CREATE TABLE top_ups (
    bucket          smallint NOT NULL,
    id              bigint NOT NULL,
    citizen         bigint NOT NULL,
    card            bigint NOT NULL,
    amount          bigint NOT NULL CHECK (amount > 0),
    status          smallint NOT NULL,          -- wallet/model.py: 0 asked, 1 done, 2 refused, 3 unknown, 4 held
    reason          text NOT NULL,
    key_hash        bytea NOT NULL,
    content_hash    bytea NOT NULL,
    balance         bigint NOT NULL,            -- the wallet's after it was credited
    asked_at        timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    next_try_at     timestamptz NOT NULL,
    tries           integer NOT NULL,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, citizen, key_hash)
);
-- A citizen's day limit and list; the open ones for the job that asks the bank again.
CREATE INDEX top_ups_by_citizen ON top_ups (bucket, citizen, id);
CREATE INDEX top_ups_open ON top_ups (bucket, next_try_at) WHERE status IN (0, 3);

GRANT SELECT, INSERT, UPDATE ON citizens, organisations, staff, top_ups TO haihe_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_codes TO haihe_app;
GRANT SELECT, INSERT, DELETE ON revoked_sessions, bank_cards TO haihe_app;
