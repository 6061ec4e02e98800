"""The words of passkeys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LIFETIME: Final = timedelta(minutes=5)
"""For so long a challenge can be answered."""
PASSKEYS_MAX: Final = 20
"""So many passkeys one person may have."""
NAME_CHARACTERS_MAX: Final = 60
CREDENTIAL_CHARACTERS_MAX: Final = 16_000
"""What a browser may send as an answer; those of common devices have about one thousand."""


@dataclass(frozen=True, slots=True)
class Party:
    """For which name a passkey is (RP ID), and from which address an answer must come."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it."""

    id: int
    name: str
    added_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """What a payment is confirmed for: the request's idempotency key, the code that is paid, the amount in fen (0: the code's price)."""

    key: str
    code: str
    amount: int = 0
