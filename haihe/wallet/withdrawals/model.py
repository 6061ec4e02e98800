"""The words of withdrawals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Final


class WithdrawalStatus(IntEnum):
    """What became of a withdrawal. `ASKED` and `UNKNOWN` are open: the money is in transit until the bank's word is known."""

    ASKED = 0
    DONE = 1
    REFUSED = 2
    """The money is back in the wallet."""
    UNKNOWN = 3
    HELD = 4
    """The bank refused, but the wallet was frozen or closed meanwhile: the money waits in the suspense account."""


STATUS_WORDS: Final = {
    WithdrawalStatus.ASKED: "pending",
    WithdrawalStatus.UNKNOWN: "pending",
    WithdrawalStatus.DONE: "done",
    WithdrawalStatus.REFUSED: "refused",
    WithdrawalStatus.HELD: "held",
}
"""How the API and the pages say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Money on its way to a citizen's own card, in fen. `ending` is the posting that brings it to the bank, or back."""

    id: int
    bucket: int
    ending: int
    citizen: int
    card: int
    amount: int
    status: WithdrawalStatus
    reason: str
    balance: int
    """The wallet's after the money left it; after it came back, if it did."""
    asked_at: datetime

    @property
    def is_open(self) -> bool:
        """Tell whether the bank's word is still awaited."""
        return self.status in {WithdrawalStatus.ASKED, WithdrawalStatus.UNKNOWN}

    @property
    def status_word(self) -> str:
        """Give the status as the API says it: pending, done, refused or held."""
        return STATUS_WORDS[self.status]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalWish:
    """A citizen wants `amount` fen on one of the own cards. `key` is the idempotency key.

    It is confirmed by the `passcode`, or by a `confirmation` for this key (`base/confirmations.py`).
    """

    citizen: int
    bucket: int
    amount: int
    card: int
    key: str
    passcode: str = field(default="", repr=False)
    confirmation: str = field(default="", repr=False)
