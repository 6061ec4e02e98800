-- Express and intercity coaches: where they go and when, what a kilometre costs, and the tickets.
-- All but runs and tickets is catalogue: no bucket, held in memory by every process (versions, 'catalogue').

CREATE TABLE coach_stops (
    id            bigint   PRIMARY KEY,
    key           text     NOT NULL UNIQUE,
    names         jsonb    NOT NULL CHECK (names <> '{}')
);

-- A route in one direction. What it costs above the tariff's rate stands in `factor`, the motorway's toll for one coach in `toll`.
CREATE TABLE coach_routes (
    id            bigint   PRIMARY KEY,
    organisation  bigint   NOT NULL REFERENCES organisations,
    toll          bigint   NOT NULL CHECK (toll >= 0),              -- fen
    factor        smallint NOT NULL CHECK (factor BETWEEN 0 AND 300),   -- per mille
    key           text     NOT NULL,
    names         jsonb    NOT NULL CHECK (names <> '{}'),
    UNIQUE (organisation, key)
);

CREATE TABLE coach_route_stops (
    route         bigint   NOT NULL REFERENCES coach_routes,
    place         smallint NOT NULL CHECK (place > 0),              -- from 1 along the route
    stop          bigint   NOT NULL REFERENCES coach_stops,
    at_m          integer  NOT NULL CHECK (at_m >= 0),              -- road metres from the first stop
    after_min     smallint NOT NULL CHECK (after_min >= 0),         -- minutes after the departure
    PRIMARY KEY (route, place)
);

-- The timetable: on these ISO weekdays, at this time in the city, a coach with so many seats.
CREATE TABLE coach_departures (
    id            bigint     PRIMARY KEY,
    route         bigint     NOT NULL REFERENCES coach_routes,
    leaves        time       NOT NULL,
    seats         smallint   NOT NULL CHECK (seats BETWEEN 1 AND 200),
    weekdays      smallint[] NOT NULL,
    UNIQUE (route, leaves)
);

-- What a passenger and kilometre costs from a day on, until a day if it ends; at most one holds on a day, the newest that has begun.
CREATE TABLE coach_tariffs (
    valid_from    date     PRIMARY KEY,
    until         date     CHECK (until >= valid_from),
    per_km        integer  NOT NULL CHECK (per_km > 0),             -- fen
    load_percent  smallint NOT NULL CHECK (load_percent BETWEEN 1 AND 100)   -- so many of the seats share the toll
);

-- One departure on one day. Its row's lock decides who gets the last seat.
CREATE TABLE coach_runs (
    id            bigint   PRIMARY KEY,
    departure     bigint   NOT NULL REFERENCES coach_departures,
    day           date     NOT NULL,
    seats         smallint NOT NULL,
    UNIQUE (departure, day)
);
CREATE INDEX coach_runs_by_day ON coach_runs (day);

-- A seat for one person, held from the order on, sold with the payment of its due; released when it was not paid in time.
CREATE TABLE coach_tickets (
    id            bigint      PRIMARY KEY,
    run           bigint      NOT NULL REFERENCES coach_runs,
    citizen       bigint      NOT NULL REFERENCES citizens,
    due           bigint      NOT NULL UNIQUE REFERENCES dues,
    payment       bigint      NOT NULL DEFAULT 0,
    by_distance   bigint      NOT NULL,             -- fen
    surcharge     bigint      NOT NULL,             -- fen
    checked_by    bigint      NOT NULL DEFAULT 0,   -- member of staff
    ordered_at    timestamptz NOT NULL,
    held_until    timestamptz NOT NULL,
    checked_at    timestamptz,                      -- shown to the driver, once
    seat          smallint    NOT NULL CHECK (seat > 0),
    from_place    smallint    NOT NULL,
    to_place      smallint    NOT NULL CHECK (to_place > from_place),
    bucket        smallint    NOT NULL DEFAULT -1,  -- of the payment
    released      boolean     NOT NULL DEFAULT false,
    code          text        NOT NULL UNIQUE,      -- what its square says
    order_key     text        NOT NULL,
    CONSTRAINT only_paid_is_checked CHECK (checked_at IS NULL OR payment <> 0),
    CONSTRAINT paid_is_not_released CHECK (NOT released OR payment = 0)
);
-- One order, one seat, however often its button is pressed; a seat has one passenger.
CREATE UNIQUE INDEX coach_tickets_by_order ON coach_tickets (citizen, order_key) WHERE NOT released;
CREATE UNIQUE INDEX coach_tickets_by_seat ON coach_tickets (run, seat) WHERE NOT released;

GRANT SELECT, INSERT, UPDATE ON coach_stops, coach_routes, coach_departures, coach_tickets TO haihe_app;
GRANT SELECT, INSERT, DELETE ON coach_route_stops TO haihe_app;
GRANT SELECT, INSERT ON coach_tariffs TO haihe_app;
-- FOR UPDATE asks for the right to update, though nothing of a run ever changes.
GRANT SELECT, INSERT, UPDATE ON coach_runs TO haihe_app;
