"""All SQL of the audit: what is stored, read in order through cursors of the server, so that memory does not grow with the city.

No function of ours in the database is asked for anything: who owns the database could have changed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import psycopg

from haihe.base.database import one
from haihe.ledger.seal.rows import ROW_BYTES, SealedBatch
from haihe.ledger.seal.store import ROW, RootedBatch

Connection = psycopg.Connection[Any]

FETCHED_BYTES_MAX: Final = 8_000_000
"""About how much is fetched at once."""
BATCHES_FETCHED_MAX: Final = 500
SPAN_ROWS: Final = 200_000
"""About how many transfers are sorted at once."""
SPANS_MAX: Final = 32
"""Spans of a bucket: where every one has an id much older than the others, the bucket is read so often."""
ACCOUNTS_FETCHED: Final = 20_000
CHAINED: Final = 8
"""The flag of accounts whose transfers name the one before."""

_BATCHES: Final = """
SELECT b.number, b.transfers,
    int2send(b.bucket) || int8send(b.number) || timestamptz_send(b.posted) || date_send(b.booking_day) || int8send(b.first_id) || int8send(b.last_id),
    timestamptz_send(b.posted), b.hash, r.root
FROM batches b
LEFT JOIN batch_roots r ON r.bucket = b.bucket AND r.number = b.number
WHERE b.bucket = %s
ORDER BY b.number
"""

# Spans of batches that are read at once, and between which ids their transfers lie.
_SPANS: Final = """
SELECT min(s.number), max(s.number), min(s.first_id), least(max(s.last_id), 9223372036854775792) + 15
FROM (
    SELECT number, first_id, last_id, (sum(transfers) OVER (ORDER BY number) - transfers) / %s AS span
    FROM batches
    WHERE bucket = %s
) s
GROUP BY trunc(s.span)
ORDER BY 1
"""

_ROWS: Final = f"""
SELECT t.batch, string_agg({ROW}, ''::bytea ORDER BY t.place)
FROM transfers t
WHERE t.bucket = %s AND t.batch BETWEEN %s AND %s AND t.id BETWEEN %s AND %s
GROUP BY t.batch
ORDER BY t.batch
"""  # noqa: S608 - every part is ours

_STRAYS: Final = """
SELECT t.id, t.batch
FROM transfers t
LEFT JOIN batches b ON b.bucket = t.bucket AND b.number = t.batch
WHERE t.bucket = %s AND (b.number IS NULL OR t.id < b.first_id OR t.id - 15 > b.last_id)
ORDER BY t.id
LIMIT %s
"""

_TREE: Final = """
SELECT b.bucket, b.number, b.transfers, b.hash, coalesce(r.root, decode(repeat('00', 32), 'hex'))
FROM batches b
LEFT JOIN batch_roots r ON r.bucket = b.bucket AND r.number = b.number
WHERE b.bucket = %s AND b.number > %s AND b.number <= %s
ORDER BY b.number
"""

_CHECKPOINTS: Final = """
SELECT c.number, c.sealed_at, c.hash, c.note, coalesce(s.spans, '{}')
FROM checkpoints c
LEFT JOIN LATERAL (
    SELECT array_agg(ARRAY[bucket, last_batch] ORDER BY bucket) AS spans
    FROM checkpoint_spans
    WHERE checkpoint = c.number
) s ON true
WHERE c.number >= %s AND c.number <= %s
ORDER BY c.number
"""


class StoredCheckpoint(NamedTuple):
    """A row of the checkpoints, with the (bucket, last batch) of its spans."""

    number: int
    sealed_at: Any
    hash: bytes
    note: str
    spans: list[list[int]]


def batches(connection: Connection, bucket: int) -> Iterator[SealedBatch]:
    """Read a bucket's batches in order, with their roots."""
    with connection.cursor(f"batches_{bucket}", binary=True) as cursor:
        cursor.itersize = ACCOUNTS_FETCHED
        for number, transfers, head, posted, digest, root in cursor.execute(_BATCHES, (bucket,)):
            yield SealedBatch(number, transfers, head, posted, digest, root)


def rows_by_batch(connection: Connection, bucket: int) -> Iterator[tuple[int, bytes]]:
    """Read the number of every batch of which a bucket has transfers, and their rows in order of place.

    It goes by spans of batches, which are sorted in memory. Left out is what stands outside of its batch's ids (`strays`).
    """
    total, largest = _sizes(connection, bucket)
    spans = connection.execute(_SPANS, (max(SPAN_ROWS, total // SPANS_MAX), bucket)).fetchall()
    for number, (first, last, first_id, last_id) in enumerate(spans):
        with connection.cursor(f"rows_{bucket}_{number}", binary=True) as cursor:
            cursor.itersize = max(1, min(BATCHES_FETCHED_MAX, FETCHED_BYTES_MAX // (largest * ROW_BYTES)))
            yield from cursor.execute(_ROWS, (bucket, first, last, first_id, last_id))


def _sizes(connection: Connection, bucket: int) -> tuple[int, int]:
    """Give how many transfers a bucket's batches say they have, and how many the largest has, at least one."""
    row = connection.execute(
        "SELECT coalesce(sum(transfers), 0)::bigint, greatest(max(transfers), 1) FROM batches WHERE bucket = %s",
        (bucket,),
    ).fetchone()
    return one(row)


def transfer_count(connection: Connection, bucket: int) -> int:
    """Count a bucket's transfers."""
    return int(one(connection.execute("SELECT count(*) FROM transfers WHERE bucket = %s", (bucket,)).fetchone())[0])


def strays(connection: Connection, bucket: int, *, limit: int) -> list[tuple[int, int]]:
    """Name transfers, with the batch that they say, that are not among its ids or whose batch does not exist."""
    return connection.execute(_STRAYS, (bucket, limit)).fetchall()


def chained_accounts(connection: Connection, bucket: int) -> Iterator[tuple[int, int]]:
    """Read which accounts of a bucket are chained, and the newest transfer that each names."""
    with connection.cursor(f"accounts_{bucket}", binary=True) as cursor:
        cursor.itersize = ACCOUNTS_FETCHED
        statement = "SELECT id, last_transfer FROM accounts WHERE bucket = %s AND flags & %s <> 0"
        yield from cursor.execute(statement, (bucket, CHAINED))


def tree_of(connection: Connection, spans: dict[int, tuple[int, int]]) -> list[RootedBatch]:
    """Read what stands in a checkpoint's tree: of each bucket the batches after a number up to another."""
    found = []
    for bucket, (after, upto) in spans.items():
        with connection.cursor(binary=True) as cursor:
            rows = cursor.execute(_TREE, (bucket, after, upto)).fetchall()
        found += [RootedBatch(*row) for row in rows]
    return found


def hash_of_batch(connection: Connection, bucket: int, number: int) -> bytes | None:
    """Read a batch's seal; None where there is no such batch."""
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute("SELECT hash FROM batches WHERE bucket = %s AND number = %s", (bucket, number)).fetchone()
    return bytes(row[0]) if row else None


def checkpoints(connection: Connection, first: int, last: int) -> list[StoredCheckpoint]:
    """Read checkpoints by number."""
    with connection.cursor(binary=True) as cursor:
        return [StoredCheckpoint(*row) for row in cursor.execute(_CHECKPOINTS, (first, last)).fetchall()]


def checkpoint_count(connection: Connection) -> int:
    """Give the number of the newest checkpoint."""
    row = connection.execute("SELECT coalesce(max(number), 0) FROM checkpoints").fetchone()
    return int(row[0]) if row else 0
