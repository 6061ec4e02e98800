"""The clock that everything asks, so that tests and the simulator can turn it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")
"""The city's time zone: service days, booking days and everything that people read."""


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class TurnableClock:
    """A clock that stands still until it is turned."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        """Give the moment that was set."""
        return self.moment

    def turn(self, by: timedelta) -> None:
        """Move the clock, forward or back."""
        self.moment += by


def service_day(moment: datetime) -> date:
    """Tell on which day of the city a moment falls."""
    return moment.astimezone(CITY_ZONE).date()


def day_start(day: date) -> datetime:
    """Give the moment, in UTC, at which a day of the city begins."""
    return datetime(day.year, day.month, day.day, tzinfo=CITY_ZONE).astimezone(UTC)
