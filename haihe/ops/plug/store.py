"""SQL of the plug: who rides, on what, and what the ledger has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from haihe.base.database import one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.base.database import Connection

LISTED_MAX: Final = 100
"""So many of the first citizens stay out of it: people try the city out with them."""


async def riders(connection: Connection, *, limit: int) -> list[tuple[int, int]]:
    """Choose the citizens with most money, id and bucket, none of the first."""
    cursor = await connection.execute(
        """
        SELECT c.id, c.bucket
        FROM (SELECT id, bucket FROM citizens ORDER BY id OFFSET %s) AS c
        JOIN accounts a ON a.bucket = c.bucket AND a.id = c.id
        WHERE a.flags & 6 = 0
        ORDER BY a.credits_posted - a.debits_posted - a.debits_pending DESC, c.id
        LIMIT %s
        """,
        (LISTED_MAX, limit),
    )
    return await cursor.fetchall()


async def buses(connection: Connection, *, limit: int) -> list[str]:
    """Give stickers of the buses that come last on their lines."""
    cursor = await connection.execute(
        """
        SELECT s.code
        FROM stickers s
        JOIN vehicles v ON v.id = s.point
        WHERE s.kind = 'bus' AND s.revoked IS NULL
        ORDER BY v.place DESC, s.code
        LIMIT %s
        """,
        (limit,),
    )
    return [code for (code,) in await cursor.fetchall()]


async def stored(connection: Connection, payers: Sequence[tuple[int, int]], *, since: int) -> tuple[int, int]:
    """Count what these payers (id and bucket) paid since an id, and add up what it moved, transfer by transfer."""
    row = await (
        await connection.execute(
            """
            WITH paid AS (
                SELECT p.bucket, p.id
                FROM unnest(%s::bigint[], %s::smallint[]) AS n(payer, bucket)
                JOIN payments p ON p.bucket = n.bucket AND p.payer = n.payer AND p.id > %s
                WHERE p.status = 0
            )
            SELECT (SELECT count(*) FROM paid), coalesce(sum(t.amount), 0)::bigint
            FROM paid
            JOIN transfers t ON t.bucket = paid.bucket AND t.id BETWEEN paid.id AND paid.id + 15 AND t.kind = 1
            """,
            ([payer for payer, _ in payers], [bucket for _, bucket in payers], since),
        )
    ).fetchone()
    count, amount = one(row)
    return int(count), int(amount)
