"""All SQL about forgotten passcodes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from psycopg.rows import class_row

from haihe.base.database import Connection, one
from haihe.people.resets.model import Reset

# Asking again while the first one lives does not make the wait longer.
_PUT: Final = """
INSERT INTO passcode_resets AS old (citizen, asked_at, ready_at, expires_at)
VALUES (%s, %s, %s, %s)
ON CONFLICT (citizen) DO UPDATE
SET asked_at = excluded.asked_at,
    ready_at = CASE WHEN old.expires_at > excluded.asked_at THEN least(old.ready_at, excluded.ready_at) ELSE excluded.ready_at END,
    expires_at = excluded.expires_at
RETURNING citizen, asked_at, ready_at, expires_at
"""
_OF: Final = (
    "SELECT citizen, asked_at, ready_at, expires_at FROM passcode_resets WHERE citizen = %s AND expires_at > %s"
)
_DROP: Final = "DELETE FROM passcode_resets WHERE citizen = %s"


async def put(connection: Connection, reset: Reset) -> Reset:
    """Write down that a passcode was forgotten; give what holds now."""
    values = (reset.citizen, reset.asked_at, reset.ready_at, reset.expires_at)
    return Reset(*one(await (await connection.execute(_PUT, values)).fetchone()))


async def of(connection: Connection, citizen: int, *, now: datetime) -> Reset | None:
    """Read what a person has asked for and may still use."""
    async with connection.cursor(row_factory=class_row(Reset)) as cursor:
        await cursor.execute(_OF, (citizen, now))
        return await cursor.fetchone()


async def drop(connection: Connection, citizen: int) -> bool:
    """Forget what a person has asked for; False where there was nothing."""
    return (await connection.execute(_DROP, (citizen,))).rowcount == 1
