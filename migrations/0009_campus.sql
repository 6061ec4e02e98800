-- Universities: their stalls and shops, who belongs to them, and the meal money that they give.

-- Where a university takes money. Catalogue: no bucket, held in memory by every process (versions, 'catalogue'). What is sold there are
-- the services whose key begins with the point's.
CREATE TABLE campus_points (
    id            bigint  PRIMARY KEY,
    organisation  bigint  NOT NULL REFERENCES organisations,
    key           text    NOT NULL CHECK (key ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
    kind          text    NOT NULL CHECK (kind IN ('canteen', 'shop', 'service')),   -- only canteens take meal money
    names         jsonb   NOT NULL CHECK (names <> '{}'),
    UNIQUE (organisation, key)
);

-- Who has a card of which university; the number is the university's own.
CREATE TABLE campus_cards (
    citizen       bigint   NOT NULL REFERENCES citizens,
    organisation  bigint   NOT NULL REFERENCES organisations,
    valid_until   date     NOT NULL,           -- its last day
    bucket        smallint NOT NULL,           -- the citizen's
    role          smallint NOT NULL CHECK (role BETWEEN 1 AND 2),     -- 1 student, 2 staff
    status        smallint NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 1),   -- 0 in use, 1 blocked
    number        text     NOT NULL,
    PRIMARY KEY (citizen, organisation),
    UNIQUE (organisation, number)
);

-- Money for meals, written down before it is posted so that it is posted once: what a university paid into its fund, bucket by bucket
-- (citizen 0), and what it gave to whom for which month.
CREATE TABLE campus_meal_money (
    posting       bigint   NOT NULL UNIQUE,
    organisation  bigint   NOT NULL REFERENCES organisations,
    citizen       bigint   NOT NULL,
    amount        bigint   NOT NULL CHECK (amount > 0),   -- fen
    month         date     NOT NULL CHECK (extract(day FROM month) = 1),
    bucket        smallint NOT NULL,
    PRIMARY KEY (organisation, month, bucket, citizen)
);

GRANT SELECT, INSERT, UPDATE ON campus_points, campus_cards TO haihe_app;
GRANT SELECT, INSERT ON campus_meal_money TO haihe_app;
