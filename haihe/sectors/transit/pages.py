"""The bus company's pages of the console: the day by line and bus, stickers to print, to revoke, screens to pair."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect
from markupsafe import Markup

from haihe.base.i18n import LANGUAGES, N_, translate
from haihe.codes import emvco
from haihe.codes.model import Sticker
from haihe.codes.service import Stickers
from haihe.organisations.model import RIGHTS, Right, Role
from haihe.organisations.service import Organisations
from haihe.sectors.transit.fleet import REASON_CHARACTERS_MAX, Fleet
from haihe.sectors.transit.model import CLASS_NAMES, Line, Vehicle
from haihe.web import svg
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Staff
from haihe.web.problem import NotAllowed, NotFound
from haihe.web.render import Renderer

TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"
SCAN_TO_PAY: Final = N_("Scan to pay the fare")
CITY_NAMES: Final = {"en": "Tianjin", "zh": "天津"}
"""What an EMVCo payload says about where the payee is; its main text is in Latin letters."""

FIRST_DAY: Final = date(2017, 1, 1)
"""The city has no older rides; far older days have no place on the clock."""
STICKERS_PER_SHEET_MAX: Final = 60
"""Drawing one takes about 5 ms."""
PAGE_DIGITS_MAX: Final = 4

ConsoleRequest = Request[Any, Any, Any]


class RevokeForm(msgspec.Struct, frozen=True):
    """Why a sticker is revoked, and that it is meant."""

    reason: Annotated[str, says(N_("Please say why, in a few words"), min_length=3, max_length=REASON_CHARACTERS_MAX)]
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """One sticker as it is printed: three languages, the code drawn, line and bus."""

    texts: Sequence[tuple[str, str]]
    drawn: Markup
    code: str
    vehicle: Vehicle


@get("/console/transit")
async def overview(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, fleet: Fleet, day: str = ""
) -> Response[str]:
    """Show a service day by line; today unless another day is asked for."""
    sees_money = _allow(staff, Right.SEE_OPERATIONS, also=Right.SEE_MONEY)
    shown = _day(day, fleet.today())
    lines = await fleet.day(staff.organisation, shown)
    return renderer.page(
        request,
        "transit/overview.html",
        lines=lines,
        day=shown,
        today=fleet.today(),
        money=sees_money,
        classes=CLASS_NAMES,
    )


@get("/console/transit/lines/{line:str}")
async def line_page(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, fleet: Fleet, lang: str, line: str, day: str = ""
) -> Response[str]:
    """Show a line's buses: their day, stickers and screens."""
    sees_money = _allow(staff, Right.SEE_OPERATIONS, also=Right.SEE_MONEY)
    shown = _day(day, fleet.today())
    found = await fleet.line_day(staff.organisation, _id(line), shown)
    return renderer.page(
        request,
        "transit/line.html",
        one=found,
        where=found.line.name(lang),
        class_name=CLASS_NAMES[found.line.line_class],
        day=shown,
        money=sees_money,
        prints=_may(staff, Right.PRINT_STICKERS),
        changes=_may(staff, Right.CHANGE_CATALOGUE),
    )


@get("/console/transit/lines/{line:str}/stickers")
async def sheet(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    fleet: Fleet,
    stickers: Stickers,
    organisations: Organisations,
    line: str,
    form: str = "",
) -> Response[str]:
    """Show the stickers of a line as sheets to print; `form=emvco` prints the code that wallets of the world read, `page` counts sheets."""
    _allow(staff, Right.PRINT_STICKERS)
    found = await fleet.line_day(staff.organisation, _id(line), fleet.today())
    company = organisations.by_id(staff.organisation).names
    wanted = [
        (one.sticker, one.vehicle, found.line, _payload(one.sticker, one.vehicle, company, stickers, form))
        for one in found.vehicles
        if one.sticker
    ]
    pages = max(1, -(-len(wanted) // STICKERS_PER_SHEET_MAX))
    shown = _page(request.query_params.get("page", ""), pages)
    part = wanted[(shown - 1) * STICKERS_PER_SHEET_MAX : shown * STICKERS_PER_SHEET_MAX]
    labels = await asyncio.to_thread(lambda: [_label(*one) for one in part])
    return renderer.page(
        request,
        "transit/sheet.html",
        line=found.line,
        labels=labels,
        emvco=form == "emvco",
        shown=shown,
        pages=pages,
    )


@get("/console/transit/stickers/{code:str}")
async def sticker_page(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, fleet: Fleet, stickers: Stickers, code: str
) -> Response[str]:
    """Show a sticker, and the form that revokes it."""
    _allow(staff, Right.PRINT_STICKERS)
    return await _sticker(request, renderer, staff, fleet, stickers, code, Form())


@post("/console/transit/stickers/{code:str}")
async def revoke(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, fleet: Fleet, stickers: Stickers, code: str
) -> Response[Any]:
    """Revoke a sticker and make the bus a new one."""
    _allow(staff, Right.CHANGE_CATALOGUE)
    form = await read_form(request, RevokeForm)
    if form.data is not None and not form.data.sure:
        form = form.refused("sure", N_("Please confirm that the old sticker shall stop working"))
    if form.data is None:
        return await _sticker(request, renderer, staff, fleet, stickers, code, form)
    fresh = await fleet.replace_sticker(staff.organisation, code, reason=form.data.reason)
    return Redirect(f"/console/transit/stickers/{fresh.code}", status_code=303)


@post("/console/transit/vehicles/{vehicle:str}/screen")
async def pair_screen(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, fleet: Fleet, lang: str, vehicle: str
) -> Response[str]:
    """Give a bus's screen a new pairing and show the link, once, as text and as a code to scan."""
    _allow(staff, Right.CHANGE_CATALOGUE)
    bus, line = fleet.vehicle(staff.organisation, _id(vehicle))
    terminal = await fleet.pair_screen(staff.organisation, bus.id)
    url = fleet.terminals.pairing_url(terminal)
    drawn = svg.qr(url, translate(lang, N_("Link for the driver's screen")))
    return renderer.page(request, "transit/screen.html", vehicle=bus, line=line, url=url, drawn=drawn)


async def _sticker(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    fleet: Fleet,
    stickers: Stickers,
    code: str,
    form: Form[RevokeForm],
) -> Response[str]:
    sticker, vehicle, line = await fleet.sticker(staff.organisation, code)
    return renderer.page(
        request,
        "transit/sticker.html",
        status_code=422 if form.errors else 200,
        sticker=sticker,
        label=_label(sticker, vehicle, line, stickers.url(sticker.code)),
        line=line,
        form=form,
        changes=_may(staff, Right.CHANGE_CATALOGUE),
    )


def _label(sticker: Sticker, vehicle: Vehicle, line: Line, payload: str) -> Label:
    texts = [(language, translate(language, SCAN_TO_PAY)) for language in LANGUAGES]
    return Label(texts, svg.qr(payload, f"{line.number} · {vehicle.plate}"), sticker.code, vehicle)


def _payload(sticker: Sticker, vehicle: Vehicle, company: dict[str, str] | Any, stickers: Stickers, form: str) -> str:
    if form != "emvco":
        return stickers.url(sticker.code)
    local = company.get("zh", "")
    return emvco.build(
        emvco.Merchant(
            code=sticker.code,
            name=company.get("en") or local,
            city=CITY_NAMES["en"],
            local_language="zh" if local else "",
            local_name=local,
            local_city=CITY_NAMES["zh"] if local else "",
            terminal=vehicle.plate,
        )
    )


def _may(staff: Staff, right: Right) -> bool:
    return right in RIGHTS[Role(staff.role)]


def _allow(staff: Staff, right: Right, *, also: Right | None = None) -> bool:
    """Insist on a right; tell whether another one is there too."""
    if not _may(staff, right):
        raise NotAllowed
    return also is not None and _may(staff, also)


def _day(text: str, today: date) -> date:
    """Read a day that was asked for; today when it cannot be one, has not come or is from before the city's time."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if FIRST_DAY <= day <= today else today


def _page(text: str, pages: int) -> int:
    """Read which page was asked for, from 1; the first when there is no such page."""
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) <= PAGE_DIGITS_MAX else 1
    return wanted if 1 <= wanted <= pages else 1


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise NotFound
    return int(text)


HANDLERS: Final = (overview, line_page, sheet, sticker_page, revoke, pair_screen)
