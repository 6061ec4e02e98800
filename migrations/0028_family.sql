-- Families: children with their guardians, relatives who may pay bills, helpers who act for somebody; how each person wants to see the app.

-- Citizens whom a guardian registered. Their phone is empty, and phone_hash made from their id (people/records.py).
CREATE TABLE children (
    child      bigint      PRIMARY KEY REFERENCES citizens,
    since      timestamptz NOT NULL,
    ended_at   timestamptz,                       -- of age: nobody's child any more
    of_age_in  smallint    NOT NULL               -- the year of the 18th birthday; the day itself stands in the sealed ID number only
);
CREATE INDEX children_growing_up ON children (of_age_in) WHERE ended_at IS NULL;

-- What a child signs in with on a phone of its own: shown in the guardian's app, for some minutes, once.
CREATE TABLE child_codes (
    child       bigint      PRIMARY KEY REFERENCES children,
    code_hash   bytea       NOT NULL UNIQUE,
    guardian    bigint      NOT NULL,
    expires_at  timestamptz NOT NULL
);

-- Who may do what for whom: invited, then linked by the other's consent, ended by either. Never deleted, never changed but for its state.
CREATE TABLE family_ties (
    id          bigint      PRIMARY KEY,
    owner       bigint      NOT NULL REFERENCES citizens,   -- the child, whose bills it is about, for whom is acted
    member      bigint      NOT NULL REFERENCES citizens,   -- the guardian, the relative, the helper
    inviter     bigint      NOT NULL REFERENCES citizens,
    month_max   bigint      NOT NULL CHECK (month_max >= 0),   -- a helper's: fen of bills a month
    invited_at  timestamptz NOT NULL,
    answer_by   timestamptz NOT NULL,
    linked_at   timestamptz,
    ended_at    timestamptz,
    until       date        NOT NULL,              -- a helper's last day; 9999-12-31 no end
    role        smallint    NOT NULL CHECK (role BETWEEN 1 AND 3),    -- people/family/model.py Role
    state       smallint    NOT NULL CHECK (state BETWEEN 0 AND 3),   -- people/family/model.py State
    place       smallint    NOT NULL,              -- a guardian's: first or second
    rights      smallint    NOT NULL,              -- a helper's: people/family/model.py Right
    kinds       smallint[]  NOT NULL,              -- a relative's: which kinds of dues (sectors' numbers)
    CONSTRAINT two_people CHECK (owner <> member),
    CONSTRAINT two_guardians CHECK (place BETWEEN 0 AND 2 AND (place <> 0) = (role = 1 AND state = 1)),
    CONSTRAINT states_have_times CHECK ((state = 0) = (linked_at IS NULL AND ended_at IS NULL) AND (state >= 2) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX family_living ON family_ties (owner, member, role) WHERE state < 2;
CREATE UNIQUE INDEX family_guardians ON family_ties (owner, place) WHERE role = 1 AND state = 1;
CREATE INDEX family_by_member ON family_ties (member) WHERE state < 2;
CREATE INDEX family_by_inviter ON family_ties (inviter) WHERE state = 0;

-- Which payments a relative made for somebody, or a helper from somebody's wallet; written in the payment's transaction.
CREATE TABLE tie_payments (
    payment  bigint   NOT NULL,
    tie      bigint   NOT NULL REFERENCES family_ties,
    amount   bigint   NOT NULL CHECK (amount > 0),
    paid_on  date     NOT NULL,
    bucket   smallint NOT NULL,                    -- the payer's
    PRIMARY KEY (bucket, payment)
);
CREATE INDEX tie_payments_by_tie ON tie_payments (tie, paid_on);

-- How large the type is that a person reads, and whether the start page is the simple one: what the browser's cookie says (web/display.py).
ALTER TABLE citizens ADD COLUMN display text NOT NULL DEFAULT '' CHECK (display IN ('', '125', '150', 'simple', '125-simple', '150-simple'));

GRANT SELECT, INSERT ON children, family_ties, tie_payments TO haihe_app;
GRANT UPDATE (ended_at) ON children TO haihe_app;
GRANT UPDATE (state, place, linked_at, ended_at) ON family_ties TO haihe_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON child_codes TO haihe_app;
