"""A paper card's words, and the form of its code: 24 digits, so that every scanner types them and Code 128 is short."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from haihe.base.money import YUAN_FEN

if TYPE_CHECKING:
    from datetime import datetime

PREFIX: Final = "63"
"""Payment codes of the phone begin with 62 and have 18 digits."""
DIGITS: Final = 24
CHECK_DIGITS: Final = 2
DIGITS_IN_GROUP: Final = 4
DAILY_FEN: Final = 100 * YUAN_FEN
"""What a card may pay on a day where nothing else was agreed."""
DAILY_FEN_MIN: Final = YUAN_FEN
DAILY_FEN_MAX: Final = 500 * YUAN_FEN
"""The law's own limit of static codes (notice 296/2017, Art. 12)."""
_RANDOM_DIGITS: Final = DIGITS - len(PREFIX) - CHECK_DIGITS
_MODULUS: Final = 97


@dataclass(frozen=True, slots=True)
class PaperCard:
    """A card, living while `revoked_at` is None; who issued it is a member of staff or the citizen."""

    id: int
    citizen: int
    bucket: int
    issued_by: int
    issued_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """What a citizen has: the newest card, living or not (None: never had one), and the daily cap with what is left of it today."""

    card: PaperCard | None
    daily: int
    left: int

    @property
    def living(self) -> PaperCard | None:
        """The card that pays, if there is one."""
        return self.card if self.card and self.card.revoked_at is None else None


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues or revokes a card: the citizen, or a member of staff of an organisation (0: nobody's staff)."""

    person: int
    organisation: int = 0


def new_code() -> str:
    """Make a random code, 66 bits from the operating system's generator, with its check digits."""
    span: int = 10**_RANDOM_DIGITS
    body = f"{PREFIX}{secrets.randbelow(span):0{_RANDOM_DIGITS}d}"
    return body + check_digits(body)


def check_digits(body: str) -> str:
    """Give the two check digits of a code (ISO 7064 MOD 97-10): one wrong digit or two that changed places are noticed."""
    return f"{_MODULUS + 1 - int(body) * 10**CHECK_DIGITS % _MODULUS:0{CHECK_DIGITS}d}"


def is_paper_code(text: str) -> bool:
    """Tell whether what a till saw has the form of a card's code, whatever its check digits."""
    digits = digits_of(text)
    return len(digits) == DIGITS and digits.isascii() and digits.isdecimal() and digits.startswith(PREFIX)


def is_whole(text: str) -> bool:
    """Tell whether the check digits fit."""
    return int(digits_of(text)) % _MODULUS == 1


def digits_of(text: str) -> str:
    """Give the digits without the spaces in which people read them."""
    return text.replace(" ", "")


def grouped(code: str) -> str:
    """Write a code in fours."""
    return " ".join(code[start : start + DIGITS_IN_GROUP] for start in range(0, len(code), DIGITS_IN_GROUP))
