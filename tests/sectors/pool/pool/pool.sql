-- The swimming pool: its places, and who was let in at them.

CREATE TABLE pool_places (
    id            bigint  PRIMARY KEY,
    organisation  bigint  NOT NULL REFERENCES organisations,
    label         text    NOT NULL,              -- what stands on it: T1, L02
    use           text    NOT NULL CHECK (use IN ('entry', 'locker')),
    UNIQUE (organisation, label)
);

CREATE TABLE pool_visits (
    payment       bigint      NOT NULL,
    place         bigint      NOT NULL REFERENCES pool_places,
    visitor       bigint      NOT NULL,
    until         timestamptz,                   -- of a locker; NULL for an entry
    bucket        smallint    NOT NULL,
    PRIMARY KEY (bucket, payment)
);
CREATE INDEX pool_visits_by_place ON pool_visits (place, until);

-- UPDATE is what locking a row asks for
GRANT SELECT, INSERT, UPDATE ON pool_places TO haihe_app;
GRANT SELECT, INSERT ON pool_visits TO haihe_app;
