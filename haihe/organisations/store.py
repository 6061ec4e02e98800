"""All SQL about organisations and staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from haihe.base.database import Connection, expect_rows
from haihe.base.passwords import Tries
from haihe.organisations.model import Organisation, Role, StaffMember

_ALL: Final = "SELECT id, key, names, kind, category FROM organisations ORDER BY key"

# What is the same already stays untouched, so that a repeated founding changes nothing and the count is honest.
_PUT: Final = """
INSERT INTO organisations (id, key, names, kind, category, created_at)
SELECT *, %s
FROM unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::text[], %s::smallint[])
ON CONFLICT (key) DO UPDATE
SET names = excluded.names,
    kind = excluded.kind,
    category = excluded.category
WHERE (organisations.names, organisations.kind, organisations.category)
    IS DISTINCT FROM (excluded.names, excluded.kind, excluded.category)
"""

_BUMP: Final = "UPDATE versions SET number = number + 1 WHERE name = 'catalogue'"

_LOGINS: Final = "SELECT login FROM staff WHERE login = ANY(%s)"

_INSERT_STAFF: Final = """
INSERT INTO staff (id, organisation, login, name, role, password, language, tries, locks, locked_until, active, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, 0, 0, 'epoch', true, %s)
ON CONFLICT (login) DO NOTHING
"""

_STAFF: Final = """
SELECT id, organisation, login, name, role, language
FROM staff
WHERE id = %s AND active
"""

_STAFF_OF: Final = """
SELECT id, organisation, login, name, role, language
FROM staff
WHERE organisation = %s AND active
ORDER BY login
"""

_LOCK_LOGIN: Final = """
SELECT id, organisation, login, name, role, language, password, tries, locks, locked_until
FROM staff
WHERE login = %s AND active
FOR UPDATE
"""

_COUNT_LOGIN: Final = """
UPDATE staff
SET tries = %s,
    locks = %s,
    locked_until = %s
WHERE id = %s
"""


async def organisations(connection: Connection) -> list[Organisation]:
    """Read all organisations."""
    return [Organisation(*row) for row in await (await connection.execute(_ALL)).fetchall()]


async def put_organisations(connection: Connection, rows: Sequence[Organisation], now: datetime) -> int:
    """Add organisations or bring them up to date, by key; give how many changed. A key keeps the id it has."""
    columns = (
        now,
        [row.id for row in rows],
        [row.key for row in rows],
        [Jsonb(dict(row.names)) for row in rows],
        [row.kind for row in rows],
        [row.category for row in rows],
    )
    changed = (await connection.execute(_PUT, columns)).rowcount
    if changed:
        await connection.execute(_BUMP)
    return changed


async def known_logins(connection: Connection, logins: Sequence[str]) -> set[str]:
    """Tell which of these logins exist."""
    return {row[0] for row in await (await connection.execute(_LOGINS, (list(logins),))).fetchall()}


async def insert_staff(connection: Connection, member: StaffMember, *, password: str, now: datetime) -> None:
    """Add a member of staff whose login is free; `password` is the hash."""
    values = (member.id, member.organisation, member.login, member.name, member.role, password, member.language, now)
    await connection.execute(_INSERT_STAFF, values)


async def staff_member(connection: Connection, identity: int) -> StaffMember | None:
    """Find an active member of staff."""
    row = await (await connection.execute(_STAFF, (identity,))).fetchone()
    return _member(row) if row else None


async def staff_of(connection: Connection, organisation: int) -> list[StaffMember]:
    """Read an organisation's active staff."""
    return [_member(row) for row in await (await connection.execute(_STAFF_OF, (organisation,))).fetchall()]


async def lock_login(connection: Connection, login: str) -> tuple[StaffMember, str, Tries] | None:
    """Read who has a login, the password's hash and the wrong tries, and hold them until the transaction ends."""
    row = await (await connection.execute(_LOCK_LOGIN, (login,))).fetchone()
    return (_member(row), row[6], Tries(row[7], row[8], row[9])) if row else None


async def count_login(connection: Connection, identity: int, tries: Tries) -> None:
    """Write what became of the tries."""
    cursor = await connection.execute(_COUNT_LOGIN, (tries.wrong, tries.locks, tries.locked_until, identity))
    expect_rows(cursor.rowcount, expected=1, what="login tries")


def _member(row: tuple[Any, ...]) -> StaffMember:
    identity, organisation, login, name, role, language = row[:6]
    return StaffMember(identity, organisation, login, name, Role(role), language)
