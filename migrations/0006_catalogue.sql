-- Services as dated data. Catalogue: no bucket, some thousand rows, held in memory by every process (versions, 'catalogue').

CREATE TABLE services (
    id            bigint      PRIMARY KEY,
    organisation  bigint      NOT NULL REFERENCES organisations,
    key           text        NOT NULL CHECK (key ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    sector        text        NOT NULL,
    grouping      text        NOT NULL,          -- what it is shown with
    names         jsonb       NOT NULL CHECK (names <> '{}'),
    icon          text        NOT NULL,
    made          timestamptz NOT NULL,
    UNIQUE (organisation, key)
);

-- What a service costs from a day on; the newest that has begun holds. Written once: a new price is a new row.
CREATE TABLE service_terms (
    service       bigint      NOT NULL REFERENCES services,
    valid_from    date        NOT NULL,
    until         date,                          -- the last day; NULL without end
    made          timestamptz NOT NULL,
    audience      text        NOT NULL,          -- who may use it; '' everybody
    purses        text[]      NOT NULL,          -- keys of schemes, in the order of their use
    price         jsonb       NOT NULL CHECK (price ->> 'rule' IS NOT NULL),
    opens         jsonb       NOT NULL,          -- opening hours; [] always
    PRIMARY KEY (service, valid_from),
    CONSTRAINT ends_after_beginning CHECK (until >= valid_from)
);

GRANT SELECT, INSERT, UPDATE ON services TO haihe_app;
GRANT SELECT, INSERT ON service_terms TO haihe_app;
