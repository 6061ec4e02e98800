"""Clinic bills in words: a due's body, how it is told to people, and how a split came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from haihe.base.i18n import N_, money, translate
from haihe.payments.dues.model import Due
from haihe.payments.model import Description
from haihe.sectors.health.model import LEVEL_NAMES, Item, Level, Reckoning, Split, Year
from haihe.sectors.health.rules import is_capped

ICON = "stethoscope"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a clinic bill's due says: the patient masked, the items, and how the split was reckoned, in fen."""

    patient: str
    visit: str
    items: list[tuple[str, int]]
    deductible: int
    fund: int
    rest: int
    insured: bool
    deductible_used: int
    fund_used: int
    level: int
    deductible_limit: int
    ceiling: int
    percent: int

    @property
    def split(self) -> Split:
        """Who bears what."""
        return Split(self.deductible, self.fund, self.rest)

    @property
    def reckoning(self) -> Reckoning:
        """How the split came about."""
        used = Year(self.deductible_used, self.fund_used)
        limits = (self.deductible_limit, self.ceiling, self.percent)
        return Reckoning(self.split, self.insured, used, Level(self.level), *limits)


def write_body(one: Reckoning, *, items: Sequence[Item], patient: str, visit: int) -> Mapping[str, object]:
    """Write a due's body."""
    body = Body(
        patient=patient,
        visit=str(visit),
        items=[(item.name, item.amount) for item in items],
        deductible=one.split.deductible,
        fund=one.split.fund,
        rest=one.split.rest,
        insured=one.insured,
        deductible_used=one.year.deductible_used,
        fund_used=one.year.fund_used,
        level=int(one.level),
        deductible_limit=one.deductible,
        ceiling=one.ceiling,
        percent=one.percent,
    )
    written: dict[str, object] = msgspec.to_builtins(body)
    return written


def read_body(due: Due) -> Body:
    """Read a due's body."""
    return msgspec.convert(due.body, Body)


def tell(due: Due, lang: str) -> Description:
    """Tell a clinic bill: the patient, the items, what the patient bears first."""
    body = read_body(due)
    details = [(translate(lang, N_("Patient")), body.patient)]
    details += [(name, money(amount, lang)) for name, amount in body.items]
    return Description(translate(lang, N_("Outpatient visit")), ICON, tuple(details))


def explain(one: Reckoning, lang: str) -> list[str]:
    """Say in a language how a split came about, sentence by sentence, with its figures."""
    return [translate(lang, text, **values) for text, values in _sentences(one, lang)]


def _sentences(one: Reckoning, lang: str) -> Iterator[tuple[str, dict[str, object]]]:
    covered = one.split.fund + one.split.rest
    if not one.insured:
        yield N_("There is no outpatient insurance for this patient: the whole bill is the patient's."), {}
        return
    if one.split.deductible:
        yield (
            N_(
                "{used:money} of the {limit:money} that everyone pays alone each year had been used: {part:money} of this bill comes first."
            ),
            {"used": one.year.deductible_used, "limit": one.deductible, "part": one.split.deductible},
        )
    else:
        yield N_("The {limit:money} that everyone pays alone each year had been used up."), {"limit": one.deductible}
    if covered:
        yield (
            (
                N_("{level}: the fund bears {percent} per cent of the other {covered:money}, which is {share:money}."),
                {
                    "level": translate(lang, LEVEL_NAMES[one.level]),
                    "percent": one.percent,
                    "covered": covered,
                    "share": one.split.fund,
                },
            )
            if not is_capped(one)
            else (
                N_(
                    "The fund bears at most {ceiling:money} a year and had paid {used:money}: so it bears {share:money} of the other {covered:money}."
                ),
                {"ceiling": one.ceiling, "used": one.year.fund_used, "share": one.split.fund, "covered": covered},
            )
        )
    yield (
        N_("{own:money} is left: from the personal account as far as it reaches, then from the wallet."),
        {"own": one.split.own},
    )
