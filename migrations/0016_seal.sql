-- The seal over all buckets: a root over each batch, and checkpoints that the city signs (docs/proof.md). Nothing here is ever changed.

-- Merkle root over the transfers of a batch, in order of their places.
CREATE TABLE batch_roots (
    number  bigint   NOT NULL,
    bucket  smallint NOT NULL,
    root    bytea    NOT NULL,
    PRIMARY KEY (bucket, number),
    CONSTRAINT root_is_sha256 CHECK (octet_length(root) = 32)
);

CREATE TABLE checkpoints (
    number     bigint      PRIMARY KEY,        -- from 1 without a gap
    sealed_at  timestamptz NOT NULL,
    hash       bytea       NOT NULL,           -- over the signed text; the next checkpoint names it
    note       text        NOT NULL            -- the text and its signature
);

-- Which checkpoint covers a batch: that of the first span of its bucket whose last batch is not before it.
CREATE TABLE checkpoint_spans (
    last_batch  bigint   NOT NULL,
    checkpoint  bigint   NOT NULL,
    bucket      smallint NOT NULL,
    PRIMARY KEY (bucket, last_batch)
);

GRANT SELECT, INSERT ON batch_roots, checkpoints, checkpoint_spans TO haihe_app;
