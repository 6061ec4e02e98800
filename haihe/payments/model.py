"""A payment's words: an offer, a request to pay it, the payment that came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from datetime import datetime

    from haihe.wallet.purses.model import Accepted, Applicable


class Status(IntEnum):
    """What became of a payment. Everything but `PAID` and `REFUND` moved no money."""

    PAID = 0
    ALREADY_PAID = 1
    ACCOUNT_FROZEN = 2
    ACCOUNT_CLOSED = 3
    INSUFFICIENT_FUNDS = 4
    LIMIT_REACHED = 5
    PAYEE_UNAVAILABLE = 6
    CODE_USED = 7
    SPONSOR_UNAVAILABLE = 8
    SETTLED = 9
    """The bill or ticket was paid before, by whomever."""
    NO_LONGER_DUE = 10
    """The bill or ticket was withdrawn, or its time is over."""
    REFUND = 11
    """Not a payment: gives back (a part of) the payment that it names."""
    PRICE_CHANGED = 12
    """The payer's own part is more than what was shown. Never stored: the key stays free."""
    CONFIRMATION_NEEDED = 13
    """A limit of the day is reached; a stronger confirmation would do."""
    CAP_REACHED = 14
    """A cap that the payer, or who looks after the payer, has set."""
    CARD_REVOKED = 15
    """The paper card was revoked before the payment."""
    TIE_ENDED = 16
    """The relative or helper who asked may no longer pay this."""
    MANDATE_REACHED = 17
    """More than the helper's mandate allows in this month."""


MOVED: Final = frozenset({Status.PAID, Status.REFUND})
"""Rows that moved money."""


class Channel(IntEnum):
    """How the payer reached the offer."""

    STICKER = 1
    PAYMENT_CODE = 2
    """The payer showed a code to a till."""
    APP = 3
    """The payer chose a bill, a ticket or a service in the app."""
    PAPER = 4
    """The payer's paper card was read by a till."""
    SYNTHETIC = 9
    """The demo city's past, which nobody lived: posted at founding (`haihe/city`)."""


STATIC: Final = frozenset({Channel.STICKER, Channel.PAPER})
"""Channels whose code is always the same: the weakest by law (notice 296/2017, Art. 12)."""

AT_TILLS: Final = frozenset({Channel.PAYMENT_CODE, Channel.PAPER})
"""Channels by which a till or a validator charges what was held before it."""


class Source(StrEnum):
    """Where a share of a payment comes from."""

    BALANCE = "balance"
    PURSE = "purse"
    FUND = "fund"


@dataclass(frozen=True, slots=True)
class Scan:
    """Something that someone is about to pay, as it was met: by a sticker, at a till, in the app.

    `kind` is the sector's kind ("bus"), `point` what is paid at or for (a vehicle, a till, a due), `payee` the organisation (0 where
    only the sector knows it), `amount` in fen is what the payer or the cashier typed, None if nothing. `companion` asks to pay
    once more for someone else. `code` is the payment code that the payer showed, or the id of the paper card; 0 if none.
    `tie` is the family tie by which a relative pays for its owner, or a helper from the owner's wallet; 0 none.
    """

    kind: str
    point: int
    payee: int
    payer: int
    bucket: int
    at: datetime
    amount: int | None = None
    companion: bool = False
    channel: Channel = Channel.STICKER
    code: int = 0
    tie: int = 0


@dataclass(frozen=True, slots=True)
class Contribution:
    """A part that somebody else bears: from which fund (its account's id), in fen."""

    fund: int
    amount: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What is owed, by whom, to whom: a scan with its price in fen, decided by the sector.

    Others bear their `contributions` first, then one of the `campaigns` its discount; then the payer's purses of these schemes are
    used, by rank and those that lapse sooner first, then the wallet. `goods` (the catalogue's keys for what is bought) and `standing`
    (words for what the payer is here: "card", "patient") are the sector's; by them the schemes' data choose `purses` and `campaigns`
    (`sharing.completed`).
    """

    scan: Scan
    amount: int
    service: int
    """The sector's own reference, for a ride the line; kept in the payment row."""
    purses: tuple[Accepted, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    campaigns: tuple[Applicable, ...] = ()
    goods: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()

    @property
    def is_shared(self) -> bool:
        """Tell whether anything but the payer's wallet may pay."""
        return bool(self.purses or self.contributions or self.campaigns)


@dataclass(frozen=True, slots=True)
class Refused:
    """A sector's `admit` says no: with a status of the payment, and the payment it refers to (0 none)."""

    status: Status
    names: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a payment: from which account, in fen. `scheme` names the purse's scheme, 0 for others."""

    account: int
    amount: int
    source: Source
    scheme: int = 0


@dataclass(frozen=True, slots=True)
class PaidPart:
    """A share as people read it: where it came from, its name in their language, fen."""

    source: Source
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """A citizen wants to pay what a code offers. `key` is the idempotency key; `amount` in fen only if the code has no price.

    `code` is a sticker's, or names something in the app: kind and number ("bill-7301", see `references`). `own_max` in fen is the
    own part that the payer was shown: for more than that nothing is paid (`PriceChanged`); None pays whatever it is. `confirmation` is
    what `base/confirmations.py` granted for this key, "" nothing. `by_card`: the money was pulled from the payer's bank card for this payment, so that the wallet's
    limits do not count it. `tie`: the mandate by which a helper asks for the payer; 0 where the payer asks.
    """

    payer: int
    bucket: int
    code: str
    key: str
    amount: int | None = None
    companion: bool = False
    own_max: int | None = None
    confirmation: str = ""
    by_card: bool = False
    tie: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """A till wants to be paid by whoever shows it a payment code. `key` is the till's idempotency key for this sale.

    `kind`, `point` and `payee` are the till's; `amount` in fen is what the cashier typed, None where the sector knows the price (a bus).
    """

    kind: str
    point: int
    payee: int
    code: str
    key: str
    amount: int | None = None


class Payment(msgspec.Struct, frozen=True, gc=False):
    """A payment row: the receipt and the event at once; never updated.

    `amount` and `balance` (the payer's wallet's, after it) in fen; `batch` the ledger batch with which it was decided, also when it was
    refused (0 if nothing of its list was posted); `names` the payment it refers to: for `ALREADY_PAID` the first one, for `REFUND` the
    one that it gives back. `shares` are empty where the wallet paid alone; a refund's say which shares of the payment it gives back.
    A struct, because it is copied on the hot path, and cannot be part of a cycle.
    """

    id: int
    bucket: int
    batch: int
    payer: int
    payee: int
    amount: int
    balance: int
    status: Status
    kind: int
    point: int
    service: int
    channel: Channel
    names: int
    paid_at: datetime
    payee_name: str = ""
    shares: tuple[Share, ...] = ()

    @property
    def paid_by(self) -> tuple[Share, ...]:
        """Give all shares, also where there is only one."""
        return self.shares or (Share(self.payer, self.amount, Source.BALANCE),)


@dataclass(frozen=True, slots=True)
class Description:
    """How a sector tells a person what was paid, in the person's language: "Line 17 · Bus 4082", and lines of label and value."""

    title: str
    icon: str
    details: tuple[tuple[str, str], ...] = field(default=())
    link: tuple[str, str] | None = None
    """Address and name of what the payer has got by it, told once it is paid: a ticket."""
    note: str = ""
    """A word that stands beside it in lists: with what it was paid, where that is not the phone."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What something asks for before it is paid: told in a language; `offer` None means the payer says the amount."""

    payee: int
    description: Description
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What a code offers before it is paid; `amount` None means the payer says it. `own` is what leaves the wallet, if that is known."""

    code: str
    kind: str
    payee: str
    amount: int | None
    description: Description
    own: int | None = None
    parts: tuple[PaidPart, ...] = ()
    """Who pays what, where not the wallet alone."""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund as people read it: its row, why, which member of staff gave it, and fen of it that wait for their account."""

    refund: Payment
    reason: str
    staff: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment with its sector's description, and who paid what."""

    payment: Payment
    description: Description
    parts: tuple[PaidPart, ...] = ()
    refunds: tuple[GivenBack, ...] = ()
    """What was given back of it, oldest first; of a refund's own receipt itself."""
    rest: int = 0
    """What may still be given back, in fen."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a citizen's history: `amount` in fen, minus when money left."""

    id: int
    title: str
    icon: str
    amount: int
    at: datetime
    href: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of history, newest first; `next_cursor` None on the last one."""

    items: tuple[Entry, ...]
    next_cursor: str | None
