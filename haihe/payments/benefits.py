"""What people read of schemes and campaigns: where they hold, until when, how often, how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from haihe.base.clock import service_day
from haihe.base.i18n import N_, long_day, translate, translate_plural
from haihe.organisations.model import name_in
from haihe.wallet.purses import figures_store
from haihe.wallet.purses.figures_store import Use
from haihe.wallet.purses.model import in_force
from haihe.wallet.purses.rules import last_day
from haihe.wallet.purses.terms import Audience

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from haihe.wallet.purses.model import Purse
    from haihe.wallet.purses.service import Purses
    from haihe.wallet.purses.terms import CampaignTerms, Caps, Discount, SchemeTerms
    from haihe.web.guards import Viewer


@dataclass(frozen=True, slots=True)
class HeldPurse:
    """A purse as its citizen reads it: name, fen, lines of label and value."""

    name: str
    amount: int
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OwnCampaign:
    """A campaign that applies to a citizen: its name, who pays for it, lines of label and value, what it bore so far."""

    name: str
    sponsor: str
    facts: tuple[tuple[str, str], ...]
    used: Use


async def benefits_of(
    purses: Purses, viewer: Viewer, names: Mapping[int, str], lang: str
) -> tuple[list[HeldPurse], list[OwnCampaign]]:
    """Give what a citizen holds and which campaigns apply; `names` are those of organisations."""
    held = await purses.of(citizen=viewer.person, bucket=viewer.bucket)
    async with purses.database.connection() as connection:
        used = await figures_store.used_by(connection, viewer.bucket, viewer.person)
    return _purses(purses, held, lang), _campaigns(purses, viewer.person, used, names, lang)


def _purses(purses: Purses, held: Sequence[Purse], lang: str) -> list[HeldPurse]:
    schemes = purses.directory.schemes
    return [
        HeldPurse(
            name_in(schemes[one.scheme].names, lang), one.amount, _purse_facts(purses.terms(one.scheme), one, lang)
        )
        for one in held
        if one.scheme in schemes
    ]


def _purse_facts(terms: SchemeTerms, purse: Purse, lang: str) -> tuple[tuple[str, str], ...]:
    last = last_day(purse.lapses_at)
    until = long_day(last, lang) if last else translate(lang, N_("No end"))
    return (
        *((translate(lang, N_("Where")), name_in(terms.told, lang)) for _ in range(1) if terms.told),
        (translate(lang, N_("Can be spent until")), until),
        *((translate(lang, N_("At most")), limit) for limit in [told_caps(terms.caps, lang)] if limit),
    )


def _campaigns(
    purses: Purses, citizen: int, used: Mapping[int, Use], names: Mapping[int, str], lang: str
) -> list[OwnCampaign]:
    directory, now = purses.directory, purses.clock.now()
    found = []
    for one in directory.campaigns.values():
        terms = in_force(directory.campaign_terms.get(one.id, ()), now)
        if terms is None or service_day(now) > terms.last_day:
            continue
        if terms.audience is Audience.EVERYBODY or directory.is_member(one.id, citizen):
            fund = directory.funds[one.id]
            sponsor = names.get(fund.organisation, "")
            facts = campaign_facts(terms, lang)
            found.append(OwnCampaign(name_in(fund.names, lang), sponsor, facts, used.get(one.id, Use())))
    return found


def campaign_facts(terms: CampaignTerms, lang: str) -> tuple[tuple[str, str], ...]:
    """Tell a campaign in lines of label and value."""
    return (
        (translate(lang, N_("What you get")), told_discount(terms.discount, lang)),
        *((translate(lang, N_("Where")), name_in(terms.told, lang)) for _ in range(1) if terms.told),
        (translate(lang, N_("Last day")), long_day(terms.last_day, lang)),
        *((translate(lang, N_("At most")), limit) for limit in [told_caps(terms.caps, lang)] if limit),
    )


def told_discount(discount: Discount, lang: str) -> str:
    """Tell what a campaign bears: "50% off, at most ¥1.00"."""
    if discount.percent is not None:
        told = translate(lang, N_("{share:percent} off"), share=discount.percent / 100)
    elif discount.fen is not None:
        told = translate(lang, N_("{amount:money} off"), amount=discount.fen)
    else:
        told = translate(lang, N_("You pay {amount:money}"), amount=discount.price or 0)
    if discount.fen_max is None:
        return told
    return translate(lang, N_("{told}, at most {amount:money}"), told=told, amount=discount.fen_max)


def told_caps(caps: Caps, lang: str) -> str:
    """Tell how often and how much: "2 times a day, ¥10.00 a month"; empty without caps."""
    told = []
    if caps.uses_day is not None:
        told.append(translate_plural(lang, "{count} time a day", "{count} times a day", count=caps.uses_day))
    if caps.uses_month is not None:
        told.append(translate_plural(lang, "{count} time a month", "{count} times a month", count=caps.uses_month))
    if caps.uses_year is not None:
        told.append(translate_plural(lang, "{count} time a year", "{count} times a year", count=caps.uses_year))
    fen = (
        (caps.fen_use, N_("{amount:money} each time")),
        (caps.fen_day, N_("{amount:money} a day")),
        (caps.fen_month, N_("{amount:money} a month")),
        (caps.fen_year, N_("{amount:money} a year")),
    )
    return " · ".join(told + [translate(lang, text, amount=cap) for cap, text in fen if cap is not None])
