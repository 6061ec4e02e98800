"""All SQL of the pool."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from haihe.base.database import Connection

from .model import Place, Rent, Use, Visit


async def places(connection: Connection) -> list[Place]:
    """Read all places."""
    cursor = await connection.execute("SELECT id, organisation, label, use FROM pool_places")
    return [
        Place(identity, organisation, label, Use(use)) for identity, organisation, label, use in await cursor.fetchall()
    ]


async def insert_places(connection: Connection, many: Sequence[Place]) -> list[Place]:
    """Store places whose label its pool does not have yet; give those that are new."""
    cursor = await connection.execute(
        """
        INSERT INTO pool_places (id, organisation, label, use)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        (
            [one.id for one in many],
            [one.organisation for one in many],
            [one.label for one in many],
            [one.use.value for one in many],
        ),
    )
    fresh = {identity for (identity,) in await cursor.fetchall()}
    return [one for one in many if one.id in fresh]


async def lock_places(connection: Connection, ids: Sequence[int]) -> None:
    """Hold places until the transaction ends, in the order of their ids: their visitors may live in any bucket."""
    await connection.execute("SELECT id FROM pool_places WHERE id = ANY(%b) ORDER BY id FOR UPDATE", (list(ids),))


async def rents(connection: Connection, ids: Sequence[int]) -> dict[int, Rent]:
    """Read who had each locker last; lockers that nobody had are absent."""
    cursor = await connection.execute(
        """
        SELECT DISTINCT ON (place) place, visitor, until
        FROM pool_visits
        WHERE place = ANY(%b) AND until IS NOT NULL
        ORDER BY place, until DESC
        """,
        (list(ids),),
    )
    return {place: Rent(visitor, until) for place, visitor, until in await cursor.fetchall()}


async def insert_visits(connection: Connection, bucket: int, many: Sequence[Visit]) -> None:
    """Write visits of one bucket in one statement, which a pipeline need not wait for: it writes all or fails."""
    await connection.execute(
        """
        INSERT INTO pool_visits (bucket, payment, place, visitor, until)
        SELECT %b::smallint, n.*
        FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[]) AS n
        """,
        (
            bucket,
            [one.payment for one in many],
            [one.place for one in many],
            [one.visitor for one in many],
            [one.until for one in many],
        ),
    )


async def until_of(connection: Connection, bucket: int, payments: Sequence[int]) -> dict[int, datetime]:
    """Read until when each of these payments rented a locker; entries are absent."""
    cursor = await connection.execute(
        "SELECT payment, until FROM pool_visits WHERE bucket = %s AND payment = ANY(%s) AND until IS NOT NULL",
        (bucket, list(payments)),
    )
    return dict(await cursor.fetchall())


async def takings(connection: Connection, organisation: int, *, since: datetime) -> dict[int, tuple[int, int]]:
    """Sum up by place what was paid since a moment: number and fen."""
    cursor = await connection.execute(
        """
        SELECT v.place, count(*), sum(p.amount)::bigint
        FROM pool_visits v
        JOIN pool_places l ON l.id = v.place AND l.organisation = %s
        JOIN payments p ON p.bucket = v.bucket AND p.id = v.payment AND p.paid_at >= %s
        GROUP BY v.place
        """,
        (organisation, since),
    )
    return {place: (number, amount) for place, number, amount in await cursor.fetchall()}
