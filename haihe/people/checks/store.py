"""All SQL about identity checks and the class that they allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from haihe.base.database import Connection, expect_rows, one
from haihe.outside.registry import Answer
from haihe.people.checks.model import Channel, Check, Origin, Said
from haihe.people.model import CitizenClass

_OF: Final = """
SELECT citizen, checked_at, channel, answer, origin, source
FROM identity_checks
WHERE citizen = %s
ORDER BY checked_at, channel, source
"""

# A source that knew the person once has answered for good.
_PUT: Final = """
INSERT INTO identity_checks (citizen, checked_at, channel, answer, origin, source)
SELECT citizen, checked_at, channel, answer, origin, source
FROM unnest(%s::bigint[], %s::timestamptz[], %s::smallint[], %s::smallint[], %s::smallint[], %s::text[])
    AS fresh (citizen, checked_at, channel, answer, origin, source)
ON CONFLICT (citizen, source) DO UPDATE
SET checked_at = excluded.checked_at,
    answer = excluded.answer
WHERE identity_checks.answer = 0
"""

_LOCK_CLASS: Final = "SELECT class FROM citizens WHERE id = %s FOR UPDATE"
_SET_CLASS: Final = "UPDATE citizens SET class = %s WHERE id = %s"


async def of(connection: Connection, citizen: int) -> list[Check]:
    """Read what sources said of a citizen, oldest first."""
    cursor = await connection.execute(_OF, (citizen,))
    return [
        Check(
            citizen=citizen,
            said=Said(Channel(channel), source, Answer.MATCH if answer else Answer.MISMATCH),
            checked_at=checked_at,
            origin=Origin(origin),
        )
        for citizen, checked_at, channel, answer, origin, source in await cursor.fetchall()
    ]


async def put(connection: Connection, checks: Sequence[Check]) -> None:
    """Write what sources said, each once."""
    await connection.execute(
        _PUT,
        (
            [check.citizen for check in checks],
            [check.checked_at for check in checks],
            [int(check.said.channel) for check in checks],
            [int(check.said.is_match) for check in checks],
            [int(check.origin) for check in checks],
            [check.said.source for check in checks],
        ),
    )


async def lock_class(connection: Connection, citizen: int) -> CitizenClass:
    """Read a citizen's class and hold the citizen until the transaction ends."""
    return CitizenClass(one(await (await connection.execute(_LOCK_CLASS, (citizen,))).fetchone())[0])


async def set_class(connection: Connection, citizen: int, citizen_class: CitizenClass) -> None:
    """Write a citizen's class."""
    cursor = await connection.execute(_SET_CLASS, (int(citizen_class), citizen))
    expect_rows(cursor.rowcount, expected=1, what="class")
