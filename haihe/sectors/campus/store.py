"""All SQL of the campus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from psycopg.types.json import Jsonb

from haihe.base.database import Connection, one
from haihe.sectors.campus.model import Card, CardRole, CardStatus, Point, PointKind
from haihe.wallet.purse_model import Grant


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


async def note_meal_money(
    connection: Connection, bucket: int, *, organisation: int, month: date, amount: int, postings: Mapping[int, int]
) -> list[Grant]:
    """Write down, once, that each of these citizens (0: the fund) gets an amount in a month; give what stands there.

    `postings` are fresh ids by citizen; whoever stands there already keeps id and amount.
    """
    await connection.execute(
        """
        INSERT INTO campus_meal_money (posting, organisation, citizen, amount, month, bucket)
        SELECT n.posting, %s, n.citizen, %s, %s, %s
        FROM unnest(%s::bigint[], %s::bigint[]) AS n(citizen, posting)
        ON CONFLICT (organisation, month, bucket, citizen) DO NOTHING
        """,
        (organisation, amount, month, bucket, list(postings), list(postings.values())),
    )
    cursor = await connection.execute(
        """
        SELECT posting, citizen, amount
        FROM campus_meal_money
        WHERE organisation = %s AND month = %s AND bucket = %s AND citizen = ANY(%s::bigint[])
        ORDER BY posting
        """,
        (organisation, month, bucket, list(postings)),
    )
    return [Grant(*row) for row in await cursor.fetchall()]


async def meal_money_given(connection: Connection, organisation: int, month: date) -> tuple[int, int]:
    """Sum up what a university gave in a month: to how many, and fen."""
    cursor = await connection.execute(
        """
        SELECT count(*), coalesce(sum(amount), 0)::bigint
        FROM campus_meal_money
        WHERE organisation = %s AND month = %s AND citizen <> 0
        """,
        (organisation, month),
    )
    count, amount = one(await cursor.fetchone())
    return int(count), int(amount)


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
