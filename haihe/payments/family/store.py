"""All SQL about payments for one another. Dues and ties have no bucket; what was paid stands with the payer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from haihe.base.database import Connection
from haihe.people.family.model import Right, Role, State

# A due that somebody follows, or may pay for a relative who follows it; the own way comes first.
_WAY_TO: Final = """
SELECT 0 AS tie
FROM dues d
JOIN follows f ON f.kind = d.kind AND f.subject = d.subject AND f.citizen = %(payer)s
WHERE d.id = %(due)s
UNION ALL
SELECT t.id
FROM dues d
JOIN follows f ON f.kind = d.kind AND f.subject = d.subject
JOIN family_ties t ON t.owner = f.citizen AND t.member = %(payer)s AND t.role = 2 AND t.state = 1 AND d.kind = ANY(t.kinds)
WHERE d.id = %(due)s
ORDER BY tie
LIMIT 1
"""

_OPEN_FOR: Final = """
SELECT t.id, t.owner, d.id
FROM family_ties t
JOIN follows f ON f.citizen = t.owner AND f.kind = ANY(t.kinds)
JOIN dues d ON d.kind = f.kind AND d.subject = f.subject AND d.status = 0
WHERE t.member = %(payer)s AND t.role = 2 AND t.state = 1
    AND NOT EXISTS (SELECT 1 FROM follows own WHERE own.citizen = %(payer)s AND own.kind = d.kind AND own.subject = d.subject)
ORDER BY d.due_on, d.id
LIMIT %(limit)s
"""

_LOCK: Final = """
SELECT id, owner, member, role, state, rights, month_max, until
FROM family_ties
WHERE id = ANY(%b)
ORDER BY id
FOR UPDATE
"""

_SPENT: Final = """
SELECT tie, sum(amount)::bigint
FROM tie_payments
WHERE tie = ANY(%b) AND paid_on >= %b
GROUP BY tie
"""

_INSERT: Final = """
INSERT INTO tie_payments (bucket, payment, tie, amount, paid_on)
SELECT %b, n.* FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::date[]) AS n
"""

_BY_RELATIVES: Final = """
SELECT p.payment
FROM tie_payments p
JOIN family_ties t ON t.id = p.tie AND t.role = 2
WHERE p.bucket = %s AND p.payment = ANY(%s)
"""

_LANGUAGES: Final = "SELECT id, language FROM citizens WHERE id = ANY(%b)"

_NEWEST: Final = """
SELECT p.payment, p.amount, p.paid_on
FROM tie_payments p
WHERE p.tie = %s
ORDER BY p.paid_on DESC, p.payment DESC
LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class HeldTie:
    """A tie that is held until the transaction ends."""

    id: int
    owner: int
    member: int
    role: Role
    state: State
    rights: Right
    month_max: int
    until: date


@dataclass(frozen=True, slots=True)
class OpenFor:
    """An open due that somebody may pay for a relative: by which tie, and whose it is."""

    tie: int
    owner: int
    due: int


@dataclass(frozen=True, slots=True)
class PaidBy:
    """What was paid by a tie: fen, on which day."""

    payment: int
    amount: int
    paid_on: date


async def way_to(connection: Connection, due: int, payer: int) -> int | None:
    """Tell by which tie somebody may pay a due: 0 as one's own, None by none."""
    row = await (await connection.execute(_WAY_TO, {"due": due, "payer": payer})).fetchone()
    return int(row[0]) if row else None


async def open_for(connection: Connection, payer: int, *, limit: int) -> list[OpenFor]:
    """Give what is open of what somebody may pay for relatives, the most urgent first; each due once."""
    rows = await (await connection.execute(_OPEN_FOR, {"payer": payer, "limit": limit})).fetchall()
    return list({row[2]: OpenFor(*row) for row in reversed(rows)}.values())[::-1]


async def lock(connection: Connection, ties: Sequence[int]) -> dict[int, HeldTie]:
    """Hold ties until the transaction ends, in the order of their ids; the unknown are absent."""
    rows = await (await connection.execute(_LOCK, (list(ties),))).fetchall()
    return {
        row[0]: HeldTie(row[0], row[1], row[2], Role(row[3]), State(row[4]), Right(row[5]), row[6], row[7])
        for row in rows
    }


async def spent(connection: Connection, ties: Sequence[int], *, since: date) -> dict[int, int]:
    """Sum up what was paid by ties since a day, in fen; those without are absent."""
    return dict(await (await connection.execute(_SPENT, (list(ties), since))).fetchall())


async def insert(connection: Connection, bucket: int, paid: Sequence[tuple[int, int, int, date]]) -> None:
    """Write down payments of one bucket that were made by ties: (payment, tie, fen, day)."""
    payments, ties, amounts, days = (list(column) for column in zip(*paid, strict=True))
    await connection.execute(_INSERT, (bucket, payments, ties, amounts, days))


async def by_relatives(connection: Connection, bucket: int, payments: Sequence[int]) -> set[int]:
    """Tell which payments relatives made."""
    return {
        payment for (payment,) in await (await connection.execute(_BY_RELATIVES, (bucket, list(payments)))).fetchall()
    }


async def languages(connection: Connection, citizens: Sequence[int]) -> dict[int, str]:
    """Read the languages of citizens."""
    return dict(await (await connection.execute(_LANGUAGES, (list(citizens),))).fetchall())


async def newest(connection: Connection, tie: int, *, limit: int) -> list[PaidBy]:
    """Give what was last paid by a tie."""
    return [PaidBy(*row) for row in await (await connection.execute(_NEWEST, (tie, limit))).fetchall()]
