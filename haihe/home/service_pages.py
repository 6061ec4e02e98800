"""The search for services: as a page, and for programs."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter

from haihe.base.clock import service_day
from haihe.catalogue.finding import TEXT_CHARACTERS_MAX
from haihe.catalogue.prices import Fixed, Price
from haihe.catalogue.service import FOUND_MAX, Catalogue
from haihe.home.screen import HomeScreen
from haihe.home.services import Offered, by_organisation, find_services, hours_text, price_text
from haihe.organisations.service import Organisations
from haihe.web.json_api import problems
from haihe.web.part import Service
from haihe.web.render import Renderer


@get("/services")
async def services(
    request: Request[Any, Any, Any],
    renderer: Renderer,
    lang: str,
    catalogue: Service[Catalogue],
    organisations: Service[Organisations],
    home_screen: Service[HomeScreen],
    q: str = "",
) -> Response[str]:
    """Show what was found; open to everyone."""
    text = q.strip()[:TEXT_CHARACTERS_MAX]
    found = find_services(catalogue, organisations, home_screen.service_links, text=text, lang=lang)
    today = service_day(catalogue.clock.now())
    return renderer.page(
        request,
        "home/services.html",
        text=text,
        count=len(found),
        is_cut=len(found) == FOUND_MAX,
        groups=by_organisation(found),
        tiles=home_screen.tiles,
        price_text=lambda price: price_text(price, lang),
        hours_text=lambda offered: hours_text(offered, today, lang),
    )


class PriceAnswer(msgspec.Struct, frozen=True):
    """A price: its rule (fixed, open, tiers, per_unit, choice), and the amount in fen where that is fixed."""

    rule: str
    amount: int | None = None


class ServiceAnswer(msgspec.Struct, frozen=True):
    """A service: `price` null if it has none today, `opens_at` if it is closed, `href` the page that pays it if it has one."""

    id: str
    key: str
    name: str
    organisation: str
    sector: str
    group: str
    price: PriceAnswer | None
    open: bool
    opens_at: str | None
    href: str | None


class ServiceList(msgspec.Struct, frozen=True):
    """Services, the best match first."""

    items: tuple[ServiceAnswer, ...]


@get(
    "/api/services",
    include_in_schema=True,
    summary="Search services",
    tags=["services"],
    responses=problems(400, 429),
)
async def search_services(
    lang: str,
    catalogue: Service[Catalogue],
    organisations: Service[Organisations],
    home_screen: Service[HomeScreen],
    q: Annotated[str, QueryParameter(max_length=TEXT_CHARACTERS_MAX)] = "",
) -> ServiceList:
    """Find services by words of their names in any language; open to everyone."""
    found = find_services(catalogue, organisations, home_screen.service_links, text=q, lang=lang)
    return ServiceList(tuple(_answer(offered, lang) for offered in found))


def _answer(offered: Offered, lang: str) -> ServiceAnswer:
    service = offered.service
    return ServiceAnswer(
        id=str(service.id),
        key=service.key,
        name=service.name(lang),
        organisation=offered.payee,
        sector=service.sector,
        group=service.group,
        price=_price(offered.price),
        open=offered.is_open,
        opens_at=offered.opens_at.astimezone(UTC).isoformat() if offered.opens_at else None,
        href=offered.href or None,
    )


def _price(price: Price | None) -> PriceAnswer | None:
    if price is None:
        return None
    return PriceAnswer(str(price.__struct_config__.tag), price.amount if isinstance(price, Fixed) else None)


HANDLERS: Final = (services, search_services)
