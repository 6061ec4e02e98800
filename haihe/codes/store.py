"""All SQL about stickers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.rows import class_row

from haihe.base.database import Connection
from haihe.codes.model import Sticker

_COLUMNS = "code, kind, point, organisation, made, revoked"


async def insert(connection: Connection, stickers: Sequence[Sticker]) -> None:
    """Store new stickers."""
    await connection.execute(
        """
        INSERT INTO stickers (code, kind, point, organisation, made)
        SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[])
        """,
        (
            [sticker.code for sticker in stickers],
            [sticker.kind for sticker in stickers],
            [sticker.point for sticker in stickers],
            [sticker.organisation for sticker in stickers],
            [sticker.made for sticker in stickers],
        ),
    )


async def find(connection: Connection, code: str) -> Sticker | None:
    """Read one sticker."""
    async with connection.cursor(row_factory=class_row(Sticker)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM stickers WHERE code = %s", (code,))  # noqa: S608 - our own columns
        return await cursor.fetchone()


async def every(connection: Connection) -> list[Sticker]:
    """Read all stickers of the city: a city has some tens of thousands."""
    async with connection.cursor(row_factory=class_row(Sticker)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM stickers")  # noqa: S608 - our own columns
        return await cursor.fetchall()


async def of_points(connection: Connection, kind: str, points: Sequence[int]) -> list[Sticker]:
    """Read the stickers fixed to these points, the newest first."""
    async with connection.cursor(row_factory=class_row(Sticker)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM stickers WHERE kind = %s AND point = ANY(%s) ORDER BY made DESC, code",  # noqa: S608 - our own columns
            (kind, list(points)),
        )
        return await cursor.fetchall()


async def revoke(connection: Connection, code: str, *, reason: str, at: datetime) -> Sticker | None:
    """Take a sticker out of use, once: a later call leaves time and reason as they are. None if there is no such sticker."""
    await connection.execute(
        "UPDATE stickers SET revoked = %s, reason = %s WHERE code = %s AND revoked IS NULL", (at, reason, code)
    )
    return await find(connection, code)
