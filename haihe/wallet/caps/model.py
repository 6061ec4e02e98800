"""The words of caps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum


class Scope(IntEnum):
    """Which payments a cap counts."""

    ALL = 0
    PAPER = 1
    """Those by the citizen's paper card."""


class Period(IntEnum):
    """Over what a cap counts."""

    DAY = 1
    MONTH = 2

    def start(self, day: date) -> date:
        """Give the first day of the period in which a day lies."""
        return day.replace(day=1) if self is Period.MONTH else day


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most `amount` fen in a period; `spent` of it since `spent_from`; set by a citizen or member of staff."""

    citizen: int
    bucket: int
    scope: Scope
    period: Period
    amount: int
    set_by: int
    spent: int = 0
    spent_from: date = date(2000, 1, 1)

    def used(self, day: date) -> int:
        """Say what is spent of it in the period of a day, in fen."""
        return self.spent if self.spent_from == self.period.start(day) else 0

    def left(self, day: date) -> int:
        """Say what is left of it in the period of a day, in fen."""
        return max(0, self.amount - self.used(day))
