"""All SQL about the reserve: the bank's statement as it was read, what it is compared with, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from haihe.base.database import Connection, one
from haihe.settlement.model import ReserveCheck

_COLUMNS: Final = "id, checked_at, ledger, bank, coming, going, difference, holds, findings"

# The reserve is an asset, so that its balance is negative.
_LEDGER: Final = """
SELECT coalesce(sum(debits_posted - credits_posted), 0)::bigint
FROM accounts
WHERE kind = 10
"""

# What bank and ledger say of each reference that moved the reserve: top-ups in, withdrawals and payouts out, and what the city opened
# with. `posted` and `line` are signed fen, 0 where one of them has nothing; `is_open` while its outcome is awaited and the bank moved
# no other amount than it was asked, `is_fresh` if it was posted since the statement was begun to be read. Only those that differ are given.
_UNMATCHED: Final = """
WITH ours AS (
    SELECT 'pull' AS kind, u.id, CASE WHEN u.status IN (1, 4) THEN u.amount ELSE 0 END AS posted,
        u.amount AS asked, u.status IN (0, 3) AS is_open, u.changed_at >= %(since)s AS is_fresh
    FROM top_ups u
    UNION ALL
    SELECT 'push', w.id, CASE WHEN w.status = 1 THEN -w.amount ELSE 0 END,
        -w.amount, w.status IN (0, 3), w.changed_at >= %(since)s
    FROM withdrawals w
    UNION ALL
    SELECT 'push', o.id,
        -coalesce((SELECT sum(p.amount) FROM payout_portions p WHERE p.payout = o.id AND p.is_ended AND o.status = 2), 0)::bigint,
        -o.amount,
        o.status IN (0, 1, 4) OR o.status = 2 AND EXISTS (SELECT 1 FROM payout_portions p WHERE p.payout = o.id AND NOT p.is_ended),
        o.changed_at >= %(since)s
    FROM payouts o
    UNION ALL
    SELECT 'deposit', d.id, d.amount, d.amount, false, NOT d.is_told
    FROM bank_openings d
)
SELECT coalesce(l.kind, o.kind), coalesce(l.reference, o.id::text), coalesce(o.posted, 0), coalesce(l.amount, 0),
    coalesce(o.is_open AND coalesce(l.amount, o.asked) = o.asked, false), coalesce(o.is_fresh, false)
FROM ours o
FULL JOIN bank_lines l ON l.kind = o.kind AND l.reference = o.id::text
WHERE coalesce(o.posted, 0) <> coalesce(l.amount, 0)
ORDER BY 1, 2
LIMIT %(limit)s
"""

_BY_KIND: Final = """
SELECT kind, sum(credits_posted - debits_posted)::bigint
FROM accounts
WHERE kind NOT IN (20, 21)
GROUP BY kind
HAVING sum(credits_posted - debits_posted) <> 0
ORDER BY kind
"""

_INSERT: Final = f"INSERT INTO reserve_checks ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608

_CHECKS: Final = f"SELECT {_COLUMNS} FROM reserve_checks ORDER BY id DESC LIMIT %s"  # noqa: S608

# What the ledger opened with since the demo's bank was told last: money that nobody paid in.
_OPENED: Final = """
WITH told AS (
    SELECT coalesce(max(last_batch), 0) AS batch
    FROM bank_openings
    WHERE bucket = %(bucket)s
), fresh AS MATERIALIZED (
    SELECT b.number, b.first_id, b.last_id
    FROM batches b
    WHERE b.bucket = %(bucket)s AND b.number > (SELECT batch FROM told)
)
SELECT (SELECT max(number) FROM fresh), coalesce(sum(t.amount), 0)::bigint
FROM transfers t
JOIN fresh f ON f.number = t.batch
WHERE t.bucket = %(bucket)s AND t.debit = 1 AND t.kind IN (3, 4)
    AND t.id BETWEEN (SELECT min(first_id) FROM fresh) AND (SELECT max(last_id) + 15 FROM fresh)
"""

_PUT_OPENING: Final = """
INSERT INTO bank_openings (id, bucket, last_batch, amount, is_told)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (bucket, last_batch) DO NOTHING
"""

_UNTOLD: Final = "SELECT id, amount FROM bank_openings WHERE NOT is_told ORDER BY id"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A reference of which bank and ledger say different things, in signed fen: what was posted, what stands on the statement."""

    kind: str
    reference: str
    posted: int
    line: int
    is_open: bool
    is_fresh: bool


async def one_view(connection: Connection) -> None:
    """Let the transaction see one moment, however long it reads."""
    await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


async def ledger_reserve(connection: Connection) -> int:
    """Sum up the reserve over all buckets as the ledger has it, in fen."""
    return int(one(await (await connection.execute(_LEDGER)).fetchone())[0])


async def unmatched(connection: Connection, *, since: datetime, limit: int) -> list[Unmatched]:
    """Give the references of which bank and ledger say different things."""
    rows = await (await connection.execute(_UNMATCHED, {"since": since, "limit": limit})).fetchall()
    return [Unmatched(row[0], row[1], int(row[2]), int(row[3]), row[4], row[5]) for row in rows]


async def by_kind(connection: Connection) -> dict[int, int]:
    """Sum up all accounts by their kind, in fen."""
    return dict(await (await connection.execute(_BY_KIND)).fetchall())


async def insert(connection: Connection, check: ReserveCheck) -> None:
    """Keep what a comparison found."""
    await connection.execute(
        _INSERT,
        (
            check.id,
            check.checked_at,
            check.ledger,
            check.bank,
            check.coming,
            check.going,
            check.difference,
            check.holds,
            Jsonb(list(check.findings)),
        ),
    )


async def newest_checks(connection: Connection, *, limit: int) -> list[ReserveCheck]:
    """Read the newest comparisons."""
    rows = await (await connection.execute(_CHECKS, (limit,))).fetchall()
    return [ReserveCheck(**dict(zip(_COLUMNS.split(", "), row, strict=True))) for row in rows]


async def opened(connection: Connection, bucket: int) -> tuple[int | None, int]:
    """Give the newest batch of a bucket that the demo's bank was not told of (None: none), and what was opened until it."""
    row: Any = one(await (await connection.execute(_OPENED, {"bucket": bucket})).fetchone())
    return row[0], int(row[1])


async def put_opening(connection: Connection, *, identity: int, bucket: int, last_batch: int, amount: int) -> None:
    """Write down what the demo's bank is to be told; nothing needs no telling."""
    await connection.execute(_PUT_OPENING, (identity, bucket, last_batch, amount, amount == 0))


async def untold(connection: Connection) -> list[tuple[int, int]]:
    """Give what the demo's bank is still to be told: reference, fen."""
    return [(row[0], row[1]) for row in await (await connection.execute(_UNTOLD)).fetchall()]


async def mark_told(connection: Connection, identity: int) -> None:
    """Write down that the demo's bank knows."""
    await connection.execute("UPDATE bank_openings SET is_told = true WHERE id = %s", (identity,))
