"""The contribution's words: a programme with its windows and groups, who is covered, how someone stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Final, Literal

import msgspec

from haihe.base.i18n import N_
from haihe.catalogue.model import Service
from haihe.catalogue.prices import Option
from haihe.organisations.model import name_in

KIND: Final = "contribution"
NUMBER: Final = 7
"""How a payment row stores this sector; never changes."""
BUREAU: Final = "social"
"""The kind of organisation that collects contributions."""
TITLE: Final = N_("Social insurance")


class WindowRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """When one may enrol: days of a year ("09-01"), both included; an end before the start lies in the next year.

    `year` is the one that is paid for, seen from the first day of the window. Who enrols late is covered after `waiting_days`.
    """

    start: str
    end: str
    year: Literal["this", "next"] = "next"
    waiting_days: int = 0


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """People who pay alike: by age in whole years, both included, and by a standing if one is named.

    `service` is the key of what they pay for, empty if nothing is due; `subsidised` people are covered without paying.
    """

    key: str
    names: dict[str, str]
    start: int = 0
    end: int = 200
    standing: str = ""
    service: str = ""
    subsidised: bool = False

    def name(self, language: str) -> str:
        """Give the name in a language."""
        return name_in(self.names, language)


@dataclass(frozen=True, slots=True)
class Programme:
    """A bureau's rules from a day on."""

    organisation: int
    valid_from: date
    windows: tuple[WindowRule, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A window with its days: from `opens` to `closes`, both included, one enrols for `year`."""

    opens: date
    closes: date
    year: int
    waiting_days: int = 0


@dataclass(frozen=True, slots=True)
class Contribution:
    """Someone is covered for a year: `id` is the due's, or its own where nothing was to be paid (then `payment` is 0). Amounts in fen."""

    person: int
    year: int
    id: int
    organisation: int
    tier: str
    amount: int
    subsidy: int
    payment: int
    bucket: int
    payer: int
    receipt: str
    covered_from: date
    recorded_at: datetime


class State(Enum):
    """How someone stands for the year that can be paid for now."""

    COVERED = "covered"
    CHOSEN = "chosen"
    """A tier was chosen and is not paid yet."""
    CHOICE = "choice"
    FREE = "free"
    """Nothing is due at this age."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Insured:
    """A person on the page of who may pay for them.

    `options` are what this person may choose, `due` the id of what was chosen (0 none), `tier` its key or that of the coverage.
    """

    person: int
    name: str
    id_number: str
    is_self: bool
    state: State
    group: Group | None = None
    service: Service | None = None
    options: Sequence[Option] = ()
    tier: str = ""
    due: int = 0
    covered: Contribution | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """A citizen's page: the year and window that are open (None: closed until `opens_on`), and everybody one may pay for."""

    window: Window | None
    opens_on: date | None
    people: Sequence[Insured]


@dataclass(frozen=True, slots=True)
class TierFigures:
    """One tier of a year at the bureau: people and fen; open ones have chosen it and not paid yet."""

    tier: str
    paid: int = 0
    amount: int = 0
    subsidised: int = 0
    subsidy: int = 0
    open: int = 0
    open_amount: int = 0


@dataclass(frozen=True, slots=True)
class Traced:
    """A contribution with the ledger's own words about it: number of the batch, and of its first transfer (0 if nothing was paid)."""

    contribution: Contribution
    batch: int
    transfer: int
    transferred: int


NO_NAMES: Final[Mapping[int, str]] = {}


@dataclass(frozen=True, slots=True)
class BureauYear:
    """What the bureau sees of a year; `names` are masked, by person."""

    year: int
    years: Sequence[int]
    tiers: Sequence[TierFigures]
    newest: Sequence[Contribution]
    names: Mapping[int, str] = field(default_factory=lambda: NO_NAMES)
