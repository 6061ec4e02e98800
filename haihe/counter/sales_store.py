"""All SQL about sales. Lists of the hot path travel as %b: psycopg writes them as text otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from haihe.base.database import Connection, one

if TYPE_CHECKING:
    from haihe.counter.sales import Sale

_COLUMNS: Final = "payment, point, payer, amount, batch, channel, bucket"

Row = tuple[Any, ...]
"""The values of `_COLUMNS`, in their order."""


async def insert(connection: Connection, bucket: int, sales: Sequence[Sale]) -> None:
    """Write sales of one bucket in one statement, which a pipeline need not wait for: it writes all or fails."""
    await connection.execute(
        f"""
        INSERT INTO sales ({_COLUMNS})
        SELECT payment, point, payer, amount, batch, channel, %b::smallint
        FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::smallint[])
            AS s(payment, point, payer, amount, batch, channel)
        """,  # noqa: S608 - our own columns
        (
            bucket,
            [sale.payment for sale in sales],
            [sale.point for sale in sales],
            [sale.payer for sale in sales],
            [sale.amount for sale in sales],
            [sale.batch for sale in sales],
            [sale.channel for sale in sales],
        ),
    )


async def after(connection: Connection, point: int, cursor: Mapping[int, int], *, since: int, limit: int) -> list[Row]:
    """Read a point's sales of later batches than the cursor's (by bucket), not older than payment `since`.

    In the order of their ids, at most `limit`: who gets so many must read anew, as a batch may be cut in two.
    """
    found = await connection.execute(
        f"""
        SELECT {", ".join("s." + column for column in _COLUMNS.split(", "))}
        FROM unnest(%s::smallint[], %s::bigint[]) AS c(bucket, batch)
        JOIN sales s ON s.bucket = c.bucket AND s.point = %s::bigint AND s.payment >= %s::bigint AND s.batch > c.batch
        ORDER BY s.payment
        LIMIT %s
        """,  # noqa: S608 - our own columns
        (list(cursor), list(cursor.values()), point, since, limit),
    )
    return await found.fetchall()


async def newest(connection: Connection, buckets: Sequence[int], points: Sequence[int], *, limit: int) -> list[Row]:
    """Read the newest sales of some points over all buckets, newest first; every point's index is read from its end."""
    found = await connection.execute(
        f"""
        SELECT n.*
        FROM unnest(%s::smallint[]) AS b(bucket)
        CROSS JOIN unnest(%s::bigint[]) AS p(point)
        CROSS JOIN LATERAL (
            SELECT {_COLUMNS}
            FROM sales
            WHERE bucket = b.bucket AND point = p.point
            ORDER BY payment DESC
            LIMIT %s
        ) n
        ORDER BY n.payment DESC
        LIMIT %s
        """,  # noqa: S608 - our own columns
        (list(buckets), list(points), limit, limit),
    )
    return await found.fetchall()


async def count_since(connection: Connection, point: int, buckets: Sequence[int], *, since: int) -> int:
    """Count a point's sales from payment `since` on."""
    found = await connection.execute(
        """
        SELECT count(*)
        FROM sales
        WHERE bucket = ANY(%s::smallint[]) AND point = %s::bigint AND payment >= %s::bigint
        """,
        (list(buckets), point, since),
    )
    return int(one(await found.fetchone())[0])


async def takings(
    connection: Connection, buckets: Sequence[int], points: Sequence[int], *, since: int, until: int
) -> list[tuple[int, int, int]]:
    """Sum up by point the sales with ids from `since` to below `until`: point, how many, fen."""
    found = await connection.execute(
        """
        SELECT point, count(*), sum(amount)::bigint
        FROM sales
        WHERE bucket = ANY(%s::smallint[]) AND point = ANY(%s::bigint[]) AND payment >= %s::bigint AND payment < %s::bigint
        GROUP BY point
        """,
        (list(buckets), list(points), since, until),
    )
    return [(int(point), int(sales), int(amount)) for point, sales, amount in await found.fetchall()]
