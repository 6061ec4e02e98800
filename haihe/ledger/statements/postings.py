"""A posting as an accountant reads it: its legs, where they stand in which batch, and what seals it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from haihe.base.database import Connection
from haihe.base.ids import LEGS_MAX
from haihe.ledger.model import AccountKind, Phase, TransferKind
from haihe.ledger.seal import store as seal_store

_LEGS: Final = """
SELECT t.id, t.place, t.kind, t.phase, t.amount, t.names, t.payment, t.batch, t.posted, t.effective, b.booking_day, b.hash,
    t.debit, d.kind, d.owner, t.credit, c.kind, c.owner
FROM transfers t
JOIN batches b ON b.bucket = %(bucket)s AND b.number = t.batch
JOIN accounts d ON d.bucket = %(bucket)s AND d.id = t.debit
JOIN accounts c ON c.bucket = %(bucket)s AND c.id = t.credit
WHERE t.bucket = %(bucket)s AND t.id BETWEEN %(first)s AND %(last)s
ORDER BY t.id
"""


@dataclass(frozen=True, slots=True)
class Side:
    """An account at one end of a leg."""

    account: int
    kind: AccountKind
    owner: int


@dataclass(frozen=True, slots=True)
class ReadLeg:
    """One transfer of a posting; `amount` in minor units, `names` the transfer that it refers to, 0 none."""

    id: int
    place: int
    kind: TransferKind
    phase: Phase
    amount: int
    names: int
    debit: Side
    credit: Side


@dataclass(frozen=True, slots=True)
class ReadPosting:
    """A posting with its batch. `checkpoint` is the one that seals it, None in the first minute; `sealed_at` when it was signed."""

    id: int
    bucket: int
    payment: int
    batch: int
    posted: datetime
    effective: datetime
    booking_day: date
    hash: bytes
    legs: Sequence[ReadLeg]
    checkpoint: int | None
    sealed_at: datetime | None

    def touches(self, account: int) -> bool:
        """Tell whether an account is part of it."""
        return any(account in (leg.debit.account, leg.credit.account) for leg in self.legs)


async def read_posting(connection: Connection, bucket: int, posting: int) -> ReadPosting | None:
    """Read a posting of a bucket; None if there is none of this id."""
    parameters = {"bucket": bucket, "first": posting, "last": posting + LEGS_MAX - 1}
    rows = await (await connection.execute(_LEGS, parameters)).fetchall()
    if not rows:
        return None
    legs = [
        ReadLeg(
            id=row[0],
            place=row[1],
            kind=TransferKind(row[2]),
            phase=Phase(row[3]),
            amount=row[4],
            names=row[5],
            debit=Side(row[12], AccountKind(row[13]), row[14]),
            credit=Side(row[15], AccountKind(row[16]), row[17]),
        )
        for row in rows
    ]
    payment, batch, posted, effective, booking_day, digest = rows[0][6:12]
    checkpoint = await seal_store.covering(connection, bucket, batch)
    notes = await seal_store.newest(connection, before=checkpoint + 1, limit=1) if checkpoint else []
    sealed_at = notes[0].sealed_at if notes else None
    return ReadPosting(
        posting, bucket, payment, batch, posted, effective, booking_day, bytes(digest), legs, checkpoint, sealed_at
    )
