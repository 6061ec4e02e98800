"""The coach's words: routes, stops, departures, tariffs, journeys, runs, tickets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from haihe.organisations.model import name_in

KIND: Final = "coach"
NUMBER: Final = 8
"""How a payment row stores coaches; never changes."""
COMPANY: Final = "coach"
"""The kind of organisation that runs coaches."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where coaches stop."""

    id: int
    key: str
    names: Mapping[str, str]

    def name(self, language: str) -> str:
        """Give the name in a language."""
        return name_in(self.names, language)


@dataclass(frozen=True, slots=True)
class Call:
    """A stop of a route: `at_m` road metres from the first stop, `after_min` minutes after the departure."""

    stop: int
    at_m: int
    after_min: int


@dataclass(frozen=True, slots=True)
class Route:
    """A way that coaches of a company go, in one direction. `factor` per mille above the tariff, `toll` in fen for one coach."""

    id: int
    organisation: int
    key: str
    names: Mapping[str, str]
    factor: int
    toll: int
    calls: tuple[Call, ...] = ()

    def name(self, language: str) -> str:
        """Give the name in a language."""
        return name_in(self.names, language)


@dataclass(frozen=True, slots=True)
class Departure:
    """A coach of the timetable: when it leaves the first stop (time of the city), on which ISO weekdays, with how many seats."""

    id: int
    route: int
    leaves: time
    seats: int
    weekdays: frozenset[int]


@dataclass(frozen=True, slots=True)
class CoachTariff:
    """What a passenger and kilometre costs (fen) from a day on; the toll is shared by `load_percent` of the seats."""

    valid_from: date
    per_km: int
    load_percent: int
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Fare:
    """What a ticket costs, item by item, in fen."""

    by_distance: int
    surcharge: int

    @property
    def total(self) -> int:
        """Give the sum of the items."""
        return self.by_distance + self.surcharge


@dataclass(frozen=True, slots=True)
class Journey:
    """A ride that can be bought: a departure on a day, from one place of its route to a later one (places from 0)."""

    route: Route
    departure: Departure
    day: date
    from_place: int
    to_place: int
    leaves_at: datetime
    """From the stop where the passenger gets on, in UTC."""
    arrives_at: datetime
    fare: Fare

    @property
    def distance_m(self) -> int:
        """Give the length of the ride on the road."""
        return self.route.calls[self.to_place].at_m - self.route.calls[self.from_place].at_m


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats of a run: how many there are, are sold, are held for who is about to pay, and how many passengers were checked."""

    total: int
    sold: int = 0
    held: int = 0
    checked: int = 0
    money: int = 0
    """Of the sold ones, in fen."""

    @property
    def free(self) -> int:
        """Give what is left."""
        return self.total - self.sold - self.held


@dataclass(frozen=True, slots=True)
class Run:
    """A departure on one day."""

    id: int
    departure: int
    day: date
    seats: int


@dataclass(frozen=True, slots=True)
class Ticket:
    """A seat that is held (`payment` 0) or sold; `released` when it was not paid in time; places from 0."""

    id: int
    run: int
    citizen: int
    due: int
    payment: int
    by_distance: int
    surcharge: int
    checked_at: datetime | None
    held_until: datetime
    seat: int
    from_place: int
    to_place: int
    released: bool
    code: str
    departure: int
    day: date

    @property
    def is_sold(self) -> bool:
        """Tell whether it was paid."""
        return self.payment != 0


class Verdict(StrEnum):
    """What a driver is told about a ticket."""

    VALID = "valid"
    USED = "used"
    OTHER = "other"
    """It is for another departure."""
    REFUNDED = "refunded"
    """Its price was given back in full: it is no ticket any more."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Checked:
    """A ticket as a driver checked it; `ticket` None when it is unknown, `who` the passenger's masked name."""

    verdict: Verdict
    ticket: Ticket | None = None
    who: str = ""
