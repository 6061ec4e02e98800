"""All SQL about terminals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.rows import class_row

from haihe.base.database import Connection
from haihe.counter.model import NewTerminal, Terminal

_COLUMNS = "id, organisation, kind, point, pairing, shift_from"


async def put(
    connection: Connection, many: Sequence[NewTerminal], *, ids: Sequence[int], pairings: Sequence[int], now: datetime
) -> None:
    """Store terminals that are not there yet."""
    await connection.execute(
        """
        INSERT INTO terminals (id, organisation, kind, point, pairing, shift_from, made)
        SELECT n.*, %s, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) AS n
        ON CONFLICT (kind, point) DO NOTHING
        """,
        (
            now,
            now,
            list(ids),
            [new.organisation for new in many],
            [new.kind for new in many],
            [new.point for new in many],
            list(pairings),
        ),
    )


async def at_points(connection: Connection, kind: str, points: Sequence[int]) -> dict[int, Terminal]:
    """Read the terminals of a kind that stand at these points, by point."""
    async with connection.cursor(row_factory=class_row(Terminal)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM terminals WHERE kind = %s AND point = ANY(%s)",  # noqa: S608 - our own columns
            (kind, list(points)),
        )
        return {terminal.point: terminal for terminal in await cursor.fetchall()}


async def others(connection: Connection, kind: str) -> list[Terminal]:
    """Read all terminals but those of one kind."""
    async with connection.cursor(row_factory=class_row(Terminal)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM terminals WHERE kind <> %s ORDER BY kind, point", (kind,))  # noqa: S608 - our own columns
        return await cursor.fetchall()


async def by_id(connection: Connection, identity: int) -> Terminal | None:
    """Read one terminal."""
    async with connection.cursor(row_factory=class_row(Terminal)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM terminals WHERE id = %s", (identity,))  # noqa: S608 - our own columns
        return await cursor.fetchone()


async def set_pairing(connection: Connection, identity: int, pairing: int) -> None:
    """Replace a terminal's pairing."""
    await connection.execute("UPDATE terminals SET pairing = %s WHERE id = %s", (pairing, identity))


async def set_shift(connection: Connection, identity: int, since: datetime) -> None:
    """Begin a shift."""
    await connection.execute("UPDATE terminals SET shift_from = %s WHERE id = %s", (since, identity))
