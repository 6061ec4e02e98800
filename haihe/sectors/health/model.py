"""Outpatient care's words: what the insurance promises, what a patient's year has used, a bill and who bears which part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final

from haihe.base.i18n import N_
from haihe.payments.dues.model import Due
from haihe.people.model import Citizen

KIND: Final = "clinic"
NUMBER: Final = 5
HOSPITAL: Final = "hospital"
INSURER: Final = "insurer"
"""Kinds of organisations."""
FUND: Final = "medical-insurance"
"""The insurance fund, which bears its share of bills."""
PATIENT_STANDING: Final = "patient"
"""How a scheme's data calls a payer who is the patient: a personal account is nobody else's."""


class Level(IntEnum):
    """A hospital's level: the higher, the smaller the fund's share."""

    PRIMARY = 1
    SECONDARY = 2
    TERTIARY = 3


LEVEL_NAMES: Final[Mapping[Level, str]] = {
    Level.PRIMARY: N_("Primary hospital"),
    Level.SECONDARY: N_("Secondary hospital"),
    Level.TERTIARY: N_("Tertiary hospital"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What the insurance promises from a day on: fen a year, per cent by level."""

    valid_from: date
    deductible: int
    ceiling: int
    percents: Mapping[Level, int]


@dataclass(frozen=True, slots=True)
class Year:
    """What a patient's bills of a year have used: of the deductible, and of the fund's ceiling, in fen."""

    deductible_used: int = 0
    fund_used: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """Who bears which part of a bill, in fen: `deductible` and `rest` are the patient's, `fund` the insurance's."""

    deductible: int
    fund: int
    rest: int

    @property
    def amount(self) -> int:
        """The whole bill."""
        return self.deductible + self.fund + self.rest

    @property
    def own(self) -> int:
        """The patient's part: from the personal account as far as it reaches, then from the wallet."""
        return self.deductible + self.rest


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a bill, as the clerk wrote it; `amount` in fen."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How a split came about: all that has to be said about it."""

    split: Split
    insured: bool
    year: Year
    """What was used before this bill."""
    level: Level
    deductible: int
    ceiling: int
    percent: int


@dataclass(frozen=True, slots=True)
class NewBill:
    """A bill to be issued. `shown` is the patient's name as others may see it; a `visit` of a patient is billed once."""

    patient: int
    shown: str
    visit: int
    items: Sequence[Item]

    @property
    def amount(self) -> int:
        """What the items come to, in fen."""
        return sum(item.amount for item in self.items)


@dataclass(frozen=True, slots=True)
class BillRow:
    """A clinic bill beside its due."""

    due: int
    patient: int
    hospital: int
    visit: int
    clerk: int
    deductible: int
    fund: int
    year: int


@dataclass(frozen=True, slots=True)
class Look:
    """A clerk opened a patient's record."""

    id: int
    staff: int
    hospital: int
    patient: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """What a clerk sees of a patient: who it is, and how the year stands; `look` is the permission to see it."""

    look: int
    patient: Citizen
    insured: bool
    year: Year
    policy: Policy
    bills: Sequence[Due]
