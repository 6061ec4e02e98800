"""The utilities' words: how a service is billed, a point of supply, a reading, what a file of readings came to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.payments.dues.model import Due

KIND: Final = "bill"
NUMBER: Final = 4
"""The sector's number in payment rows and dues; it never changes."""
UTILITY: Final = "utility"
"""The kind of organisation that issues such bills."""
VALUE_UNITS_MAX: Final = 1_000_000
"""No household's meter shows more; so no bill can exceed what the ledger moves at once."""


class Measure(StrEnum):
    """What a bill is made from."""

    METER = "meter"
    AREA = "area"
    FLAT = "flat"


UNITS: Final[Mapping[str, str]] = {"kWh": N_("kWh"), "m3": N_("m³"), "m2": N_("m²")}
"""Units of the catalogue as people read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a service of the catalogue is billed.

    `pattern` is what the biller's customer numbers look like (a regular expression), `example` one of them. Low-income households
    pay by `low_income_service`, 0 none. A season is billed from `season_starts` on, and to be paid until `season_ends` (month and
    day, "10-01"); empty where bills are monthly or come of readings.
    """

    service: int
    organisation: int
    measure: Measure
    pattern: str
    example: str
    due_days: int
    low_income_service: int = 0
    season_starts: str = ""
    season_ends: str = ""

    def takes(self, number: str) -> bool:
        """Tell whether something can be a customer number of this biller."""
        return re.fullmatch(self.pattern, number) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """A point of supply that may still have to be made; `holder` is masked."""

    organisation: int
    service: int
    number: str
    holder: str
    area_milli: int = 0
    low_income: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A point of supply: who bills it by which service, its customer number, its holder's masked name."""

    id: int
    organisation: int
    service: int
    number: str
    holder: str
    area_milli: int
    low_income: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter said on a day, in thousandths of a unit. `carried_milli` was used earlier in the year, before a first reading."""

    id: int
    account: int
    read_on: date
    value_milli: int
    carried_milli: int
    due: int
    staff: int
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A reading as it was typed or stood in a file's line."""

    line: int
    number: str
    read_on: date
    value_milli: int
    carried_milli: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that could not be taken: where, which customer number, and why."""

    line: int
    number: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Taken:
    """What a list of readings came to: bills with their sum in fen, readings without a bill, those that were there already, faults."""

    billed: int = 0
    amount: int = 0
    recorded: int = 0
    known: int = 0
    faults: Sequence[Fault] = ()

    def plus(self, other: Taken) -> Taken:
        """Add another list's outcome."""
        return Taken(
            self.billed + other.billed,
            self.amount + other.amount,
            self.recorded + other.recorded,
            self.known + other.known,
            (*self.faults, *other.faults),
        )


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """A period's bills of a company: how many, and fen. Withdrawn ones count in none."""

    period: str
    issued: int
    issued_amount: int
    paid: int
    paid_amount: int
    open: int
    open_amount: int


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Everything about one account: newest first."""

    account: Account
    plan: Plan
    readings: Sequence[Reading] = ()
    bills: Sequence[Due] = field(default=())
