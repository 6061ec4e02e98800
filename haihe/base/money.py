"""Money: an integer number of minor units with its currency. No floats anywhere near it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

YUAN_FEN: Final = 100
CURRENCY: Final = "CNY"
CURRENCY_NUMBER: Final = 156
"""ISO 4217 number of the yuan, as the ledger stores it."""
AMOUNT_FEN_MAX: Final = 10_000_000_000
"""The largest single amount: a hundred million yuan. Far below bigint, so that sums over a batch cannot overflow."""


class NotMoneyError(ValueError):
    """A text or number that is not an amount in whole fen."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (fen), signed, with its ISO 4217 currency."""

    amount: int
    currency: str = CURRENCY

    def __post_init__(self) -> None:
        """Refuse what is not a whole number of minor units."""
        if type(self.amount) is not int:
            message = f"an amount is an integer of minor units, not {self.amount!r}"
            raise NotMoneyError(message)

    def __add__(self, other: Money) -> Money:
        """Add two amounts of one currency."""
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract an amount of the same currency."""
        return Money(self.amount - self._same(other), self.currency)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            message = f"{self.currency} and {other.currency} do not mix"
            raise NotMoneyError(message)
        return other.amount

    def as_json(self) -> dict[str, int | str]:
        """Give the form every balance has in the JSON API."""
        return {"amount": self.amount, "currency": self.currency}


def fen_of_yuan(text: str) -> int:
    """Read an amount that a person typed in yuan, at most two decimals, as fen; `NotMoneyError` otherwise."""
    try:
        yuan = Decimal(text.strip().replace(",", ".").removeprefix("¥"))
        fen = yuan * YUAN_FEN
    except ArithmeticError as error:  # not a number, or one beyond all numbers (1e9999999999)
        raise NotMoneyError(text) from error
    if not fen.is_finite() or not 0 < fen <= AMOUNT_FEN_MAX or Decimal(int(fen)) / YUAN_FEN != yuan:
        raise NotMoneyError(text)  # the product is rounded beyond 28 digits, the comparison is exact
    return int(fen)
