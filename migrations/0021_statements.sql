-- The books: what moved on accounts that are not chained, in order, so that a page of a till's statement reads that page and no more.
-- Derived from transfers and their batches (ledger/statements), never the other way round; `haihe verify` compares them.

-- Up to which batch of its bucket everything is written into the books. Its row's lock lets one process at a time write.
CREATE TABLE book_cursors (
    bucket  smallint PRIMARY KEY,
    batch   bigint   NOT NULL
) WITH (fillfactor = 20);

-- Which books there are: one for every account that is not chained, and one control account, -kind, for all others of a kind together
-- (wallets, purses, what may still be refunded), since each of those has its own walk.
CREATE TABLE books (
    account  bigint   NOT NULL,
    bucket   smallint NOT NULL,
    kind     smallint NOT NULL,
    PRIMARY KEY (bucket, account)
);

-- A leaf holds the transfers of one book in the order of (batch, place), at most 128, and what is brought forward from the leaves before
-- it. Only a book's last leaf ever grows. Amounts in minor units; holds and releases move no money and stand in no book.
CREATE TABLE book_leaves (
    account          bigint      NOT NULL,
    first_posted     timestamptz NOT NULL,
    first_batch      bigint      NOT NULL,
    last_posted      timestamptz NOT NULL,
    last_batch       bigint      NOT NULL,
    lines_forward    bigint      NOT NULL,      -- lines, debits and credits of all leaves before this one
    debits_forward   bigint      NOT NULL,
    credits_forward  bigint      NOT NULL,
    debits           bigint      NOT NULL,
    credits          bigint      NOT NULL,
    amount_min       bigint      NOT NULL,      -- these seven say whether a filter need look into the leaf
    amount_max       bigint      NOT NULL,
    id_min           bigint      NOT NULL,
    id_max           bigint      NOT NULL,
    first_place      integer     NOT NULL,
    last_place       integer     NOT NULL,
    debit_lines      integer     NOT NULL,
    credit_lines     integer     NOT NULL,
    kinds            integer     NOT NULL,      -- bit n: a transfer of kind n is in it
    bucket           smallint    NOT NULL,
    ids              bigint[]    NOT NULL,
    PRIMARY KEY (bucket, account, first_posted, first_batch, first_place),
    CONSTRAINT lines_within_leaf CHECK (cardinality(ids) BETWEEN 1 AND 128)
) WITH (fillfactor = 80);

GRANT SELECT, INSERT, UPDATE ON book_cursors, books, book_leaves TO haihe_app;
