"""All SQL about how staff sign in: wrong tries by place, sessions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, NamedTuple

from haihe.base.database import Connection, expect_rows
from haihe.base.passwords import Tries
from haihe.organisations.model import Role, StaffMember

_LOCK: Final = """
SELECT s.id, s.organisation, s.login, s.name, s.role, s.language, s.password, s.tries, s.locks, s.locked_until,
    EXISTS (SELECT FROM staff_factors f WHERE f.staff = s.id)
FROM staff s
WHERE s.active AND {condition}
FOR UPDATE OF s
"""

_SESSION: Final = """
SELECT s.id, s.organisation, s.login, s.name, s.role, s.language, s.temporary, n.seen_at,
    EXISTS (SELECT FROM staff_factors f WHERE f.staff = s.id), o.second_factor_from
FROM staff_sessions n
JOIN staff s ON s.id = n.staff AND s.active
LEFT JOIN organisation_security o ON o.organisation = s.organisation
WHERE n.id = %s AND n.staff = %s
"""

_PLACE: Final = """
SELECT tries, locks, locked_until
FROM staff_places
WHERE staff = %s AND place = %s
"""

_KNOWN_PLACE: Final = """
INSERT INTO staff_places (staff, place, tries, locks, locked_until, seen_at)
VALUES (%s, %s, 0, 0, 'epoch', %s)
ON CONFLICT (staff, place) DO UPDATE
SET tries = 0,
    locks = 0,
    seen_at = excluded.seen_at
"""

_FORGET_PLACES: Final = """
DELETE FROM staff_places
WHERE staff = %s AND seen_at < %s
"""


class Login(NamedTuple):
    """Who has a login: the password's hash, wrong tries from places that nobody knows, and whether there is a second factor."""

    member: StaffMember
    password: str
    tries: Tries
    has_factor: bool


class Session(NamedTuple):
    """A living session: whose it is, and what decides whether it may be used."""

    member: StaffMember
    is_temporary: bool
    seen_at: datetime
    has_factor: bool
    factor_from: date | None


async def lock_login(connection: Connection, login: str) -> Login | None:
    """Read who has a login, and hold them until the transaction ends."""
    row = await (await connection.execute(_LOCK.format(condition="s.login = %s").encode(), (login,))).fetchone()
    return _login(row) if row else None


async def lock_member(connection: Connection, identity: int) -> Login | None:
    """Read an active member of staff in the same way."""
    row = await (await connection.execute(_LOCK.format(condition="s.id = %s").encode(), (identity,))).fetchone()
    return _login(row) if row else None


def _login(row: tuple[Any, ...]) -> Login:
    return Login(_member(row), row[6], Tries(row[7], row[8], row[9]), row[10])


def _member(row: tuple[Any, ...]) -> StaffMember:
    identity, organisation, login, name, role, language = row[:6]
    return StaffMember(identity, organisation, login, name, Role(role), language)


async def tries_at(connection: Connection, staff: int, place: bytes) -> Tries | None:
    """Read the wrong tries at a place from which the login was used; None for a place that nobody knows."""
    row = await (await connection.execute(_PLACE, (staff, place))).fetchone()
    return Tries(*row) if row else None


async def count_at(connection: Connection, staff: int, place: bytes | None, tries: Tries) -> None:
    """Write what became of the tries at a place, None for all that nobody knows."""
    values = (tries.wrong, tries.locks, tries.locked_until, staff)
    if place is None:
        query = "UPDATE staff SET tries = %s, locks = %s, locked_until = %s WHERE id = %s"
        cursor = await connection.execute(query, values)
    else:
        query = "UPDATE staff_places SET tries = %s, locks = %s, locked_until = %s WHERE staff = %s AND place = %s"
        cursor = await connection.execute(query, (*values, place))
    expect_rows(cursor.rowcount, expected=1, what="login tries")


async def begin(
    connection: Connection, staff: int, session: int, place: bytes, *, now: datetime, since: datetime
) -> None:
    """Begin a session of somebody who proved who they are; the place is known from now on, those unused since a time no longer."""
    await connection.execute(_KNOWN_PLACE, (staff, place, now))
    await connection.execute(_FORGET_PLACES, (staff, since))
    await connection.execute(
        "INSERT INTO staff_sessions (id, staff, begun_at, seen_at) VALUES (%s, %s, %s, %s)", (session, staff, now, now)
    )
    await connection.execute("UPDATE staff SET signed_in_at = %s WHERE id = %s", (now, staff))


async def session(connection: Connection, identity: int, staff: int) -> Session | None:
    """Find a session that was not ended."""
    row = await (await connection.execute(_SESSION, (identity, staff))).fetchone()
    return Session(_member(row), *row[6:]) if row else None


async def see(connection: Connection, identity: int, now: datetime) -> None:
    """Write down that a session is used."""
    await connection.execute("UPDATE staff_sessions SET seen_at = %s WHERE id = %s", (now, identity))


async def end(connection: Connection, identity: int) -> int:
    """End one session; tell how many there were."""
    return (await connection.execute("DELETE FROM staff_sessions WHERE id = %s", (identity,))).rowcount


async def end_all(connection: Connection, staff: int) -> None:
    """End all sessions of a member of staff."""
    await connection.execute("DELETE FROM staff_sessions WHERE staff = %s", (staff,))


async def forget(connection: Connection, *, before: datetime) -> None:
    """Delete sessions that began before a time: their tokens have expired."""
    await connection.execute("DELETE FROM staff_sessions WHERE begun_at < %s", (before,))


async def set_password(connection: Connection, staff: int, password: str, *, is_temporary: bool) -> None:
    """Store a new password's hash; wrong tries are forgotten."""
    cursor = await connection.execute(
        "UPDATE staff SET password = %s, temporary = %s, tries = 0, locks = 0, locked_until = 'epoch' WHERE id = %s",
        (password, is_temporary, staff),
    )
    expect_rows(cursor.rowcount, expected=1, what="a new password")
