-- Where people are signed in, their passkeys, frozen wallets, and forgotten passcodes.

-- Every sign-in with a device that was given a row of its own; kept for a while after its end, so that a known device is known again.
CREATE TABLE sign_ins (
    session         bigint PRIMARY KEY,
    citizen         bigint NOT NULL REFERENCES citizens,
    signed_in_at    timestamptz NOT NULL,
    seen_at         timestamptz NOT NULL,       -- to the hour
    expires_at      timestamptz NOT NULL,
    way             smallint NOT NULL,          -- people/devices/model.py Way
    ended           boolean NOT NULL DEFAULT false,
    device          bytea NOT NULL CHECK (length(device) = 32),     -- keyed hash of person and device: tells nothing to others
    browser         text NOT NULL,              -- words of a fixed list, '' unknown
    system          text NOT NULL
);
CREATE INDEX sign_ins_by_citizen ON sign_ins (citizen, session);
CREATE INDEX sign_ins_by_end ON sign_ins (expires_at);

-- Public keys whose private halves lie in people's devices (WebAuthn).
CREATE TABLE passkeys (
    id              bigint PRIMARY KEY,
    citizen         bigint NOT NULL REFERENCES citizens,
    credential      bytea NOT NULL UNIQUE CHECK (length(credential) BETWEEN 16 AND 1023),
    public_key      bytea NOT NULL,             -- COSE
    counter         bigint NOT NULL,            -- what the authenticator counted last; 0 where it counts nothing
    name            bytea NOT NULL,             -- sealed with the citizen's key
    added_at        timestamptz NOT NULL,
    used_at         timestamptz NOT NULL        -- added_at while it has not been used
);
CREATE INDEX passkeys_by_citizen ON passkeys (citizen, id);

-- Challenges that have served, until they expire: each serves once.
CREATE TABLE used_challenges (
    challenge       bytea PRIMARY KEY,
    expires_at      timestamptz NOT NULL
);

-- Whose wallet is frozen now; the history is in the audit log.
CREATE TABLE freezes (
    citizen         bigint PRIMARY KEY REFERENCES citizens,
    frozen_at       timestamptz NOT NULL,
    by_kind         smallint NOT NULL,          -- base/audit.py Actor
    by_id           bigint NOT NULL
);

-- Who has forgotten the passcode and may choose another one from ready_at to expires_at.
CREATE TABLE passcode_resets (
    citizen         bigint PRIMARY KEY REFERENCES citizens,
    asked_at        timestamptz NOT NULL,
    ready_at        timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON sign_ins, passkeys, passcode_resets TO haihe_app;
GRANT SELECT, INSERT, DELETE ON used_challenges, freezes TO haihe_app;
