"""The words of identity checks: whom the city asks, what was said, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from haihe.outside.registry import Answer
from haihe.people.model import CitizenClass


class Channel(IntEnum):
    """The way by which an identity is checked."""

    REGISTRY = 1
    OPERATOR = 2
    SOCIAL = 3
    EDUCATION = 4
    HOUSING = 5
    BANK = 6
    """The bank that issued one of the citizen's cards; each bank is a source of its own."""
    COUNTER = 7
    """Face to face at a service counter of the city."""


class Origin(IntEnum):
    """Whose check it was."""

    ASKED = 0
    FOUNDING = 1
    """Known from before the city was founded."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose identity is asked about."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """What an independent source said about a person."""

    channel: Channel
    source: str
    answer: Answer

    @property
    def is_match(self) -> bool:
        """Tell whether it knows the person."""
        return self.answer is Answer.MATCH


@dataclass(frozen=True, slots=True)
class Check:
    """What a source said of a citizen, and when."""

    citizen: int
    said: Said
    checked_at: datetime
    origin: Origin = Origin.ASKED


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a citizen stands: the class, the checks made, and how many more the next class needs (0 and None at the top)."""

    citizen_class: CitizenClass
    checks: Sequence[Check]
    positive: int
    next_class: CitizenClass | None
    missing: int

    def has(self, channel: Channel) -> bool:
        """Tell whether the citizen is known by a channel."""
        return any(check.said.channel is channel and check.said.is_match for check in self.checks)


class KnownCard(Protocol):
    """A bank card as the wallet knows it."""

    @property
    def id(self) -> int:
        """The wallet's number of the card."""
        ...

    @property
    def last_digits(self) -> str:
        """The last four digits."""
        ...


class CardBox(Protocol):
    """Whoever keeps the citizens' bank cards: the wallet, which stands above people."""

    async def of(self, citizen: int) -> Sequence[KnownCard]:
        """Give a citizen's cards."""
        ...

    async def number(self, citizen: int, card: int) -> str:
        """Open a card's number. Raises a refusal when the citizen has no such card."""
        ...
