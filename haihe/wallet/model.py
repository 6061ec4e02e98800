"""The wallet's words: a bank card, a top-up and what can become of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from haihe.base.money import YUAN_FEN


class TopUpStatus(IntEnum):
    """What became of a top-up. `ASKED` and `UNKNOWN` are open: the bank is asked until it is known."""

    ASKED = 0
    DONE = 1
    REFUSED = 2
    UNKNOWN = 3
    HELD = 4
    """The bank sent the money, but the wallet was frozen or closed: it waits in the suspense account."""


class Origin(IntEnum):
    """Who asked for a top-up."""

    CITIZEN = 0
    RULE = 1
    """The citizen's own rule for automatic top-ups."""
    PAYMENT = 2
    """A payment straight from the card, which spends it at once; it has its own limits and its own news."""


STATUS_WORDS: Final = {
    TopUpStatus.ASKED: "pending",
    TopUpStatus.UNKNOWN: "pending",
    TopUpStatus.DONE: "done",
    TopUpStatus.REFUSED: "refused",
    TopUpStatus.HELD: "held",
}
"""How the API and the pages say it."""


@dataclass(frozen=True, slots=True)
class Card:
    """A citizen's bank card, known by its last four digits."""

    id: int
    last_digits: str


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money asked from the bank; `amount` and `balance` (the wallet's after it, once done) in fen."""

    id: int
    bucket: int
    citizen: int
    card: int
    amount: int
    status: TopUpStatus
    reason: str
    balance: int
    asked_at: datetime
    origin: Origin = Origin.CITIZEN

    @property
    def is_open(self) -> bool:
        """Tell whether the bank's word is still awaited."""
        return self.status in {TopUpStatus.ASKED, TopUpStatus.UNKNOWN}

    @property
    def status_word(self) -> str:
        """Give the status as the API says it: pending, done, refused or held."""
        return STATUS_WORDS[self.status]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletRules:
    """Limits of top-ups, of withdrawals and of sending money, in fen.

    passcode_above_fen: from the next fen on the payment passcode is asked, since the bank verifies each pull above 200 yuan
    (central bank announcement 43/2015 Art. 23). day_fen_max: over all top-ups of a citizen on one day of the city,
    but for those that a payment by card spends at once.
    send_fen_max: of one transfer to another citizen; it may be as little as one fen.
    withdraw_…: of one withdrawal, and of all on one day; down to one fen, so that nobody's rest is stuck.
    """

    top_up_fen_min: int = YUAN_FEN
    top_up_fen_max: int = 5_000 * YUAN_FEN
    day_fen_max: int = 20_000 * YUAN_FEN
    send_fen_max: int = 10_000 * YUAN_FEN
    passcode_above_fen: int = 200 * YUAN_FEN
    withdraw_fen_min: int = 1
    withdraw_fen_max: int = 10_000 * YUAN_FEN
    withdraw_day_fen_max: int = 20_000 * YUAN_FEN
    cards_max: int = 10
