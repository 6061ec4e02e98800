"""The words of sending: to whom, what is asked, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from haihe.ledger.model import Result

NOTE_CHARACTERS_MAX: Final = 40


class Status(StrEnum):
    """What became of money that left the sender's wallet, in the API's words."""

    SENT = "sent"
    """On its way: it arrives, or comes back, by itself."""
    ARRIVED = "arrived"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who would get the money; the name is masked as the sender sees it."""

    id: int
    bucket: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """A citizen wants to send `amount` fen to whoever has a phone number. `key` is the idempotency key.

    `expects` is the masked name that the sender has confirmed; empty where nobody was asked. `to` is who gets it where that is known
    otherwise than by a phone number: a child, whom the sender looks after. `confirmation` is what `base/confirmations.py` granted for this
    key, "" nothing.
    """

    sender: int
    bucket: int
    phone: str = field(repr=False)
    amount: int
    key: str
    note: str = ""
    passcode: str = field(default="", repr=False)
    confirmation: str = field(default="", repr=False)
    expects: str = ""
    to: Recipient | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """What a citizen sent, as stored; `balance` in fen is the wallet's after it. A refused one moved nothing and says why."""

    id: int
    bucket: int
    sender: int
    recipient: int
    amount: int
    balance: int
    sent_at: datetime
    result: Result
    status: Status
    is_held: bool
    """Came back when the sender's own wallet took nothing any more: it waits in suspense."""
    note: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """What a citizen received, as stored; `balance` in fen is the wallet's after it."""

    id: int
    bucket: int
    recipient: int
    sender: int
    amount: int
    balance: int
    arrived_at: datetime
    note: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money between citizens as one of the two sees it: the other's masked name, fen, the own wallet's balance after it."""

    id: int
    is_outgoing: bool
    other: str
    amount: int
    balance: int
    at: datetime
    status: Status
    note: str = field(default="", repr=False)
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A movement of a wallet as its owner reads it: a title in the owner's language, an icon, the address of its receipt."""

    title: str
    icon: str
    href: str
