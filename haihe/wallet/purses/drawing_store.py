"""All SQL about what a batch draws on: money of accounts, and how often schemes and campaigns were used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from haihe.base.database import Connection
from haihe.wallet.purses.model import Used

Cursor = AsyncCursor[TupleRow]


async def ask_money(connection: Connection, bucket: int, accounts: Sequence[int]) -> Cursor:
    """Ask what accounts have, with their flags."""
    return await connection.execute(
        """
        SELECT id, credits_posted - debits_posted - debits_pending, flags
        FROM accounts WHERE bucket = %b AND id = ANY(%b)
        """,
        (bucket, list(accounts)),
    )


_USES: Final = """
SELECT u.citizen, u.programme,
    coalesce(sum(u.uses) FILTER (WHERE u.day = n.day), 0),
    coalesce(sum(u.uses) FILTER (WHERE date_trunc('month', u.day) = date_trunc('month', n.day)), 0), sum(u.uses),
    coalesce(sum(u.amount) FILTER (WHERE u.day = n.day), 0)::bigint,
    coalesce(sum(u.amount) FILTER (WHERE date_trunc('month', u.day) = date_trunc('month', n.day)), 0)::bigint, sum(u.amount)::bigint
FROM unnest(%b::bigint[], %b::date[]) AS n(citizen, day)
JOIN uses u ON u.bucket = %b AND u.citizen = n.citizen AND u.programme = ANY(%b)
    AND date_trunc('year', u.day) = date_trunc('year', n.day)
GROUP BY u.citizen, u.programme
"""


async def ask_uses(connection: Connection, bucket: int, days: Mapping[int, date], programmes: Sequence[int]) -> Cursor:
    """Ask how often citizens used schemes and campaigns, each seen from a day of the citizen's own."""
    return await connection.execute(_USES, (list(days), list(days.values()), bucket, list(programmes)))


async def read_uses(asked: Cursor) -> dict[tuple[int, int], Used]:
    """Read what `ask_uses` found, by citizen and scheme's number or campaign's id."""
    return {(citizen, programme): Used(*numbers) for citizen, programme, *numbers in await asked.fetchall()}


async def add_uses(connection: Connection, bucket: int, uses: Sequence[tuple[int, int, date, int]]) -> None:
    """Count one more use each of (citizen, scheme's number or campaign's id, day, fen); right under the bucket's lock."""
    citizens, programmes, days, amounts = zip(*uses, strict=True)
    await connection.execute(
        """
        INSERT INTO uses (bucket, citizen, programme, day, uses, amount)
        SELECT %b, n.citizen, n.programme, n.day, 1, n.amount
        FROM unnest(%b::bigint[], %b::bigint[], %b::date[], %b::bigint[]) AS n(citizen, programme, day, amount)
        ON CONFLICT (bucket, citizen, programme, day) DO UPDATE SET uses = uses.uses + 1, amount = uses.amount + excluded.amount
        """,
        (bucket, list(citizens), list(programmes), list(days), list(amounts)),
    )
