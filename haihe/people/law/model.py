"""The law's words, read from limits.toml: what a class needs and may do, and against which limit of the day a payment counts. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from haihe.base.confirmations import Strength
from haihe.ledger.model import Risk, TurnoverLimits
from haihe.people.model import CitizenClass

FILE: Final = Path(__file__).parent / "limits.toml"

STRONGER: Final[Mapping[Risk, Sequence[Risk]]] = {Risk.C: (Risk.B, Risk.A), Risk.B: (Risk.A,)}
"""Which limits of the day a debit could count against instead if it were confirmed more strongly."""
_RISK_OF_STRENGTH: Final = {Strength.NONE: Risk.C, Strength.PASSCODE: Risk.B, Strength.PASSKEY: Risk.A}


class LawFaultyError(Exception):
    """The data of the law contradict themselves; the text says where."""


class DayLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be paid from the balance on one day, in fen, by how it was confirmed; None no limit of its own."""

    one_factor: int
    two_factors: int
    signature: int | None = None
    static_code: int | None = None


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules in force from a day on, with their source; amounts in fen."""

    since: date
    source: str
    checks: Mapping[str, int]
    total: Mapping[str, int]
    year: Mapping[str, int]
    day: DayLimits
    card_pull_unconfirmed: int

    def class_of(self, checks: int) -> CitizenClass | None:
        """Give the highest class that so many independent checks of identity allow; None if they allow no account."""
        allowed = [one for one in CitizenClass if self.checks[one.name] <= checks]
        return max(allowed, default=None)

    def risk(self, strength: Strength, *, is_static: bool) -> Risk:
        """Say against which limit of the day a payment from the balance counts: a static code's own, or that of its confirmation."""
        if is_static and self.day.static_code is not None:
            return Risk.D
        return _RISK_OF_STRENGTH[strength]

    def limits(self, citizen_class: CitizenClass) -> TurnoverLimits:
        """Write the rules of a class as the ledger obeys them."""
        return TurnoverLimits(
            int(citizen_class),
            day_a=self.day.signature,
            day_b=self.day.two_factors,
            day_c=self.day.one_factor,
            day_d=self.day.static_code,
            year=self.year.get(citizen_class.name),
            total=self.total.get(citizen_class.name),
        )


class _File(msgspec.Struct, frozen=True):
    rules: tuple[Rules, ...]


@dataclass(frozen=True)
class Law:
    """All rules in the order of their days."""

    rules: Sequence[Rules]

    def on(self, day: date) -> Rules:
        """Give the rules of a day; before the first ones those are meant."""
        return self.rules[max(0, bisect_right([one.since for one in self.rules], day) - 1)]


@cache
def read_law(path: Path = FILE) -> Law:
    """Read the law. Raises `LawFaultyError`, `msgspec.DecodeError` for what is no such file."""
    rules = msgspec.toml.decode(path.read_bytes(), type=_File).rules
    days = [one.since for one in rules]
    if not rules or days != sorted(set(days)):
        raise LawFaultyError(f"{path.name}: the rules are not in the order of their days")
    for one in rules:
        if set(one.checks) != set(CitizenClass.__members__):
            raise LawFaultyError(f"{path.name}: the rules of {one.since} do not say the checks of every class")
    return Law(rules)
