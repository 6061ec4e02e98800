"""The words of the service counter: a visit, a cash-in, a clerk's day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from haihe.base.money import YUAN_FEN

if TYPE_CHECKING:
    from datetime import date, datetime

    from haihe.people.model import Citizen

SERVICE_HALL: Final = "service"
"""The kind of organisation that has service counters."""
VISIT: Final = timedelta(minutes=15)
"""So long a clerk may serve a person before the person has to be found again."""
CASH_FEN_MIN: Final = YUAN_FEN
CASH_FEN_MAX: Final = 5_000 * YUAN_FEN
DRAWER_FEN_MAX: Final = 50_000 * YUAN_FEN
"""What one clerk may take on a day."""
KEY_CHARACTERS_MAX: Final = 200
REVERSAL: Final = timedelta(minutes=10)
"""So long a cash-in can be taken back, by its clerk and a colleague."""
PRINTED: Final = timedelta(minutes=10)
"""So long the clerk who issued a paper card can print it; later only the citizen can."""


class FoundBy(IntEnum):
    """By which number a clerk found a person."""

    ID_NUMBER = 1
    PHONE = 2


@dataclass(frozen=True, slots=True)
class Visit:
    """A person before a clerk: `card_seen` the face and the ID card were compared, `code_told` the person has the phone."""

    id: int
    organisation: int
    clerk: int
    citizen: int
    bucket: int
    opened_at: datetime
    found_by: FoundBy
    card_seen: bool = False
    code_told: bool = False

    @property
    def is_proved(self) -> bool:
        """Tell whether it is known who the person is."""
        return self.card_seen or self.code_told


@dataclass(frozen=True, slots=True)
class Served:
    """A visit with its person, decrypted: pages show what the visit has proved."""

    visit: Visit
    citizen: Citizen


@dataclass(frozen=True, slots=True)
class CashIn:
    """Cash taken and credited, in fen; `id` is the posting and the number of the receipt."""

    id: int
    bucket: int
    citizen: int
    organisation: int
    clerk: int
    amount: int
    taken_at: datetime
    day: date
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class Reversal:
    """That a cash-in was taken back; `id` is the posting."""

    id: int
    bucket: int
    cash_in: int
    asked_by: int
    decided_by: int
    reversed_at: datetime
