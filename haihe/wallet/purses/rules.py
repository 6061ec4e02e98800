"""What schemes and campaigns say about a payment, without any I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from haihe.base.clock import day_start, service_day
from haihe.base.money import AMOUNT_FEN_MAX
from haihe.wallet.purses.model import Accepted, Applicable, Candidates, Directory, Met, Used, in_force
from haihe.wallet.purses.terms import Audience, CampaignTerms, Caps, Discount, Lapse, LapseRule, SchemeTerms, Where

PERCENT_MAX: Final = 100
DECEMBER: Final = 12
LAPSE_DAYS_MAX: Final = 36_525
LAST_DAY_MAX: Final = date(2999, 12, 31)


class TermsFaultyError(Exception):
    """Terms of a scheme or campaign that cannot be meant."""


def accepts(where: Where, met: Met) -> bool:
    """Tell whether something is accepted at a payment."""
    return (
        _allows(where.kinds, met.kind)
        and _allows(where.organisation_kinds, met.payee_kind)
        and _allows(where.organisations, met.payee)
        and _allows(where.channels, met.channel)
        and (not where.services or not set(where.services).isdisjoint(met.goods))
    )


def _allows(allowed: Collection[str], word: str) -> bool:
    return not allowed or word in allowed


def accepted_schemes(directory: Directory, schemes: Sequence[int], met: Met) -> tuple[Accepted, ...]:
    """Choose of some schemes those whose purses a payment takes, those of the lowest rank first."""
    found = [
        Accepted(scheme, terms.rank, terms.caps)
        for scheme in schemes
        if (terms := in_force(directory.scheme_terms[scheme], met.at))
        and accepts(terms.accepted, met)
        and {*terms.needs} <= {*met.standing}
    ]
    return tuple(sorted(found, key=lambda one: (one.rank, one.scheme)))


def applicable_campaigns(directory: Directory, campaigns: Sequence[int], met: Met) -> tuple[Applicable, ...]:
    """Choose of some campaigns those that may bear a part of a payment."""
    return tuple(
        Applicable(campaign, terms)
        for campaign in campaigns
        if (terms := in_force(directory.campaign_terms[campaign], met.at)) and applies(directory, campaign, terms, met)
    )


def applies(directory: Directory, campaign: int, terms: CampaignTerms, met: Met) -> bool:
    """Tell whether a campaign is for this payment: its dates, its places, its people."""
    return (
        accepts(terms.accepted, met)
        and (terms.audience is Audience.EVERYBODY or directory.is_member(campaign, met.citizen))
        and {*terms.needs} <= {*met.standing}
        and terms.first_day <= service_day(met.at) <= terms.last_day
    )


def candidates_by_kind(directory: Directory) -> tuple[dict[str, Candidates], Candidates]:
    """Say what may take part in which kind of payment, by terms of whatever time, and what in kinds that no terms name."""
    places = {one: [terms.accepted for _, terms in versions] for one, versions in directory.scheme_terms.items()}
    places |= {one: [terms.accepted for _, terms in versions] for one, versions in directory.campaign_terms.items()}
    open_to_all = {
        one
        for one, versions in directory.campaign_terms.items()
        if any(terms.audience is Audience.EVERYBODY for _, terms in versions)
    }

    def taking_part(kind: str | None) -> Candidates:
        found = [one for one, many in places.items() if any(not where.kinds or kind in where.kinds for where in many)]
        campaigns = [one for one in found if one in directory.campaign_terms]
        return Candidates(
            tuple(one for one in found if one in directory.scheme_terms),
            tuple(one for one in campaigns if one in open_to_all),
            tuple(one for one in campaigns if one not in open_to_all),
        )

    named = {kind for many in places.values() for where in many for kind in where.kinds}
    return {kind: taking_part(kind) for kind in named}, taking_part(None)


def discount_of(discount: Discount, amount: int) -> int:
    """Say what a campaign bears of an amount, in fen; a part of a fen is the payer's, so that no percentage is ever passed."""
    if discount.percent is not None:
        wish = amount * discount.percent // PERCENT_MAX
    elif discount.fen is not None:
        wish = discount.fen
    else:
        wish = amount - (discount.price or 0)
    return max(0, min(wish, amount, amount if discount.fen_max is None else discount.fen_max))


def room(caps: Caps, used: Used) -> int | None:
    """Say how many fen one more use may take, 0 if there may be no more; None without a cap."""
    uses = ((caps.uses_day, used.uses_day), (caps.uses_month, used.uses_month), (caps.uses_year, used.uses_year))
    if any(cap is not None and number >= cap for cap, number in uses):
        return 0
    left = [
        max(0, cap - fen)
        for cap, fen in (
            (caps.fen_use, 0),
            (caps.fen_day, used.fen_day),
            (caps.fen_month, used.fen_month),
            (caps.fen_year, used.fen_year),
        )
        if cap is not None
    ]
    return min(left) if left else None


def lapses_at(lapse: Lapse, granted: datetime) -> datetime | None:
    """Say from which moment on a grant cannot be spent any more: the start of a day of the city; None never."""
    day = service_day(granted)
    match lapse.rule:
        case LapseRule.MONTH_END:
            return day_start(next_month(day))
        case LapseRule.DAYS:
            return day_start(day + timedelta(days=lapse.days + 1))
        case LapseRule.DATE if lapse.last_day is not None:
            return day_start(lapse.last_day + timedelta(days=1))
        case _:
            return None


def last_day(lapses_at: datetime | None) -> date | None:
    """Give the last day on which something can be spent that lapses at a moment; None has no end."""
    return None if lapses_at is None else service_day(lapses_at - timedelta(microseconds=1))


def month_of(day: date) -> str:
    """Name the month of a day as a grant's period: 2026-11."""
    return f"{day:%Y-%m}"


def next_month(day: date) -> date:
    """Give the first day of the month after a day's."""
    return date(day.year + day.month // DECEMBER, day.month % DECEMBER + 1, 1)


def check_scheme(terms: SchemeTerms, *, has_sponsor: bool) -> None:
    """Raise `TermsFaultyError` for terms of a scheme that cannot be meant."""
    _check_caps(terms.caps)
    lapse = terms.lapse
    if (lapse.rule is LapseRule.DATE) is (lapse.last_day is None) or (lapse.rule is LapseRule.DAYS) is (lapse.days < 1):
        raise TermsFaultyError("days need the rule days, a last day needs the rule date, and the other way round")
    if lapse.days > LAPSE_DAYS_MAX or (lapse.last_day is not None and lapse.last_day > LAST_DAY_MAX):
        raise TermsFaultyError(f"it lapses within {LAPSE_DAYS_MAX} days or by {LAST_DAY_MAX}, or never")
    if lapse.rule is not LapseRule.NEVER and not has_sponsor:
        raise TermsFaultyError("what a citizen paid in does not lapse")
    if terms.monthly is not None and (not 1 <= terms.monthly.amount <= AMOUNT_FEN_MAX or not has_sponsor):
        raise TermsFaultyError("what is granted every month is at least a fen of a sponsor's")


def check_campaign(terms: CampaignTerms) -> None:
    """Raise `TermsFaultyError` for terms of a campaign that cannot be meant."""
    _check_caps(terms.caps)
    one = terms.discount
    if sum(kind is not None for kind in (one.percent, one.fen, one.price)) != 1:
        raise TermsFaultyError("a discount is one of percent, fen and price")
    if one.percent is not None and not 1 <= one.percent <= PERCENT_MAX:
        raise TermsFaultyError("a percentage is 1 to 100")
    if min(one.fen or 1, one.fen_max or 1) < 1 or (one.price or 0) < 0:
        raise TermsFaultyError("a discount is at least a fen")
    if terms.last_day < terms.first_day:
        raise TermsFaultyError("it ends before it begins")


def _check_caps(caps: Caps) -> None:
    values: Mapping[str, int | None] = {name: getattr(caps, name) for name in caps.__struct_fields__}
    if wrong := [name for name, cap in values.items() if cap is not None and cap < 1]:
        raise TermsFaultyError(f"a cap is at least 1: {', '.join(wrong)}")
