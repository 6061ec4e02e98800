"""All SQL about the points of shops."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.types.json import Jsonb

from haihe.base.database import Connection
from haihe.sectors.retail.model import NewPoint, Point


async def points(connection: Connection) -> list[Point]:
    """Read all points."""
    cursor = await connection.execute("SELECT id, organisation, place, names FROM shop_points")
    return [Point(*row) for row in await cursor.fetchall()]


async def put_points(connection: Connection, many: Sequence[NewPoint], *, ids: Sequence[int]) -> None:
    """Store points that are not there yet."""
    await connection.execute(
        """
        INSERT INTO shop_points (id, organisation, place, names)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::jsonb[])
        ON CONFLICT (organisation, place) DO NOTHING
        """,
        (
            list(ids),
            [new.organisation for new in many],
            [new.place for new in many],
            [Jsonb(dict(new.names)) for new in many],
        ),
    )


async def bump_catalogue(connection: Connection) -> None:
    """Tell every process that the catalogue changed."""
    await connection.execute("UPDATE versions SET number = number + 1 WHERE name = 'catalogue'")
