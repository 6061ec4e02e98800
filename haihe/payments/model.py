"""A payment's words: an offer, a request to pay it, the payment that came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Status(IntEnum):
    """What became of a payment. Everything but `PAID` moved no money."""

    PAID = 0
    ALREADY_PAID = 1
    ACCOUNT_FROZEN = 2
    ACCOUNT_CLOSED = 3
    INSUFFICIENT_FUNDS = 4
    LIMIT_REACHED = 5
    PAYEE_UNAVAILABLE = 6


class Channel(IntEnum):
    """How the payer reached the offer."""

    STICKER = 1


@dataclass(frozen=True, slots=True)
class Scan:
    """A code that someone is about to pay: what `codes` read from it, and by whom.

    `kind` is the sticker's kind ("bus"), `point` what it is fixed to (a vehicle, a till), `payee` the organisation,
    `amount` in fen is what the payer typed, None if nothing. `companion` asks to pay once more for someone else.
    """

    kind: str
    point: int
    payee: int
    payer: int
    bucket: int
    at: datetime
    amount: int | None = None
    companion: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What is owed, by whom, to whom: a scan with its price in fen, decided by the sector."""

    scan: Scan
    amount: int
    service: int
    """The sector's own reference, for a ride the line; kept in the payment row."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A sector's `admit` says no: with a status of the payment, and the payment it refers to (0 none)."""

    status: Status
    names: int = 0


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """A citizen wants to pay what a code offers. `key` is the idempotency key; `amount` in fen only if the code has no price."""

    payer: int
    bucket: int
    code: str
    key: str
    amount: int | None = None
    companion: bool = False
    channel: Channel = Channel.STICKER


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment row: the receipt and the event at once; never updated.

    `amount` and `balance` (the payer's, after it) in fen; `batch` the ledger batch with which it was decided, also when it was
    refused (0 if nothing of its list was posted); `names` the payment it refers
    to: for `ALREADY_PAID` the first one.
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


@dataclass(frozen=True, slots=True)
class Description:
    """How a sector tells a person what was paid, in the person's language: "Line 17 · Bus 4082", and lines of label and value."""

    title: str
    icon: str
    details: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Quote:
    """What a code offers before it is paid; `amount` None means the payer says it."""

    code: str
    kind: str
    payee: str
    amount: int | None
    description: Description


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment with its sector's description."""

    payment: Payment
    description: Description


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a citizen's history: `amount` in fen, minus when money left."""

    id: int
    title: str
    icon: str
    amount: int
    at: datetime
    href: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of history, newest first; `next_cursor` None on the last one."""

    items: tuple[Entry, ...]
    next_cursor: str | None
