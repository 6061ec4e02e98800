"""SQL of the demo city: whether it was founded, and which buses with stickers there are."""

from __future__ import annotations

from psycopg.rows import class_row

from haihe.base.database import Connection
from haihe.codes.model import Sticker


async def is_done(connection: Connection, digest: str) -> bool:
    """Tell whether this state of the data was founded to its end."""
    cursor = await connection.execute("SELECT 1 FROM city WHERE name = %s", (_name(digest),))
    return await cursor.fetchone() is not None


async def set_done(connection: Connection, digest: str) -> None:
    """Write down that the founding came to its end."""
    await connection.execute(
        "INSERT INTO city (name, value) VALUES (%s, 'founded') ON CONFLICT (name) DO NOTHING", (_name(digest),)
    )


async def any_done(connection: Connection) -> bool:
    """Tell whether this is a demo city."""
    cursor = await connection.execute("SELECT 1 FROM city WHERE name LIKE 'demo %'")
    return await cursor.fetchone() is not None


async def stickers_in_use(connection: Connection, *, limit: int) -> list[Sticker]:
    """Give stickers in use: of buses at most `limit` (or as many as there are lines), of everything else all.

    Of every bus line the first comes first, then of every line the second, and so on.
    """
    async with connection.cursor(row_factory=class_row(Sticker)) as cursor:
        await cursor.execute(
            """
            SELECT code, kind, point, organisation, made, revoked
            FROM (
                SELECT s.*, v.line, row_number() OVER (PARTITION BY v.line ORDER BY v.place, s.made DESC, s.code) AS round
                FROM stickers s
                JOIN vehicles v ON v.id = s.point
                WHERE s.kind = 'bus' AND s.revoked IS NULL
                ORDER BY round, line
                LIMIT greatest(%s, (SELECT count(*) FROM lines))
            ) AS buses
            UNION ALL
            (SELECT code, kind, point, organisation, made, revoked FROM stickers WHERE kind <> 'bus' AND revoked IS NULL ORDER BY kind, point, code)
            """,
            (limit,),
        )
        return await cursor.fetchall()


def _name(digest: str) -> str:
    return f"demo {digest}"
