-- Stickers, the drivers' terminals, and the bus: feeds, lines, stops, vehicles, tariffs, rides.
-- All but `rides` is catalogue: no bucket, some ten thousand rows, held in memory by every process (versions, 'catalogue').

CREATE TABLE stickers (
    code          text        PRIMARY KEY CHECK (code ~ '^[2-9A-HJKMNP-TV-Z]{16}$'),
    kind          text        NOT NULL,
    point         bigint      NOT NULL,          -- what it is fixed to: for a bus the vehicle
    organisation  bigint      NOT NULL REFERENCES organisations,
    made          timestamptz NOT NULL,
    revoked       timestamptz,                   -- NULL while in use
    reason        text        NOT NULL DEFAULT ''
);
CREATE INDEX stickers_by_point ON stickers (kind, point);

CREATE TABLE terminals (
    id            bigint      PRIMARY KEY,
    organisation  bigint      NOT NULL REFERENCES organisations,
    kind          text        NOT NULL,
    point         bigint      NOT NULL,
    pairing       bigint      NOT NULL,          -- tokens of another pairing open nothing any more
    shift_from    timestamptz NOT NULL,
    made          timestamptz NOT NULL,
    UNIQUE (kind, point)
);

-- A source of timetables; its keys mean something only within it.
CREATE TABLE feeds (
    id            bigint      PRIMARY KEY,
    name          text        NOT NULL UNIQUE
);

CREATE TABLE lines (
    id            bigint      PRIMARY KEY,
    organisation  bigint      NOT NULL REFERENCES organisations,
    feed          bigint      NOT NULL REFERENCES feeds,
    route_key     text        NOT NULL,
    number        text        NOT NULL,          -- what stands on the bus: "17"
    names         jsonb       NOT NULL,          -- where it goes, by language
    class         smallint    NOT NULL CHECK (class BETWEEN 1 AND 3),
    length_m      integer     NOT NULL CHECK (length_m >= 0),
    colour        text        NOT NULL,          -- six hexadecimal digits or empty
    UNIQUE (feed, route_key)
);
CREATE INDEX lines_by_organisation ON lines (organisation);

CREATE TABLE stops (
    id            bigint           PRIMARY KEY,
    feed          bigint           NOT NULL REFERENCES feeds,
    stop_key      text             NOT NULL,
    names         jsonb            NOT NULL,
    latitude      double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude     double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    UNIQUE (feed, stop_key)
);

CREATE TABLE line_stops (
    line          bigint   NOT NULL REFERENCES lines,
    direction     smallint NOT NULL,
    place         integer  NOT NULL,             -- from 1 along the line
    stop          bigint   NOT NULL REFERENCES stops,
    PRIMARY KEY (line, direction, place)
);

CREATE TABLE vehicles (
    id            bigint   PRIMARY KEY,
    line          bigint   NOT NULL REFERENCES lines,
    place         integer  NOT NULL,             -- within the line, from 1
    plate         text     NOT NULL,
    UNIQUE (line, place)
);

-- What a class of line costs from a day on; the newest that has begun holds.
CREATE TABLE tariffs (
    class         smallint NOT NULL CHECK (class BETWEEN 1 AND 3),
    valid_from    date     NOT NULL,
    fare          bigint   NOT NULL CHECK (fare > 0),   -- fen
    PRIMARY KEY (class, valid_from)
);

-- One row a ride, written in its payment's transaction; never updated. Partitioned as `payments` is.
CREATE TABLE rides (
    payment       bigint   NOT NULL,
    vehicle       bigint   NOT NULL,
    rider         bigint   NOT NULL,
    line          bigint   NOT NULL,
    fare          bigint   NOT NULL,             -- fen
    batch         bigint   NOT NULL,
    service_day   date     NOT NULL,
    bucket        smallint NOT NULL,
    channel       smallint NOT NULL,
    companion     boolean  NOT NULL,
    PRIMARY KEY (bucket, vehicle, payment)
) PARTITION BY RANGE (payment);

GRANT SELECT, INSERT, UPDATE ON stickers, terminals, lines, stops, vehicles TO haihe_app;
GRANT SELECT, INSERT, DELETE ON line_stops TO haihe_app;
GRANT SELECT, INSERT ON feeds, tariffs, rides TO haihe_app;
