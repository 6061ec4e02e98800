"""Schools' words: a class, a pupil, a fee notice, and how a notice stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from haihe.payments.dues.model import Due, DueStatus

KIND: Final = "fee"
NUMBER: Final = 6
SCHOOL: Final = "school"
"""The kind of organisation."""
ICON: Final = "graduation-cap"


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class with its number of pupils."""

    id: int
    school: int
    name: str
    pupils: int


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A pupil as stored: the name sealed under a key of the pupil's own."""

    id: int
    school_class: int
    school: int
    number: str
    data_key: bytes
    name: bytes


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil, decrypted: handle with care, never log."""

    id: int
    school: int
    class_name: str
    number: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A fee notice to a class. `form_key` is of the page it was written on: sent twice, it is one notice. `amount` in fen."""

    school_class: int
    titles: Mapping[str, str]
    amount: int
    due_on: date
    form_key: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A fee notice as it was issued."""

    id: int
    school: int
    school_class: int
    class_name: str
    amount: int
    issued_at: datetime
    due_on: date
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a notice stands: so many pupils have paid, so many are open, so many were withdrawn."""

    notice: Notice
    paid: int
    open: int
    withdrawn: int

    @property
    def charged(self) -> int:
        """How many have to pay or did."""
        return self.paid + self.open


@dataclass(frozen=True, slots=True)
class Child:
    """A child as its parents see it, with its fees, newest first."""

    pupil: Pupil
    fees: Sequence[Due]

    @property
    def open(self) -> list[Due]:
        """What is still to be paid."""
        return [due for due in self.fees if due.status is DueStatus.OPEN]

    @property
    def ended(self) -> list[Due]:
        """What was paid or withdrawn."""
        return [due for due in self.fees if due.status is not DueStatus.OPEN]
