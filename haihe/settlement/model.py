"""Settlement's words: a day's takings, what is kept of them, a payout and what can become of it, a reserve check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final

NO_HASH: Final = bytes(32)
"""Where an organisation's chain of statements begins."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What came into tills and was given back out of them, in fen; `moves` counts both."""

    moves: int = 0
    gross: int = 0
    refunded: int = 0

    @property
    def takings(self) -> int:
        """What is left after refunds; below zero where more was given back than taken in."""
        return self.gross - self.refunded

    def __add__(self, other: Figures) -> Figures:
        """Add up two of them."""
        return Figures(self.moves + other.moves, self.gross + other.gross, self.refunded + other.refunded)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePosting:
    """The part of a fee that one bucket bears, and the posting under which it leaves the till; no posting where it is nothing."""

    bucket: int
    amount: int
    posting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """An organisation's closed day, as its statement says it. Amounts in fen.

    `previous_hash` is the hash of the organisation's statement before this one, `hash` its own. `is_paid_out` is false for days before
    the first one from which on is paid out (a demo's past).
    """

    organisation: int
    day: date
    lines: int
    gross: int
    refunded: int
    fee: int
    basis_points: int
    is_paid_out: bool
    file_hash: bytes
    previous_hash: bytes
    hash: bytes
    made_at: datetime

    @property
    def net(self) -> int:
        """What the day brings the organisation; may be below zero."""
        return self.gross - self.refunded - self.fee


class PayoutStatus(IntEnum):
    """What became of a payout. `PLANNED`, `ASKED` and `UNKNOWN` are open."""

    PLANNED = 0
    """Written down; its parts leave the tills."""
    ASKED = 1
    """Out of the tills; the bank is asked, or is about to be."""
    DONE = 2
    REFUSED = 3
    """Back in the tills; the next payout takes it along."""
    UNKNOWN = 4
    """The bank was asked and has not said what became of it."""
    EMPTY = 5
    """Nothing was left in the tills to pay out: refunds since the close have taken it."""


OPEN: Final = frozenset({PayoutStatus.PLANNED, PayoutStatus.ASKED, PayoutStatus.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """Money on its way to an organisation, in fen; everything up to `day` is in it. The id is our reference at the bank."""

    id: int
    organisation: int
    day: date
    account: str
    amount: int
    status: PayoutStatus
    reason: str
    planned_at: datetime
    changed_at: datetime

    @property
    def is_open(self) -> bool:
        """Tell whether it is not known yet what becomes of it."""
        return self.status in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """A payout's part from one bucket: the posting that takes it out of the till, and the one that ends it."""

    bucket: int
    payout: int
    organisation: int
    amount: int
    posting: int
    ending: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveCheck:
    """A comparison of the reserve in the ledger with the bank's own account, in fen.

    `coming`: the bank has it and the ledger will, as soon as the top-up is settled. `going`: the ledger has it and the bank's statement
    was read before. `difference` is what none of this explains; it holds when that is nothing and nothing else was found.
    """

    id: int
    checked_at: datetime
    ledger: int
    bank: int
    coming: int
    going: int
    difference: int
    holds: bool
    findings: Sequence[str]


@dataclass(frozen=True, slots=True)
class Closed:
    """What one run closed, settled and paid out."""

    days: Sequence[date]
    settlements: int
    payouts: int
    check: ReserveCheck | None
    reason: str = ""
    """Why nothing was paid out, where something should be."""


@dataclass(frozen=True, slots=True)
class FeeTable:
    """What the city keeps, as dated data: basis points by kind of organisation and first day."""

    entries: Mapping[str, Sequence[tuple[date, int]]]

    def basis_points(self, kind: str, day: date) -> int:
        """Tell what holds for a kind of organisation on a day; nothing where the table is silent."""
        begun = [points for since, points in self.entries.get(kind, ()) if since <= day]
        return begun[-1] if begun else 0
