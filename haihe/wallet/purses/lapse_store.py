"""All SQL about what has lapsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from haihe.base.database import Connection

SWEPT_MAX: Final = 1000
"""Purses that are looked at in one transaction: the bucket's payments wait as long."""


@dataclass(frozen=True, slots=True)
class Lapsed:
    """What is left of a grant whose time is over, in fen: in which purse, for whose fund."""

    grant: int
    purse: int
    fund: int
    amount: int


# Purses with a grant that has lapsed; frozen and closed ones wait, as those of a closed fund do.
_PURSES: Final = """
SELECT DISTINCT g.citizen, g.scheme
FROM grants g
JOIN schemes s ON s.id = g.scheme AND s.fund <> 0
JOIN purses p ON p.bucket = g.bucket AND p.scheme = g.scheme AND p.citizen = g.citizen
JOIN accounts a ON a.bucket = p.bucket AND a.id = p.account
JOIN accounts f ON f.bucket = p.bucket AND f.id = s.fund
WHERE g.bucket = %(bucket)s AND g.lapses_at <= %(at)s AND (a.flags | f.flags) & 6 = 0 AND {those}
ORDER BY g.citizen, g.scheme
LIMIT %(most)s
"""
# Those that were not looked at since it lapsed.
_NEW: Final = _PURSES.format(those="NOT g.swept")
# Those that have more than their living grants, whenever they were looked at: a refund may have brought money back.
_AGAIN: Final = _PURSES.format(
    those="""a.credits_posted - a.debits_posted - a.debits_pending > (
        SELECT coalesce(sum(o.amount), 0) FROM grants o
        WHERE o.bucket = g.bucket AND o.scheme = g.scheme AND o.citizen = g.citizen AND (o.lapses_at IS NULL OR o.lapses_at > %(at)s))"""
)

# What lapses first counts as spent first, so what is above the grants that still live is left of the lapsed ones, of the newest of them first.
_LEFT: Final = """
WITH wanted AS (
    SELECT p.citizen, p.scheme, p.account, s.fund, a.credits_posted - a.debits_posted - a.debits_pending AS money
    FROM unnest(%(citizens)s::bigint[], %(schemes)s::smallint[]) AS n(citizen, scheme)
    JOIN purses p ON p.bucket = %(bucket)s AND p.citizen = n.citizen AND p.scheme = n.scheme
    JOIN schemes s ON s.id = p.scheme
    JOIN accounts a ON a.bucket = %(bucket)s AND a.id = p.account
    JOIN accounts f ON f.bucket = %(bucket)s AND f.id = s.fund AND (a.flags | f.flags) & 6 = 0
), rooms AS (
    SELECT g.posting, w.account, w.fund, g.amount - g.returned AS room,
        w.money - (SELECT coalesce(sum(o.amount), 0) FROM grants o
            WHERE o.bucket = %(bucket)s AND o.scheme = w.scheme AND o.citizen = w.citizen
                AND (o.lapses_at IS NULL OR o.lapses_at > %(at)s)) AS above,
        coalesce(sum(g.amount - g.returned) OVER (PARTITION BY w.account ORDER BY g.lapses_at DESC, g.posting DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS newer
    FROM wanted w
    JOIN grants g ON g.bucket = %(bucket)s AND g.scheme = w.scheme AND g.citizen = w.citizen AND g.lapses_at <= %(at)s
)
SELECT posting, account, fund, least(room, above - newer)::bigint
FROM rooms
WHERE above > newer AND room > 0
ORDER BY account, posting
"""


async def lapsed_purses(connection: Connection, bucket: int, at: datetime, *, again: bool) -> list[tuple[int, int]]:
    """Find purses, by citizen and scheme, with grants that lapsed and were not looked at; `again`: all that have something to return."""
    cursor = await connection.execute(_AGAIN if again else _NEW, {"bucket": bucket, "at": at, "most": SWEPT_MAX})
    return await cursor.fetchall()


async def left_of_lapsed(
    connection: Connection, bucket: int, purses: Sequence[tuple[int, int]], at: datetime
) -> list[Lapsed]:
    """Say what is left of the lapsed grants of these purses; right under the bucket's lock."""
    cursor = await connection.execute(
        _LEFT,
        {
            "bucket": bucket,
            "at": at,
            "citizens": [citizen for citizen, _ in purses],
            "schemes": [scheme for _, scheme in purses],
        },
    )
    return [Lapsed(*row) for row in await cursor.fetchall()]


async def note_returned(
    connection: Connection, bucket: int, purses: Sequence[tuple[int, int]], lapsed: Sequence[Lapsed], at: datetime
) -> None:
    """Write down what went back of each grant, and that these purses were looked at."""
    await connection.execute(
        """
        UPDATE grants g SET returned = g.returned + n.amount
        FROM unnest(%s::bigint[], %s::bigint[]) AS n(posting, amount)
        WHERE g.bucket = %s AND g.posting = n.posting
        """,
        ([one.grant for one in lapsed], [one.amount for one in lapsed], bucket),
    )
    await connection.execute(
        """
        UPDATE grants g SET swept = true
        FROM unnest(%s::bigint[], %s::smallint[]) AS n(citizen, scheme)
        WHERE g.bucket = %s AND g.citizen = n.citizen AND g.scheme = n.scheme AND g.lapses_at <= %s AND NOT g.swept
        """,
        ([citizen for citizen, _ in purses], [scheme for _, scheme in purses], bucket, at),
    )
