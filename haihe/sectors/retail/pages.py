"""The shop's pages of the console: the day by till, the latest sales, stickers to print, screens to pair."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get, post

from haihe.base.i18n import N_, translate
from haihe.codes.service import Stickers
from haihe.counter.labels import label
from haihe.counter.service import Terminals
from haihe.organisations.console import has, may
from haihe.organisations.model import Right
from haihe.organisations.service import Organisations
from haihe.sectors.retail.model import SHOP
from haihe.sectors.retail.shops import Shops
from haihe.web import svg
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer

TEMPLATES: Final = Path(__file__).parent / "templates"
ID_DIGITS_MAX: Final = 19
SCAN_TO_PAY: Final = N_("Scan to pay")

ConsoleRequest = Request[Any, Any, Any]


@get("/console/shop", guards=[may(Right.SEE_OPERATIONS)])
async def day(request: ConsoleRequest, renderer: Renderer, staff: Staff, shops: Service[Shops]) -> Response[str]:
    """Show today's sales by till, and the latest ones."""
    if shops.ground.organisations.by_id(staff.organisation).kind != SHOP:
        raise NotFound
    tills = await shops.day(staff.organisation, shops.today())
    sees_money = has(staff, Right.SEE_MONEY)
    return renderer.page(
        request,
        "retail/day.html",
        tills=tills,
        day=shops.today(),
        latest=await shops.latest(staff.organisation) if sees_money else [],
        money=sees_money,
        prints=has(staff, Right.PRINT_STICKERS),
        changes=has(staff, Right.CHANGE_CATALOGUE),
    )


@get("/console/shop/tills/{till:str}/sticker", guards=[may(Right.PRINT_STICKERS)])
async def sticker_page(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    shops: Service[Shops],
    stickers: Stickers,
    organisations: Organisations,
    lang: str,
    till: str,
) -> Response[str]:
    """Show a till's sticker to print."""
    point = shops.point(staff.organisation, _id(till))
    sticker = await shops.sticker(staff.organisation, point.id)
    place = f"{organisations.by_id(staff.organisation).name(lang)} · {point.name(lang)}"
    drawn = label(stickers, sticker, place=place, text=SCAN_TO_PAY)
    return renderer.page(request, "retail/sticker.html", label=drawn, name=point.name(lang))


@post("/console/shop/tills/{till:str}/screen", guards=[may(Right.CHANGE_CATALOGUE)], status_code=200)
async def pair_screen(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    shops: Service[Shops],
    terminals: Terminals,
    lang: str,
    till: str,
) -> Response[str]:
    """Give a till's screen a new pairing and show the link, once, as text and as a code to scan."""
    point = shops.point(staff.organisation, _id(till))
    url = terminals.pairing_url(await shops.pair_screen(staff.organisation, point.id))
    drawn = svg.qr(url, translate(lang, N_("Link for the screen")))
    return renderer.page(
        request, "counter/pairing.html", place=point.name(lang), back="/console/shop", url=url, drawn=drawn
    )


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX):
        raise NotFound
    return int(text)


HANDLERS: Final = (day, sticker_page, pair_screen)
