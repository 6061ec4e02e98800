"""All SQL about organisations and staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from haihe.base.database import Connection
from haihe.organisations.model import Organisation, Role, StaffCard, StaffMember

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
INSERT INTO staff (id, organisation, login, name, role, password, language, tries, locks, locked_until, active, temporary, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, 0, 0, 'epoch', %s, %s, %s)
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

_CARDS: Final = """
SELECT s.id, s.organisation, s.login, s.name, s.role, s.language, s.active, s.temporary,
    EXISTS (SELECT FROM staff_factors f WHERE f.staff = s.id), nullif(s.signed_in_at, 'epoch')
FROM staff s
WHERE s.organisation = %s AND (s.id = %s OR %s = 0)
ORDER BY NOT s.active, s.login
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


async def insert_staff(
    connection: Connection,
    member: StaffMember,
    *,
    password: str,
    now: datetime,
    is_active: bool = True,
    is_temporary: bool = False,
) -> bool:
    """Add a member of staff whose login is free; `password` is the hash. Tell whether it was free."""
    values = (member.id, member.organisation, member.login, member.name, member.role, password, member.language)
    cursor = await connection.execute(_INSERT_STAFF, (*values, is_active, is_temporary, now))
    return cursor.rowcount == 1


async def staff_member(connection: Connection, identity: int) -> StaffMember | None:
    """Find an active member of staff."""
    row = await (await connection.execute(_STAFF, (identity,))).fetchone()
    return _member(row) if row else None


async def staff_of(connection: Connection, organisation: int) -> list[StaffMember]:
    """Read an organisation's active staff."""
    return [_member(row) for row in await (await connection.execute(_STAFF_OF, (organisation,))).fetchall()]


async def cards(connection: Connection, organisation: int, identity: int = 0) -> list[StaffCard]:
    """Read an organisation's staff, also who was disabled, or one of them; active ones first."""
    rows = await (await connection.execute(_CARDS, (organisation, identity, identity))).fetchall()
    return [StaffCard(_member(row), *row[6:]) for row in rows]


async def set_role(connection: Connection, organisation: int, identity: int, role: Role) -> bool:
    """Give somebody a role, and let them sign in; tell whether there is such a one."""
    query = "UPDATE staff SET role = %s, active = true WHERE id = %s AND organisation = %s"
    return (await connection.execute(query, (role, identity, organisation))).rowcount == 1


async def set_active(connection: Connection, organisation: int, identity: int, *, active: bool) -> bool:
    """Let somebody sign in, or no longer; tell whether there is such a one."""
    query = "UPDATE staff SET active = %s WHERE id = %s AND organisation = %s"
    return (await connection.execute(query, (active, identity, organisation))).rowcount == 1


def _member(row: tuple[Any, ...]) -> StaffMember:
    identity, organisation, login, name, role, language = row[:6]
    return StaffMember(identity, organisation, login, name, Role(role), language)
