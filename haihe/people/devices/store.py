"""All SQL about where people are signed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from psycopg.rows import class_row

from haihe.base.database import Connection
from haihe.people.devices.model import Ended, SignIn

_INSERT: Final = """
INSERT INTO sign_ins (session, citizen, signed_in_at, seen_at, expires_at, way, device, browser, system)
VALUES (%(session)s, %(citizen)s, %(at)s, %(at)s, %(expires_at)s, %(way)s, %(device)s, %(browser)s, %(system)s)
"""
_KNOWN: Final = "SELECT FROM sign_ins WHERE citizen = %s AND device = %s LIMIT 1"
_LIVING: Final = """
SELECT session, browser, system, signed_in_at, seen_at, expires_at
FROM sign_ins
WHERE citizen = %s AND NOT ended AND expires_at > %s
ORDER BY session DESC
LIMIT %s
"""
_END_ONE: Final = """
UPDATE sign_ins
SET ended = true
WHERE session = %s AND citizen = %s AND NOT ended
RETURNING session, extract(epoch FROM expires_at)::bigint
"""
_END_OTHERS: Final = """
UPDATE sign_ins
SET ended = true
WHERE citizen = %s AND session <> %s AND NOT ended AND expires_at > %s
RETURNING session, extract(epoch FROM expires_at)::bigint
"""
_IS_OF: Final = "SELECT FROM sign_ins WHERE session = %s AND citizen = %s"
_RENEW: Final = "UPDATE sign_ins SET expires_at = %s WHERE session = %s AND NOT ended"
_SEEN: Final = "UPDATE sign_ins SET seen_at = %s WHERE session = ANY(%s) AND seen_at < %s"
_FORGET: Final = "DELETE FROM sign_ins WHERE expires_at < %s"


async def insert(  # noqa: PLR0913 - a row's columns
    connection: Connection,
    session: int,
    citizen: int,
    *,
    at: datetime,
    expires_at: datetime,
    way: int,
    device: bytes,
    browser: str,
    system: str,
) -> bool:
    """Write a sign-in down; tell whether this person has signed in with the device before."""
    known = await is_known(connection, citizen, device)
    values = {"session": session, "citizen": citizen, "at": at, "expires_at": expires_at, "way": way, "device": device}
    await connection.execute(_INSERT, {**values, "browser": browser, "system": system})
    return known


async def is_known(connection: Connection, citizen: int, device: bytes) -> bool:
    """Tell whether a person has signed in with a device before."""
    return (await connection.execute(_KNOWN, (citizen, device))).rowcount == 1


async def living(connection: Connection, citizen: int, *, now: datetime, limit: int) -> list[SignIn]:
    """Read where a person is signed in, the newest first."""
    async with connection.cursor(row_factory=class_row(SignIn)) as cursor:
        await cursor.execute(_LIVING, (citizen, now, limit))
        return await cursor.fetchall()


async def end_one(connection: Connection, citizen: int, session: int) -> list[Ended]:
    """End a person's sign-in; nothing where it has ended or is none of theirs."""
    cursor = await connection.execute(_END_ONE, (session, citizen))
    return [Ended(*row) for row in await cursor.fetchall()]


async def end_others(connection: Connection, citizen: int, keep: int, now: datetime) -> list[Ended]:
    """End all living sign-ins of a person but one; 0 keeps none."""
    cursor = await connection.execute(_END_OTHERS, (citizen, keep, now))
    return [Ended(*row) for row in await cursor.fetchall()]


async def is_of(connection: Connection, session: int, citizen: int) -> bool:
    """Tell whether a sign-in is, or was, a person's."""
    return (await connection.execute(_IS_OF, (session, citizen))).rowcount == 1


async def renew(connection: Connection, session: int, expires_at: datetime) -> bool:
    """Let a living sign-in hold longer; False for one that has ended or has no row."""
    return (await connection.execute(_RENEW, (expires_at, session))).rowcount == 1


async def note_seen(connection: Connection, sessions: Sequence[int], *, now: datetime, before: datetime) -> None:
    """Write down that sessions were seen, where that was last written before a time."""
    await connection.execute(_SEEN, (now, list(sessions), before))


async def forget(connection: Connection, before: datetime) -> None:
    """Delete sign-ins whose tokens died before a time."""
    await connection.execute(_FORGET, (before,))
