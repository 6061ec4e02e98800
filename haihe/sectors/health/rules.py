"""How an outpatient bill is split between the insurance fund and the patient.

Source: DOMAIN.md, employee outpatient insurance (confidence: middle). What no source says stands as a placeholder in
demo/tianjin/health.toml: that every item counts, that the personal account may also bear the deductible, and the rounding:
half up to the fen, so that an exact half is the fund's, in favour of the patient.
"""

from __future__ import annotations

from haihe.sectors.health.model import Level, Policy, Reckoning, Split, Year

_WHOLE_PERCENT = 100


def reckon(amount: int, *, insured: bool, year: Year, level: Level, policy: Policy) -> Reckoning:
    """Split a bill of so many fen, and keep what it was reckoned from; `year` is what was used before it."""
    return Reckoning(
        split(amount, insured=insured, year=year, level=level, policy=policy),
        insured,
        year,
        level,
        policy.deductible,
        policy.ceiling,
        policy.percents[level],
    )


def split(amount: int, *, insured: bool, year: Year, level: Level, policy: Policy) -> Split:
    """Split a bill: what is missing of the year's deductible, then the fund's per cent of the others up to its ceiling."""
    if not insured:
        return Split(0, 0, amount)
    deductible = min(amount, max(0, policy.deductible - year.deductible_used))
    covered = amount - deductible
    fund = min(_share(covered, policy.percents[level]), max(0, policy.ceiling - year.fund_used))
    return Split(deductible, fund, covered - fund)


def _share(amount: int, percent: int) -> int:
    """Give a percentage of fen, half up."""
    return (2 * amount * percent + _WHOLE_PERCENT) // (2 * _WHOLE_PERCENT)


def is_capped(reckoning: Reckoning) -> bool:
    """Tell whether the fund would have paid more, had it not come to its ceiling."""
    covered = reckoning.split.fund + reckoning.split.rest
    return reckoning.insured and reckoning.split.fund < _share(covered, reckoning.percent)


def after(year: Year, one: Split) -> Year:
    """Give what a year has used after a bill."""
    return Year(year.deductible_used + one.deductible, year.fund_used + one.fund)
