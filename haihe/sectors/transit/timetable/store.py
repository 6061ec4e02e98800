"""SQL of imports: what a feed says is compared with what is there; each statement answers how many rows it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg.types.json import Jsonb

from haihe.base.database import Connection, one
from haihe.sectors.transit.model import LineClass
from haihe.sectors.transit.timetable.model import Stop

IMPORT_LOCK: Final = 0x67746673
"""Advisory lock of imports ("gtfs" in ASCII): one at a time, so that counts of changes are true."""


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as a feed gives it; None as its class or length keeps that of a line that is there."""

    id: int
    organisation: int
    key: str
    number: str
    names: Mapping[str, str]
    line_class: LineClass | None
    length_m: int | None
    colour: str


@dataclass(frozen=True, slots=True)
class NewVehicle:
    """A vehicle to be added to a line."""

    id: int
    line: int
    place: int
    plate: str


async def lock_imports(connection: Connection) -> None:
    """Wait until no other import runs; held until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (IMPORT_LOCK,))


async def feed_id(connection: Connection, name: str, fresh_id: int) -> int:
    """Give the id of a feed, made at its first import."""
    await connection.execute(
        "INSERT INTO feeds (id, name) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING", (fresh_id, name)
    )
    row = await (await connection.execute("SELECT id FROM feeds WHERE name = %s", (name,))).fetchone()
    return int(one(row)[0])


async def put_lines(connection: Connection, feed: int, lines: Sequence[NewLine], *, default_class: LineClass) -> int:
    """Write lines that are new or differ; answers how many."""
    cursor = await connection.execute(
        """
        INSERT INTO lines AS l (id, organisation, feed, route_key, number, names, class, length_m, colour)
        SELECT n.id, n.organisation, %s, n.key, n.number, n.names, coalesce(n.class, o.class, %s),
            coalesce(n.length_m, o.length_m, 0), n.colour
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::jsonb[], %s::smallint[], %s::integer[], %s::text[])
            AS n(id, organisation, key, number, names, class, length_m, colour)
        LEFT JOIN lines o ON o.feed = %s AND o.route_key = n.key
        ON CONFLICT (feed, route_key) DO UPDATE
        SET organisation = excluded.organisation,
            number = excluded.number,
            names = excluded.names,
            class = excluded.class,
            length_m = excluded.length_m,
            colour = excluded.colour
        WHERE (l.organisation, l.number, l.names, l.class, l.length_m, l.colour)
            IS DISTINCT FROM (excluded.organisation, excluded.number, excluded.names, excluded.class, excluded.length_m, excluded.colour)
        """,
        (
            feed,
            int(default_class),
            [line.id for line in lines],
            [line.organisation for line in lines],
            [line.key for line in lines],
            [line.number for line in lines],
            [Jsonb(dict(line.names)) for line in lines],
            [None if line.line_class is None else int(line.line_class) for line in lines],
            [line.length_m for line in lines],
            [line.colour for line in lines],
            feed,
        ),
    )
    return cursor.rowcount


async def line_ids(connection: Connection, feed: int) -> dict[str, int]:
    """Give the lines of a feed: id by route key."""
    return dict(await (await connection.execute("SELECT route_key, id FROM lines WHERE feed = %s", (feed,))).fetchall())


async def put_stops(
    connection: Connection, feed: int, stops: Sequence[Stop], *, ids: Sequence[int], language: str
) -> int:
    """Write stops that are new or differ; answers how many."""
    cursor = await connection.execute(
        """
        INSERT INTO stops AS s (id, feed, stop_key, names, latitude, longitude)
        SELECT n.id, %s, n.key, n.names, n.latitude, n.longitude
        FROM unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::float8[], %s::float8[]) AS n(id, key, names, latitude, longitude)
        ON CONFLICT (feed, stop_key) DO UPDATE
        SET names = excluded.names,
            latitude = excluded.latitude,
            longitude = excluded.longitude
        WHERE (s.names, s.latitude, s.longitude) IS DISTINCT FROM (excluded.names, excluded.latitude, excluded.longitude)
        """,
        (
            feed,
            list(ids),
            [stop.key for stop in stops],
            [Jsonb({language: stop.name}) for stop in stops],
            [stop.latitude for stop in stops],
            [stop.longitude for stop in stops],
        ),
    )
    return cursor.rowcount


async def stop_ids(connection: Connection, feed: int) -> dict[str, int]:
    """Give the stops of a feed: id by stop key."""
    return dict(await (await connection.execute("SELECT stop_key, id FROM stops WHERE feed = %s", (feed,))).fetchall())


async def courses(connection: Connection, feed: int) -> dict[tuple[int, int], list[int]]:
    """Give the stops of a feed's lines in order, by line and direction."""
    cursor = await connection.execute(
        """
        SELECT c.line, c.direction, array_agg(c.stop ORDER BY c.place)
        FROM line_stops c
        JOIN lines l ON l.id = c.line
        WHERE l.feed = %s
        GROUP BY c.line, c.direction
        """,
        (feed,),
    )
    return {(line, direction): stops for line, direction, stops in await cursor.fetchall()}


async def replace_courses(connection: Connection, changed: Mapping[tuple[int, int], Sequence[int]]) -> None:
    """Write the stops of some lines and directions anew; an empty list removes them."""
    await connection.execute(
        """
        DELETE FROM line_stops c
        USING unnest(%s::bigint[], %s::smallint[]) AS n(line, direction)
        WHERE c.line = n.line AND c.direction = n.direction
        """,
        ([line for line, _ in changed], [direction for _, direction in changed]),
    )
    rows = [(*key, place, stop) for key, stops in changed.items() for place, stop in enumerate(stops, 1)]
    await connection.execute(
        """
        INSERT INTO line_stops (line, direction, place, stop)
        SELECT * FROM unnest(%s::bigint[], %s::smallint[], %s::integer[], %s::bigint[])
        """,
        tuple([row[column] for row in rows] for column in range(4)),
    )


async def vehicle_places(connection: Connection, lines: Sequence[int]) -> dict[int, set[int]]:
    """Give the places (numbers within the line) that are taken, by line."""
    cursor = await connection.execute(
        "SELECT line, array_agg(place) FROM vehicles WHERE line = ANY(%s) GROUP BY line", (list(lines),)
    )
    return {line: set(places) for line, places in await cursor.fetchall()}


async def insert_vehicles(connection: Connection, many: Sequence[NewVehicle]) -> None:
    """Store new vehicles."""
    await connection.execute(
        """
        INSERT INTO vehicles (id, line, place, plate)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::text[])
        """,
        (
            [vehicle.id for vehicle in many],
            [vehicle.line for vehicle in many],
            [vehicle.place for vehicle in many],
            [vehicle.plate for vehicle in many],
        ),
    )
