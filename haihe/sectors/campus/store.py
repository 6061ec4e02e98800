"""All SQL of the campus."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from psycopg.types.json import Jsonb

from haihe.base.database import Connection
from haihe.sectors.campus.model import Card, CardRole, CardStatus, Point, PointKind


async def points(connection: Connection) -> list[Point]:
    """Read all points in the order in which they were made."""
    cursor = await connection.execute("SELECT id, organisation, key, kind, names FROM campus_points ORDER BY id")
    return [
        Point(identity, organisation, key, PointKind(kind), names)
        for identity, organisation, key, kind, names in await cursor.fetchall()
    ]


async def put_points(connection: Connection, many: Sequence[Point]) -> None:
    """Add points, or give them their new names, by university and key; every process hears of it."""
    await connection.execute(
        """
        INSERT INTO campus_points (id, organisation, key, kind, names)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::jsonb[])
        ON CONFLICT (organisation, key) DO UPDATE SET names = excluded.names
        """,
        (
            [point.id for point in many],
            [point.organisation for point in many],
            [point.key for point in many],
            [point.kind.value for point in many],
            [Jsonb(dict(point.names)) for point in many],
        ),
    )
    await connection.execute("UPDATE versions SET number = number + 1 WHERE name = 'catalogue'")


async def cards_of(connection: Connection, citizen: int) -> list[Card]:
    """Read somebody's cards, of all universities, the one that is valid longest first."""
    cursor = await connection.execute(
        """
        SELECT citizen, bucket, organisation, number, role, valid_until, status
        FROM campus_cards
        WHERE citizen = %s
        ORDER BY valid_until DESC, organisation
        """,
        (citizen,),
    )
    return [
        Card(identity, bucket, organisation, number, CardRole(role), valid_until, CardStatus(status))
        for identity, bucket, organisation, number, role, valid_until, status in await cursor.fetchall()
    ]


async def put_cards(connection: Connection, many: Sequence[Card]) -> None:
    """Add cards that are not there yet."""
    await connection.execute(
        """
        INSERT INTO campus_cards (citizen, bucket, organisation, number, role, valid_until, status)
        SELECT * FROM unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::text[], %s::smallint[], %s::date[], %s::smallint[])
        ON CONFLICT DO NOTHING
        """,
        (
            [card.citizen for card in many],
            [card.bucket for card in many],
            [card.organisation for card in many],
            [card.number for card in many],
            [int(card.role) for card in many],
            [card.valid_until for card in many],
            [int(card.status) for card in many],
        ),
    )


async def count_cards(connection: Connection, organisation: int, day: date) -> dict[CardRole, int]:
    """Count a university's cards that may be used on a day, by role."""
    cursor = await connection.execute(
        """
        SELECT role, count(*)
        FROM campus_cards
        WHERE organisation = %s AND status = 0 AND valid_until >= %s
        GROUP BY role
        """,
        (organisation, day),
    )
    return {CardRole(role): count for role, count in await cursor.fetchall()}


async def holders(connection: Connection, organisation: int, role: CardRole, day: date) -> dict[int, int]:
    """Give who has a card of a role that may be used on a day: bucket by citizen."""
    cursor = await connection.execute(
        """
        SELECT citizen, bucket
        FROM campus_cards
        WHERE organisation = %s AND role = %s AND status = 0 AND valid_until >= %s
        ORDER BY citizen
        """,
        (organisation, int(role), day),
    )
    return dict(await cursor.fetchall())


async def meal_money_taken(
    connection: Connection, buckets: Sequence[int], points: Sequence[int], *, since: int, until: int
) -> dict[int, int]:
    """Sum up by point, in fen, what purses paid of the sales with ids from `since` to below `until`."""
    cursor = await connection.execute(
        """
        SELECT s.point, sum(t.amount)::bigint
        FROM sales s
        JOIN transfers t ON t.bucket = s.bucket AND t.id BETWEEN s.payment AND s.payment + 15
        JOIN purses u ON u.bucket = s.bucket AND u.account = t.debit
        WHERE s.bucket = ANY(%s::smallint[]) AND s.point = ANY(%s::bigint[]) AND s.payment >= %s::bigint AND s.payment < %s::bigint
        GROUP BY s.point
        """,
        (list(buckets), list(points), since, until),
    )
    return dict(await cursor.fetchall())
