"""The ledger's words: accounts, legs, postings and what can become of them.

What is made for every payment is a struct, which costs a tenth of a frozen dataclass and cannot be part of a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Final

import msgspec

from haihe.base.ids import LEGS_MAX
from haihe.base.money import CURRENCY_NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

POSTINGS_MAX: Final = 8192
"""The most postings one batch may hold."""
POSTING_LEGS_MAX: Final = LEGS_MAX


class AccountKind(IntEnum):
    """The chart of accounts: what a number of money means."""

    WALLET = 1
    PURSE = 2
    TILL = 3
    RESERVE = 10
    IN_TRANSIT = 11
    BRIDGE = 12
    SUSPENSE = 13
    FEES = 14
    CITY_FUNDS = 15
    REFUNDS_IN_FLIGHT = 16
    DEBTS = 17
    CLAIMS = 18
    PAYOUTS = 19
    """Organisations' money on its way to their banks."""
    REFUNDABLE = 20
    """Memorandum: how much of a payment may still be given back; counts no money."""
    REFUNDABLE_ALL = 21
    """Memorandum: the other side of all of them."""


class SystemAccount(IntEnum):
    """The accounts that every bucket has from its founding; their ids are these numbers."""

    RESERVE = 1
    IN_TRANSIT = 2
    BRIDGE = 3
    SUSPENSE = 4
    FEES = 5
    CITY_FUNDS = 6
    REFUNDS_IN_FLIGHT = 7
    PAYOUTS = 8
    REFUNDABLE_ALL = 9


class AccountFlag(IntFlag):
    """Properties of an account that posting obeys."""

    NO_OVERDRAFT = 1
    FROZEN = 2
    CLOSED = 4
    CHAINED = 8
    """Each transfer names the account's previous one, so that a statement is a walk and needs no index."""


NO_FLAGS: Final = AccountFlag(0)


class TransferKind(IntEnum):
    """Why money moved."""

    PAYMENT = 1
    TOP_UP = 2
    OPENING = 3
    GRANT = 4
    """A sponsor's money into a purse."""
    REFUND = 5
    """Back to where a payment's share came from."""
    REFUNDABLE = 6
    """Memorandum beside refunds: what may still be given back."""
    CROSSING = 7
    """Between buckets, over their bridges."""
    LAPSE = 8
    """Out of a purse back to its sponsor."""
    FEE = 9
    PAYOUT = 10
    REVERSAL = 11
    """Takes back the transfer that it names."""
    DEPOSIT = 12
    """Held until it is captured or released."""
    WITHDRAWAL = 13
    """Out of a wallet on its way to the owner's bank card, and on to the bank."""
    CASH_IN = 14
    """A counter took cash and gives as much from its till."""


class Phase(IntEnum):
    """What a leg does to money: moves it, or holds it, or ends (a part of) a hold, which it names."""

    POST = 0
    HOLD = 1
    """The debit account can no longer spend it, the credit account does not have it yet."""
    CAPTURE = 2
    RELEASE = 3


class Risk(IntEnum):
    """How strongly a debit was confirmed: which of the day's limits it counts against (PBOC No. 296 of 2017, classes A to D)."""

    NONE = 0
    """Counts against no limit: the city's and organisations' own postings."""
    A = 1
    B = 2
    C = 3
    D = 4
    """A static code."""


class Result(IntEnum):
    """What became of a posting. The order is the order of checks, the first that holds decides; those of holds come before the accounts'."""

    POSTED = 0
    ALREADY_POSTED = 1
    MALFORMED = 2
    TOO_OLD = 3
    ID_REUSED = 4
    UNKNOWN_ACCOUNT = 5
    ACCOUNT_FROZEN = 6
    ACCOUNT_CLOSED = 7
    INSUFFICIENT_FUNDS = 8
    LIMIT_EXCEEDED = 9
    PAYEE_UNKNOWN = 10
    PAYEE_FROZEN = 11
    PAYEE_CLOSED = 12
    UNKNOWN_HOLD = 13
    HOLD_ENDED = 14
    ABOVE_REST = 15


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be opened in a bucket; `owner` is the citizen's or organisation's id, 0 for the city's own."""

    id: int
    kind: AccountKind
    owner: int
    flags: AccountFlag = NO_FLAGS
    currency: int = CURRENCY_NUMBER
    limit_class: int = 0
    """Whose turnover limits its debits obey; 0 none."""


@dataclass(frozen=True, slots=True)
class TurnoverLimits:
    """What the debits of an account of a class may sum up to, in minor units: a booking day's by risk, a year's, all since opening; None no limit."""

    limit_class: int
    day_a: int | None = None
    day_b: int | None = None
    day_c: int | None = None
    day_d: int | None = None
    year: int | None = None
    total: int | None = None


NO_LIMIT: Final = 1 << 62
"""How the ledger writes a limit that there is not."""


class Room(msgspec.Struct, frozen=True):
    """What an account has turned over and may, in minor units: on the booking day by risk A, B, C, D, in its year, since opening."""

    limit_class: int
    used: tuple[int, ...]
    limits: tuple[int, ...]

    def left(self, risk: Risk) -> int:
        """Give what may still be debited under a risk: the least of the day's, the year's and all that is left."""
        places = (risk - 1, 4, 5)
        return max(0, min(self.limits[place] - self.used[place] for place in places)) if self.limit_class else NO_LIMIT


class Leg(msgspec.Struct, frozen=True, gc=False):
    """One transfer of a posting: money leaves `debit` and reaches `credit` (account ids), `amount` in minor units.

    `names` is the transfer that it reverses, refunds, captures or releases, 0 none. A release has the amount 0: whatever the hold has left.
    """

    debit: int
    credit: int
    amount: int
    kind: TransferKind
    currency: int = CURRENCY_NUMBER
    names: int = 0
    phase: Phase = Phase.POST
    risk: Risk = Risk.NONE


class Posting(msgspec.Struct, frozen=True, gc=False):
    """Transfers that happen all or none.

    `id` is a multiple of 16; its legs are stored as `id`, `id + 1`, … `subject` is the account whose balance after the posting
    is answered. `payment` names the payment it belongs to, 0 if none. Its holds end by themselves at `expires`.
    """

    id: int
    legs: Sequence[Leg]
    effective: datetime
    subject: int
    payment: int = 0
    expires: datetime | None = None


class Posted(msgspec.Struct, frozen=True, gc=False):
    """The answer to one posting: the result and the subject's available balance after it (before it when refused)."""

    result: Result
    balance: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The answer to a list of postings: one `Posted` each, in order, and the number under which the batch is sealed."""

    number: int
    posted: Sequence[Posted]
