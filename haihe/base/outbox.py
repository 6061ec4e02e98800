"""The outbox: news that is not a payment, numbered per bucket without gaps and in commit order.

Payments need none: their rows are their events. A writer publishes in the transaction of what it tells;
a reader remembers the last number it has seen of each bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from psycopg.types.json import Jsonb

from haihe.base.database import one

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from haihe.base.database import Connection

NEWS_READ_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened: `kind` names it ("top_up_settled"), `subject` whom or what it is about."""

    kind: str
    subject: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Numbered:
    """News with its place in its bucket."""

    number: int
    at: datetime
    news: News


async def publish(connection: Connection, bucket: int, news: Sequence[News], *, at: datetime) -> None:
    """Write news in the caller's transaction; the bucket's outbox stays locked until it ends."""
    row = await (
        await connection.execute(
            "UPDATE outbox_heads SET number = number + %s WHERE bucket = %s RETURNING number", (len(news), bucket)
        )
    ).fetchone()
    first = int(one(row)[0]) - len(news) + 1
    await connection.execute(
        """
        INSERT INTO outbox (bucket, number, subject, at, kind, body)
        SELECT %s, n.number, n.subject, %s, n.kind, n.body
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::jsonb[]) AS n(number, subject, kind, body)
        """,
        (
            bucket,
            at,
            list(range(first, first + len(news))),
            [item.subject for item in news],
            [item.kind for item in news],
            [Jsonb(item.body) for item in news],
        ),
    )


async def read(connection: Connection, bucket: int, *, after: int) -> list[Numbered]:
    """Read a bucket's news after a number, oldest first, at most `NEWS_READ_MAX` of it."""
    cursor = await connection.execute(
        """
        SELECT number, at, kind, subject, body
        FROM outbox
        WHERE bucket = %s AND number > %s
        ORDER BY number
        LIMIT %s
        """,
        (bucket, after, NEWS_READ_MAX),
    )
    return [
        Numbered(number, at, News(kind, subject, body)) for number, at, kind, subject, body in await cursor.fetchall()
    ]
