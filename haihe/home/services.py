"""The search over everything that the city's organisations offer: what it costs today, whether it is open, where it is paid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from haihe.base.clock import service_day
from haihe.base.i18n import N_, money, translate
from haihe.catalogue.model import ClosedNow, NotOffered, Service
from haihe.catalogue.prices import Choice, Fixed, Open, PerUnit, Price, Tiers
from haihe.catalogue.service import Catalogue
from haihe.organisations.service import Organisations

ServiceLink = Callable[[Service], str]
"""Says at which address a service is paid, "" where only its till or its sticker can be."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A service as it is found: its price today (None if it has none), whether it is open, when it opens again if that is known."""

    service: Service
    payee: str
    price: Price | None
    is_open: bool
    opens_at: datetime | None
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """What one organisation offers of what was found."""

    payee: str
    offers: Sequence[Offered]


def find_services(
    catalogue: Catalogue, organisations: Organisations, links: Mapping[str, ServiceLink], *, text: str, lang: str
) -> list[Offered]:
    """Find services by words of their names, the best first and what is not offered today last; all from memory."""
    now = catalogue.clock.now()
    found = [
        _offered(catalogue, service, organisations.by_id(service.organisation).name(lang), links, now)
        for service in catalogue.search(text, lang)
    ]
    return sorted(found, key=lambda one: one.price is None)


def _offered(
    catalogue: Catalogue, service: Service, payee: str, links: Mapping[str, ServiceLink], now: datetime
) -> Offered:
    link = links.get(service.sector)
    href = link(service) if link else ""
    try:
        return Offered(service, payee, catalogue.open_terms(service.id, now).price, True, None, href)
    except ClosedNow as closed:
        opens_at = closed.details.get("opens_at")
        price = catalogue.terms(service.id, service_day(now)).price
        return Offered(service, payee, price, False, opens_at if isinstance(opens_at, datetime) else None, href)
    except NotOffered:
        return Offered(service, payee, None, False, None, "")


def by_organisation(offers: Sequence[Offered]) -> list[Group]:
    """Put together what one organisation of one sector offers; the order of the best of each stays."""
    groups: dict[tuple[str, int], list[Offered]] = {}
    for one in offers:
        groups.setdefault((one.service.sector, one.service.organisation), []).append(one)
    return [Group(offers[0].payee, offers) for offers in groups.values()]


def price_text(price: Price | None, lang: str) -> str:
    """Write a price in a few words."""
    match price:
        case None:
            return ""
        case Fixed():
            return money(price.amount, lang)
        case Open():
            return translate(lang, N_("Any amount"))
        case Tiers():
            return translate(lang, N_("By use"))
        case PerUnit():
            return translate(lang, N_("By quantity"))
        case Choice():
            lowest = min(option.amount for option in price.options)
            return translate(lang, N_("From {amount:money}"), amount=lowest)


def hours_text(offered: Offered, today: date, lang: str) -> str:
    """Say whether a service is open, and when it opens; of today only the hour."""
    if offered.price is None:
        return translate(lang, N_("Not offered today"))
    if offered.is_open:
        return translate(lang, N_("Open now"))
    if offered.opens_at is None:
        return translate(lang, N_("Closed now"))
    if service_day(offered.opens_at) == today:
        return translate(lang, N_("Closed, opens at {at:clock}"), at=offered.opens_at)
    return translate(lang, N_("Closed, opens {at:short_moment}"), at=offered.opens_at)
