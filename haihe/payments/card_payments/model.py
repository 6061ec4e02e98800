"""The words of payments straight from a bank card."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Final


class CardPaymentStatus(IntEnum):
    """What became of a payment by card. Only `OPEN` ever changes, and once."""

    OPEN = 0
    """The bank's word is awaited, or the payment is about to follow it."""
    PAID = 1
    REFUSED = 2
    """The bank sent no money: nothing was taken, nothing was paid."""
    KEPT = 3
    """The bank sent the money, and then it could not be paid: it stays in the wallet, and the person is told."""


STATUS_WORDS: Final = {
    CardPaymentStatus.OPEN: "pending",
    CardPaymentStatus.PAID: "paid",
    CardPaymentStatus.REFUSED: "refused",
    CardPaymentStatus.KEPT: "kept",
}
"""How the API and the pages say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPayment:
    """A payment straight from a card; its id is the top-up's that pulls `amount` fen for it.

    `typed` is the amount that the payer typed (0 where the code has a price), `payment` the payment that came of it (0 none yet).
    """

    id: int
    bucket: int
    citizen: int
    code: str
    amount: int
    typed: int
    companion: bool
    is_static: bool
    status: CardPaymentStatus
    reason: str
    payment: int
    asked_at: datetime

    @property
    def is_open(self) -> bool:
        """Tell whether it is not known yet what becomes of it."""
        return self.status is CardPaymentStatus.OPEN

    @property
    def status_word(self) -> str:
        """Give the status as the API says it: pending, paid, refused or kept."""
        return STATUS_WORDS[self.status]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPaymentWish:
    """A citizen wants to pay what a code offers straight from one of the own cards. `key` is the idempotency key.

    `amount` in fen only if the code has no price. `confirmation` is what `base/confirmations.py` granted for this key.
    """

    citizen: int
    bucket: int
    code: str
    card: int
    key: str
    amount: int | None = None
    companion: bool = False
    confirmation: str = field(default="", repr=False)
