"""The words of limits: a limit with what is used of it, a way up, and all of them of one citizen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from haihe.people.checks.model import Standing
from haihe.wallet.caps.model import Cap

LIMITS_PATH: Final = "/me/limits"


class LimitName(StrEnum):
    """The limits of the law, as the API names them."""

    SINCE_OPENING = "since_opening"
    YEAR = "year"
    ONE_FACTOR = "day_one_factor"
    TWO_FACTORS = "day_two_factors"
    SIGNATURE = "day_signature"
    STATIC_CODE = "day_static_code"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in fen, what is used of it, and what may still be paid under it when all others hold, too."""

    name: LimitName
    amount: int
    used: int
    left: int


class WayKind(StrEnum):
    """How more can be paid."""

    PASSCODE = "passcode"
    SET_PASSCODE = "set_passcode"
    PASSKEY = "passkey"
    IDENTITY_CHECK = "identity_check"


@dataclass(frozen=True, slots=True)
class Way:
    """A way up: where it leads ("" where it is taken while paying), what could be paid then (fen), and for a class how many checks it takes."""

    kind: WayKind
    href: str
    left: int
    goal: str = ""
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a citizen may on a day."""

    day: date
    source: str
    """Where the law stands."""
    standing: Standing
    limits: Sequence[Limit]
    caps: Sequence[Cap]
    ways: Sequence[Way]
