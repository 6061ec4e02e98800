-- Who did what: the audit log, chained row by row, and people's own caps on what they pay.

-- Append-only: the app may read it and append by `audit_append`, nothing else. `details` is JSON text without personal data.
CREATE TABLE audit (
    number       bigint      NOT NULL PRIMARY KEY,   -- without gaps, in commit order
    at           timestamptz NOT NULL,
    actor        bigint      NOT NULL,
    organisation bigint      NOT NULL,               -- where the actor works, 0 nowhere
    subject      bigint      NOT NULL,               -- whom or what it was about, 0 nothing
    actor_kind   smallint    NOT NULL,               -- base/audit.py Actor
    action       text        NOT NULL,
    outcome      text        NOT NULL,               -- 'done', or the code of the refusal
    details      text        NOT NULL,
    hash         bytea       NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, number) WHERE subject <> 0;
CREATE INDEX audit_organisation ON audit (organisation, number) WHERE organisation <> 0;

CREATE TABLE audit_head (
    only_one boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_one),
    number   bigint  NOT NULL,
    hash     bytea   NOT NULL
);
INSERT INTO audit_head (number, hash) VALUES (0, '\x0000000000000000000000000000000000000000000000000000000000000000');

-- A row's hash: over the one before and every column (docs/proof.md).
CREATE FUNCTION audit_hash(previous bytea, number bigint, at timestamptz, actor_kind smallint, actor bigint, organisation bigint, subject bigint,
    action text, outcome text, details text)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(previous || int8send(number) || timestamptz_send(at) || int2send(actor_kind) || int8send(actor) || int8send(organisation)
                  || int8send(subject) || array_send(ARRAY[action, outcome, details]))
$$;

-- Appends rows in the caller's transaction; the log stays locked until it ends.
CREATE FUNCTION audit_append(p_at timestamptz, p_actor_kind smallint[], p_actor bigint[], p_organisation bigint[], p_subject bigint[],
    p_action text[], p_outcome text[], p_details text[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head audit_head%ROWTYPE;
BEGIN
    SELECT * INTO head FROM audit_head FOR UPDATE;
    FOR i IN 1 .. cardinality(p_actor) LOOP
        head.number := head.number + 1;
        head.hash := audit_hash(head.hash, head.number, p_at, p_actor_kind[i], p_actor[i], p_organisation[i], p_subject[i],
                                p_action[i], p_outcome[i], p_details[i]);
        INSERT INTO audit (number, at, actor, organisation, subject, actor_kind, action, outcome, details, hash)
        VALUES (head.number, p_at, p_actor[i], p_organisation[i], p_subject[i], p_actor_kind[i], p_action[i], p_outcome[i], p_details[i], head.hash);
    END LOOP;
    UPDATE audit_head SET number = head.number, hash = head.hash;
    RETURN head.number;
END $$;
GRANT SELECT ON audit, audit_head TO haihe_app;

-- What a citizen may pay of the wallet by an agreement of their own (a child's month, a paper card's day): counted in the payment's batch.
CREATE TABLE caps (
    citizen     bigint   NOT NULL,
    amount      bigint   NOT NULL CHECK (amount >= 0),
    spent       bigint   NOT NULL DEFAULT 0,     -- in the period that began on spent_from
    spent_from  date     NOT NULL DEFAULT '2000-01-01',
    set_by      bigint   NOT NULL,               -- the citizen or member of staff who set it
    bucket      smallint NOT NULL,
    scope       smallint NOT NULL,               -- wallet/caps/model.py Scope
    period      smallint NOT NULL,               -- wallet/caps/model.py Period
    PRIMARY KEY (bucket, citizen, scope, period)
) WITH (fillfactor = 80);
GRANT SELECT, INSERT, UPDATE, DELETE ON caps TO haihe_app;
