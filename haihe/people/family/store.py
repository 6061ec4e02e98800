"""All SQL about families."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from haihe.base.database import Connection, expect_rows
from haihe.people.family.model import GUARDIANS_MAX, Right, Role, State, Terms, Tie

_COLUMNS: Final = (
    "id, role, state, owner, member, inviter, kinds, rights, month_max, until, invited_at, answer_by, linked_at"
)

_INSERT: Final = """
INSERT INTO family_ties (id, role, state, place, owner, member, inviter, kinds, rights, month_max, until, invited_at, answer_by, linked_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""

# Whatever a person has to do with: own ties, those as a member, and of the own children.
_OF_PERSON: Final = f"""
SELECT {_COLUMNS}
FROM family_ties
WHERE state < 2 AND (owner = %(person)s OR member = %(person)s OR inviter = %(person)s
    OR owner IN (SELECT owner FROM family_ties WHERE member = %(person)s AND role = 1 AND state = 1))
ORDER BY id
"""  # noqa: S608 - our own columns

_BY_ID: Final = f"SELECT {_COLUMNS} FROM family_ties WHERE id = %s"  # noqa: S608
_LOCK: Final = _BY_ID + " FOR UPDATE"
_LIVING: Final = f"SELECT {_COLUMNS} FROM family_ties WHERE owner = %s AND member = %s AND role = %s AND state < 2"  # noqa: S608
_OF_OWNER: Final = f"SELECT {_COLUMNS} FROM family_ties WHERE owner = %s AND role = ANY(%s) AND state < 2 ORDER BY id"  # noqa: S608
_OF_MEMBER: Final = f"SELECT {_COLUMNS} FROM family_ties WHERE member = %s AND role = ANY(%s) AND state = 1 ORDER BY id"  # noqa: S608

_LINK: Final = """
UPDATE family_ties
SET state = 1, place = %s, linked_at = %s
WHERE id = %s AND state = 0
"""
_END: Final = """
UPDATE family_ties
SET state = %s, place = 0, ended_at = %s
WHERE id = %s AND state < 2
"""
_END_STALE: Final = """
UPDATE family_ties
SET state = 3, place = 0, ended_at = %s
WHERE owner = %s AND (state = 0 AND answer_by <= %s OR state = 1 AND until < %s)
"""

_PLACES: Final = "SELECT place FROM family_ties WHERE owner = %s AND role = 1 AND state = 1"

_INSERT_CHILD: Final = "INSERT INTO children (child, since, of_age_in) VALUES (%s, %s, %s)"
_LOCK_PERSON: Final = "SELECT 1 FROM citizens WHERE id = %s FOR NO KEY UPDATE"
_IS_IN_CARE: Final = "SELECT 1 FROM children WHERE child = %s AND ended_at IS NULL"
_GROWING_UP: Final = """
SELECT child
FROM children
WHERE of_age_in <= %s AND ended_at IS NULL
ORDER BY child
LIMIT %s
"""
_END_CHILD: Final = "UPDATE children SET ended_at = %s WHERE child = %s AND ended_at IS NULL"

_PUT_CODE: Final = """
INSERT INTO child_codes (child, code_hash, guardian, expires_at)
VALUES (%s, %s, %s, %s)
ON CONFLICT (child) DO UPDATE
SET code_hash = excluded.code_hash, guardian = excluded.guardian, expires_at = excluded.expires_at
"""
_TAKE_CODE: Final = "DELETE FROM child_codes WHERE code_hash = %s RETURNING child, expires_at"
_DROP_CODE: Final = "DELETE FROM child_codes WHERE child = %s"


def _tie(row: tuple[Any, ...]) -> Tie:
    identity, role, state, owner, member, inviter, kinds, rights, month_max, until, invited_at, answer_by, linked = row
    return Tie(
        id=identity,
        role=Role(role),
        state=State(state),
        owner=owner,
        member=member,
        inviter=inviter,
        terms=Terms(kinds=tuple(kinds), rights=Right(rights), month_max=month_max, until=until),
        invited_at=invited_at,
        answer_by=answer_by,
        linked_at=linked,
    )


def _ties(rows: Iterable[tuple[Any, ...]]) -> list[Tie]:
    return [_tie(row) for row in rows]


async def insert(connection: Connection, tie: Tie, *, place: int = 0) -> bool:
    """Write a tie down; False where the two are tied so already, or the guardian's place is taken."""
    terms = tie.terms
    cursor = await connection.execute(
        _INSERT,
        (
            tie.id,
            int(tie.role),
            int(tie.state),
            place,
            tie.owner,
            tie.member,
            tie.inviter,
            list(terms.kinds),
            int(terms.rights),
            terms.month_max,
            terms.until,
            tie.invited_at,
            tie.answer_by,
            tie.linked_at,
        ),
    )
    return cursor.rowcount == 1


async def by_id(connection: Connection, identity: int, *, lock: bool = False) -> Tie | None:
    """Find a tie; with `lock`, hold it until the transaction ends."""
    row = await (await connection.execute(_LOCK if lock else _BY_ID, (identity,))).fetchone()
    return _tie(row) if row else None


async def of_person(connection: Connection, person: int) -> list[Tie]:
    """Read the living ties that a person has to do with, those of the own children included, oldest first."""
    return _ties(await (await connection.execute(_OF_PERSON, {"person": person})).fetchall())


async def living(connection: Connection, *, owner: int, member: int, role: Role) -> Tie | None:
    """Find the tie of two people in a role, linked or invited."""
    row = await (await connection.execute(_LIVING, (owner, member, int(role)))).fetchone()
    return _tie(row) if row else None


async def of_owner(connection: Connection, owner: int, roles: Sequence[Role]) -> list[Tie]:
    """Read an owner's living ties in some roles."""
    return _ties(await (await connection.execute(_OF_OWNER, (owner, [int(role) for role in roles]))).fetchall())


async def of_member(connection: Connection, member: int, roles: Sequence[Role]) -> list[Tie]:
    """Read the linked ties in which somebody is the member."""
    return _ties(await (await connection.execute(_OF_MEMBER, (member, [int(role) for role in roles]))).fetchall())


async def link(connection: Connection, tie: Tie, *, place: int, now: datetime) -> None:
    """Link what was invited."""
    cursor = await connection.execute(_LINK, (place, now, tie.id))
    expect_rows(cursor.rowcount, expected=1, what="tie linked")


async def end(connection: Connection, tie: Tie, state: State, *, now: datetime) -> None:
    """End a tie or an invitation."""
    cursor = await connection.execute(_END, (int(state), now, tie.id))
    expect_rows(cursor.rowcount, expected=1, what="tie ended")


async def end_stale(connection: Connection, owner: int, *, now: datetime, today: date) -> None:
    """End an owner's invitations and mandates whose time is over."""
    await connection.execute(_END_STALE, (now, owner, now, today))


async def lock_person(connection: Connection, person: int) -> None:
    """Hold a person's row, so that who ties something to this person does it one after another; nobody's is not held."""
    await connection.execute(_LOCK_PERSON, (person,))


async def free_place(connection: Connection, child: int) -> int:
    """Give the place of a next guardian of a child whose row is held, 0 if there is none."""
    taken = {place for (place,) in await (await connection.execute(_PLACES, (child,))).fetchall()}
    return next((place for place in range(1, GUARDIANS_MAX + 1) if place not in taken), 0)


async def insert_child(connection: Connection, child: int, *, of_age_in: int, now: datetime) -> None:
    """Write down that a citizen is in care until the year in which it comes of age."""
    await connection.execute(_INSERT_CHILD, (child, now, of_age_in))


async def is_in_care(connection: Connection, citizen: int) -> bool:
    """Tell whether a citizen was registered by a guardian and is not of age."""
    return await (await connection.execute(_IS_IN_CARE, (citizen,))).fetchone() is not None


async def growing_up(connection: Connection, year: int, *, limit: int) -> list[int]:
    """Give children who come of age in a year or came before it."""
    return [child for (child,) in await (await connection.execute(_GROWING_UP, (year, limit))).fetchall()]


async def end_child(connection: Connection, child: int, *, now: datetime) -> None:
    """Write down that somebody is of age."""
    await connection.execute(_END_CHILD, (now, child))


async def put_code(
    connection: Connection, child: int, *, code_hash: bytes, guardian: int, expires_at: datetime
) -> None:
    """Keep a pairing code in place of any other of the child."""
    await connection.execute(_PUT_CODE, (child, code_hash, guardian, expires_at))


async def take_code(connection: Connection, code_hash: bytes) -> tuple[int, datetime] | None:
    """Use a pairing code up; give whose it was and when it ends."""
    row = await (await connection.execute(_TAKE_CODE, (code_hash,))).fetchone()
    return (row[0], row[1]) if row else None


async def drop_code(connection: Connection, child: int) -> None:
    """Forget a child's pairing code."""
    await connection.execute(_DROP_CODE, (child,))
