-- Paper cards for people without a phone, and the service counter: whom it served, and the cash that it took.

-- A card lies between two batches of its citizen's bucket: it paid in none up to `issued_after` and in none beyond `revoked_after`.
CREATE TABLE paper_cards (
    id             bigint      NOT NULL PRIMARY KEY,
    citizen        bigint      NOT NULL,
    issued_by      bigint      NOT NULL,             -- the member of staff, or the citizen
    issued_after   bigint      NOT NULL,             -- the bucket's newest batch when it was issued
    revoked_after  bigint,                           -- and when it was revoked; null while it lives
    revoked_by     bigint,
    issued_at      timestamptz NOT NULL,
    revoked_at     timestamptz,
    bucket         smallint    NOT NULL,
    code_hash      bytea       NOT NULL UNIQUE,      -- keyed, for finding
    code           bytea       NOT NULL,             -- sealed with the citizen's key, for printing
    CONSTRAINT revoked_whole CHECK ((revoked_at IS NULL) = (revoked_after IS NULL) AND (revoked_at IS NULL) = (revoked_by IS NULL)),
    CONSTRAINT ends_after_begin CHECK (revoked_after >= issued_after)
);
CREATE UNIQUE INDEX paper_cards_living ON paper_cards (citizen) WHERE revoked_at IS NULL;
CREATE INDEX paper_cards_citizen ON paper_cards (citizen, id);
GRANT SELECT, INSERT ON paper_cards TO haihe_app;
GRANT UPDATE (revoked_after, revoked_by, revoked_at) ON paper_cards TO haihe_app;

-- A clerk of a service counter has somebody before them. What was proved of the person opens the page, for a quarter of an hour.
CREATE TABLE desk_visits (
    id            bigint      NOT NULL PRIMARY KEY,
    organisation  bigint      NOT NULL,
    clerk         bigint      NOT NULL,
    citizen       bigint      NOT NULL,
    opened_at     timestamptz NOT NULL,
    bucket        smallint    NOT NULL,
    found_by      smallint    NOT NULL,              -- payments/desk/model.py FoundBy
    card_seen     boolean     NOT NULL DEFAULT false,
    code_told     boolean     NOT NULL DEFAULT false
);
CREATE INDEX desk_visits_clerk ON desk_visits (clerk, id);
GRANT SELECT, INSERT ON desk_visits TO haihe_app;
GRANT UPDATE (card_seen, code_told) ON desk_visits TO haihe_app;

-- Cash taken at a counter: its posting moves as much from the counter's till to the wallet, in the citizen's bucket.
CREATE TABLE cash_ins (
    id            bigint      NOT NULL,              -- of the posting
    citizen       bigint      NOT NULL,
    organisation  bigint      NOT NULL,
    clerk         bigint      NOT NULL,
    amount        bigint      NOT NULL CHECK (amount > 0),
    taken_at      timestamptz NOT NULL,
    day           date        NOT NULL,              -- of the city
    bucket        smallint    NOT NULL,
    key_hash      bytea       NOT NULL,
    PRIMARY KEY (bucket, id),
    UNIQUE (clerk, key_hash)
);
CREATE INDEX cash_ins_day ON cash_ins (organisation, day, id);
GRANT SELECT, INSERT ON cash_ins TO haihe_app;

-- A cash-in that was taken back, by two people: its posting gives the money back to the till and names the one that it takes back.
CREATE TABLE cash_reversals (
    id            bigint      NOT NULL,              -- of the posting
    cash_in       bigint      NOT NULL,
    asked_by      bigint      NOT NULL,
    decided_by    bigint      NOT NULL,
    reversed_at   timestamptz NOT NULL,
    bucket        smallint    NOT NULL,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, cash_in),
    CONSTRAINT four_eyes CHECK (asked_by <> decided_by)
);
GRANT SELECT, INSERT ON cash_reversals TO haihe_app;

-- What a clerk has taken on a day: its row's lock lets one cash-in at a time decide about the day's limit.
CREATE TABLE cash_drawers (
    clerk         bigint      NOT NULL,
    amount        bigint      NOT NULL CHECK (amount >= 0),
    day           date        NOT NULL,
    PRIMARY KEY (clerk, day)
) WITH (fillfactor = 70);
GRANT SELECT, INSERT, UPDATE ON cash_drawers TO haihe_app;

-- The demo's counter begins with money in every bucket: written down before it is posted, so that it is posted once.
CREATE TABLE cash_floats (
    organisation  bigint      NOT NULL,
    posting       bigint      NOT NULL,
    amount        bigint      NOT NULL CHECK (amount > 0),
    bucket        smallint    NOT NULL,
    PRIMARY KEY (bucket, organisation)
);
GRANT SELECT, INSERT ON cash_floats TO haihe_app;
