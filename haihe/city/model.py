"""The city page's words: everything is a sum over many people; nobody and no organisation stands alone in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from haihe.organisations.model import name_in

HOURS = range(24)


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure that was published about the city, and what it is and where it stands, in the languages of the city."""

    value: int
    told: Mapping[str, str]

    def source(self, language: str) -> str:
        """Say in a language what the figure is and where it stands."""
        return name_in(self.told, language)


@dataclass(frozen=True, slots=True)
class Spans:
    """One quantity over time: this year until now, last year until the same day, and all of last year."""

    this_year: int = 0
    to_same_day: int = 0
    last_year: int = 0

    @property
    def times(self) -> float | None:
        """How many times as much as last year to the same day; None where there was nothing then."""
        return self.this_year / self.to_same_day if self.to_same_day else None


@dataclass(frozen=True, slots=True)
class SectorFigures:
    """One kind of thing that is paid: who paid for it, how often, and today hour by hour. `title` is a msgid."""

    kind: str
    number: int
    title: str
    icon: str
    payers: Spans
    payments: Spans
    hours: Sequence[int]

    @property
    def today(self) -> int:
        """Payments today."""
        return sum(self.hours)


class Standing(StrEnum):
    """How a milestone stands."""

    REACHED = "reached"
    UNDER_WAY = "under_way"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Milestone:
    """What the programme wants: a measure (`programme.MEASURES`) of something, at least `target`, by a day."""

    key: str
    names: Mapping[str, str]
    measure: str
    of: str
    target: int
    due: date

    def name(self, language: str) -> str:
        """Give the name in a language."""
        return name_in(self.names, language)


@dataclass(frozen=True, slots=True)
class Progress:
    """A milestone with what was measured."""

    milestone: Milestone
    measured: int
    standing: Standing

    @property
    def share(self) -> float:
        """What part of the target is there, at most 1."""
        return min(1.0, self.measured / self.milestone.target)


@dataclass(frozen=True, slots=True)
class About:
    """What is known of the city without asking the database: its name, how many live there, how far it once was."""

    names: Mapping[str, str]
    population: Fact
    founding_case: Fact
    """How many had registered when the real city was half a year on its way."""

    def name(self, language: str) -> str:
        """Give the city's name in a language."""
        return name_in(self.names, language)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that the page shows, as of one moment. `amount` (paid) and `refunded` are in fen, of all sectors together."""

    at: datetime
    today: date
    same_day: date
    about: About
    registered: int
    amount: Spans
    refunded: Spans
    sectors: Sequence[SectorFigures]
    milestones: Sequence[Progress]
    has_synthetic: bool
    """Whether a past that nobody lived is among the figures (a demo)."""

    @property
    def share(self) -> float:
        """What part of the population is registered."""
        return self.registered / self.about.population.value

    @property
    def today_payments(self) -> int:
        """Payments today in all sectors."""
        return sum(one.today for one in self.sectors)

    @property
    def payments(self) -> Spans:
        """Payments of all sectors."""
        return Spans(
            sum(one.payments.this_year for one in self.sectors),
            sum(one.payments.to_same_day for one in self.sectors),
            sum(one.payments.last_year for one in self.sectors),
        )
