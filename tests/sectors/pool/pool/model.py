"""The pool's words: its places, and what a wrong scan is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_

KIND: Final = "pool"
NUMBER: Final = 40
"""How a payment row stores this sector; never changes."""
HALL: Final = "pool"
"""The kind of organisation that runs a pool."""


class Use(StrEnum):
    """What a place is for: the group of services in the catalogue that is paid at it."""

    ENTRY = "entry"
    LOCKER = "locker"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sticker hangs: the turnstile, a locker; `label` is what stands on it."""

    id: int
    organisation: int
    label: str
    use: Use


@dataclass(frozen=True, slots=True)
class Rent:
    """Who has a locker, and until when."""

    visitor: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """Someone was let in, or has a locker until `until`."""

    payment: int
    place: int
    visitor: int
    until: datetime | None


class LockerTaken(Refusal):
    """Someone else has the locker; `until` when it is free again."""

    code = "locker_taken"
    status = 409
    text = N_("This locker is taken until {until:clock}. Nothing was paid.")
