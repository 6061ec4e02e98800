"""How long a locker is rented. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from .model import Rent

RENTED_AT_ONCE: Final = timedelta(hours=1)


def is_taken(rent: Rent | None, *, visitor: int, at: datetime) -> bool:
    """Tell whether someone else has the locker."""
    return rent is not None and rent.visitor != visitor and at < rent.until


def rented_until(rent: Rent | None, *, visitor: int, at: datetime) -> datetime:
    """Add an hour: to what the same visitor has left, else to now."""
    begins = rent.until if rent is not None and rent.visitor == visitor else at
    return max(begins, at) + RENTED_AT_ONCE
