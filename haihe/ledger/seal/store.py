"""All SQL of the sealer and of proofs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from haihe.base.database import Connection, one
from haihe.base.ids import LEGS_MAX

SEAL_LOCK: Final = 0x7365616C
"""Advisory lock of the one sealer ("seal" in ASCII)."""
BATCHES_MAX: Final = 500
"""Batches whose roots are written in one transaction."""
TRANSFERS_MAX: Final = 20_000
"""Transfers that are read for it: after the batch that reaches this the transaction ends."""

# A transfer's stored columns as docs/proof.md writes them, big-endian one after the other.
ROW: Final = """int2send(t.bucket) || int8send(t.batch) || int4send(t.place) || int8send(t.id) || int8send(t.debit) || int8send(t.credit)
    || int8send(t.amount) || int8send(t.payment) || int8send(t.names) || timestamptz_send(t.effective) || timestamptz_send(t.posted)
    || int8send(t.previous_debit) || int8send(t.previous_credit) || int2send(t.kind) || int2send(t.currency) || int2send(t.phase) || int2send(t.risk)"""

_STANDS: Final = """
SELECT h.bucket, h.batch, coalesce(r.number, 0)
FROM heads h
LEFT JOIN LATERAL (
    SELECT number
    FROM batch_roots
    WHERE bucket = h.bucket
    ORDER BY number DESC
    LIMIT 1
) r ON true
ORDER BY h.bucket
"""

_ROWS: Final = f"""
SELECT b.number, b.transfers, coalesce(r.rows, '')
FROM (
    SELECT number, transfers, first_id, last_id, sum(transfers) OVER (ORDER BY number) - transfers AS before
    FROM batches
    WHERE bucket = %(bucket)s AND number > %(after)s AND number <= %(upto)s
) b
CROSS JOIN LATERAL (
    SELECT string_agg({ROW}, ''::bytea ORDER BY t.place) AS rows
    FROM transfers t
    WHERE t.bucket = %(bucket)s AND t.id BETWEEN b.first_id AND b.last_id + {LEGS_MAX - 1} AND t.batch = b.number
) r
WHERE b.before < {TRANSFERS_MAX}
ORDER BY b.number
"""  # noqa: S608 - every part is ours

_BATCHES: Final = """
SELECT b.bucket, b.number, b.transfers, b.hash, r.root
FROM unnest(%(buckets)s::smallint[], %(after)s::bigint[], %(upto)s::bigint[]) AS s(bucket, after, upto)
JOIN batches b ON b.bucket = s.bucket AND b.number > s.after AND b.number <= s.upto
JOIN batch_roots r ON r.bucket = b.bucket AND r.number = b.number
ORDER BY b.bucket, b.number
"""


class BatchRows(NamedTuple):
    """A batch without a root yet: how many transfers it says it has, and the rows that are there, in order of place."""

    number: int
    transfers: int
    rows: bytes


class RootedBatch(NamedTuple):
    """A batch as it stands in a checkpoint's tree."""

    bucket: int
    number: int
    transfers: int
    chain: bytes
    root: bytes


class Signed(NamedTuple):
    """A stored checkpoint."""

    number: int
    sealed_at: datetime
    note: str


class Standing(NamedTuple):
    """A bucket's newest batch, and its newest one with a root."""

    batch: int
    rooted: int


async def try_lock(connection: Connection) -> bool:
    """Become the one sealer for the rest of the transaction, unless somebody is."""
    row = await (await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (SEAL_LOCK,))).fetchone()
    return bool(one(row)[0])


async def standings(connection: Connection) -> dict[int, Standing]:
    """Say of every bucket how far its batches and their roots are."""
    rows = await (await connection.execute(_STANDS)).fetchall()
    return {bucket: Standing(batch, rooted) for bucket, batch, rooted in rows}


async def newest_root(connection: Connection, bucket: int) -> int:
    """Give the number of a bucket's newest batch with a root, 0 if none has."""
    row = await (
        await connection.execute("SELECT coalesce(max(number), 0) FROM batch_roots WHERE bucket = %s", (bucket,))
    ).fetchone()
    return int(one(row)[0])


async def rows_after(connection: Connection, bucket: int, *, after: int) -> list[BatchRows]:
    """Read the next batches after one, with their rows."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_ROWS, {"bucket": bucket, "after": after, "upto": after + BATCHES_MAX})
        return [BatchRows(*row) for row in await cursor.fetchall()]


async def rows_of_batch(connection: Connection, bucket: int, number: int) -> bytes:
    """Read the rows of one batch."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_ROWS, {"bucket": bucket, "after": number - 1, "upto": number})
        return bytes(one(await cursor.fetchone())[2])


async def rows_of_posting(connection: Connection, bucket: int, posting: int) -> list[bytes]:
    """Read the rows of one posting, in order of its legs."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            f"SELECT {ROW} FROM transfers t WHERE t.bucket = %s AND t.id BETWEEN %s AND %s ORDER BY t.id",  # noqa: S608 - ROW is ours
            (bucket, posting, posting + LEGS_MAX - 1),
        )
        return [bytes(row) for (row,) in await cursor.fetchall()]


async def add_roots(connection: Connection, bucket: int, roots: Mapping[int, bytes]) -> None:
    """Store roots of batches, by number."""
    await connection.execute(
        """
        INSERT INTO batch_roots (bucket, number, root)
        SELECT %s, n.number, n.root
        FROM unnest(%s::bigint[], %s::bytea[]) AS n(number, root)
        """,
        (bucket, list(roots), list(roots.values())),
    )


async def batches_between(
    connection: Connection, after: Mapping[int, int], upto: Mapping[int, int]
) -> list[RootedBatch]:
    """Read what stands in a checkpoint's tree: of each bucket the batches after one number up to another, in order."""
    async with connection.cursor(binary=True) as cursor:
        spans = {"buckets": list(upto), "after": [after.get(bucket, 0) for bucket in upto], "upto": list(upto.values())}
        await cursor.execute(_BATCHES, spans)
        return [RootedBatch(*row) for row in await cursor.fetchall()]


async def newest(connection: Connection, *, limit: int, before: int | None = None) -> list[Signed]:
    """Read the newest checkpoints, the newest first; only those before a number where one is given."""
    cursor = await connection.execute(
        """
        SELECT number, sealed_at, note
        FROM checkpoints
        WHERE number < coalesce(%s, 9223372036854775807)
        ORDER BY number DESC
        LIMIT %s
        """,
        (before, limit),
    )
    return [Signed(*row) for row in await cursor.fetchall()]


async def covering(connection: Connection, bucket: int, batch: int) -> int | None:
    """Find the checkpoint that covers a batch."""
    cursor = await connection.execute(
        "SELECT checkpoint FROM checkpoint_spans WHERE bucket = %s AND last_batch >= %s ORDER BY last_batch LIMIT 1",
        (bucket, batch),
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else None


async def add_checkpoint(connection: Connection, signed: Signed, digest: bytes, spans: Mapping[int, int]) -> None:
    """Store a checkpoint; `spans` is the newest batch of every bucket that it has news of."""
    await connection.execute(
        "INSERT INTO checkpoints (number, sealed_at, hash, note) VALUES (%s, %s, %s, %s)",
        (signed.number, signed.sealed_at, digest, signed.note),
    )
    await connection.execute(
        """
        INSERT INTO checkpoint_spans (bucket, last_batch, checkpoint)
        SELECT s.bucket, s.batch, %s
        FROM unnest(%s::smallint[], %s::bigint[]) AS s(bucket, batch)
        """,
        (signed.number, list(spans), list(spans.values())),
    )
