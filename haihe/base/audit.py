"""The audit log: who did what to whom and what became of it, attempts included; append-only and chained like the ledger.

A deed that changes something is written in the transaction of the change, as its last statement, since the log stays locked until
the end. An attempt that was refused has changed nothing: `Audit.attempt` writes it by itself. Details never hold personal data,
only ids, codes and amounts: the log outlives whoever asks to be forgotten.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from typing import Final

import msgspec
from psycopg.rows import TupleRow

from haihe.base.clock import Clock
from haihe.base.database import Connection, Database, one
from haihe.base.errors import Refusal

DONE: Final = "done"
UNAVAILABLE: Final = 503

_APPEND: Final = """
SELECT audit_append(%s::timestamptz, %s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[])
"""
_COLUMNS: Final = "number, at, actor_kind, actor, organisation, subject, action, outcome, details"


class Actor(IntEnum):
    """What kind of one did it."""

    CITY = 0
    """The software itself: a job, the founding."""
    CITIZEN = 1
    STAFF = 2
    TERMINAL = 3
    STRANGER = 4
    """Nobody who is known (yet): someone who registers or signs in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that was done or tried: `action` names it ("passcode_set"), `subject` is whom or what it is about (a citizen's id, …)."""

    action: str
    actor: Actor
    actor_id: int = 0
    organisation: int = 0
    subject: int = 0
    outcome: str = DONE
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """A deed as it stands in the log."""

    number: int
    at: datetime
    deed: Deed


async def write(connection: Connection, deeds: Sequence[Deed], *, at: datetime) -> int:
    """Append deeds in the caller's transaction, as its last statement; give the last one's number."""
    row = await (
        await connection.execute(
            _APPEND,
            (
                at,
                [int(deed.actor) for deed in deeds],
                [deed.actor_id for deed in deeds],
                [deed.organisation for deed in deeds],
                [deed.subject for deed in deeds],
                [deed.action for deed in deeds],
                [deed.outcome for deed in deeds],
                [msgspec.json.encode(deed.details, order="sorted").decode() for deed in deeds],
            ),
        )
    ).fetchone()
    return int(one(row)[0])


async def about(connection: Connection, subject: int, *, before: int, limit: int) -> list[Written]:
    """Read what was done about somebody, newest first, below a number."""
    return await _read(connection, "subject = %s", subject, before=before, limit=limit)


async def by_staff(connection: Connection, subject: int, *, before: int, limit: int) -> list[Written]:
    """Read what staff did about somebody, newest first, below a number."""
    return await _read(
        connection, f"actor_kind = {int(Actor.STAFF)} AND subject = %s", subject, before=before, limit=limit
    )


async def within(connection: Connection, organisation: int, *, before: int, limit: int) -> list[Written]:
    """Read what an organisation's staff did, newest first, below a number."""
    return await _read(connection, "organisation = %s", organisation, before=before, limit=limit)


async def _read(connection: Connection, condition: str, value: int, *, before: int, limit: int) -> list[Written]:
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM audit WHERE {condition} AND number < %s ORDER BY number DESC LIMIT %s",  # noqa: S608 - constants
        (value, before, limit),
    )
    return [written(row) for row in await cursor.fetchall()]


def written(row: TupleRow) -> Written:
    """Read a row's columns, in the order in which the log's readers ask for them."""
    number, at, actor_kind, actor, organisation, subject, action, outcome, details = row
    deed = Deed(
        action=action,
        actor=Actor(actor_kind),
        actor_id=actor,
        organisation=organisation,
        subject=subject,
        outcome=outcome,
        details=msgspec.json.decode(details),
    )
    return Written(number, at, deed)


@dataclass(frozen=True)
class Audit:
    """Writes what stands in no other transaction."""

    database: Database
    clock: Clock

    async def note(self, deed: Deed) -> None:
        """Append one deed in a transaction of its own."""
        async with self.database.transaction() as connection:
            await write(connection, [deed], at=self.clock.now())

    @asynccontextmanager
    async def attempt(self, deed: Deed) -> AsyncIterator[None]:
        """Note a deed that is refused inside the block, with the refusal's code; what is done inside writes itself.

        Where the database or the other side is away (503) nothing is noted: nobody did anything wrong.
        """
        try:
            yield
        except Refusal as refusal:
            if refusal.status != UNAVAILABLE:
                await self.note(replace(deed, outcome=refusal.code))
            raise
