-- What is sold at tills and stalls, and the points of shops.

-- One row a sale, written in its payment's transaction; never updated. Partitioned as `payments` is.
CREATE TABLE sales (
    payment  bigint   NOT NULL,
    point    bigint   NOT NULL,              -- a till, a stall, a self-service shelf
    payer    bigint   NOT NULL,
    amount   bigint   NOT NULL,              -- fen
    batch    bigint   NOT NULL,
    bucket   smallint NOT NULL,
    channel  smallint NOT NULL,
    PRIMARY KEY (bucket, point, payment)
) PARTITION BY RANGE (payment);

-- Where a shop takes money. Catalogue: no bucket, held in memory by every process (versions, 'catalogue').
CREATE TABLE shop_points (
    id            bigint  PRIMARY KEY,
    organisation  bigint  NOT NULL REFERENCES organisations,
    place         integer NOT NULL CHECK (place > 0),   -- within the shop, from 1
    names         jsonb   NOT NULL CHECK (names <> '{}'),
    UNIQUE (organisation, place)
);

GRANT SELECT, INSERT ON sales, shop_points TO haihe_app;
