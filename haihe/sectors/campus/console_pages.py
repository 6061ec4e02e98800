"""The university's pages of the console: the day by point, tills to pair, what is offered, stickers to print."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from litestar import Request, Response, get, post

from haihe.base.i18n import N_, money, translate
from haihe.base.ids import ID_MAX
from haihe.counter.labels import label
from haihe.organisations.console import has, require
from haihe.organisations.model import Right
from haihe.sectors.campus.desk import Desk
from haihe.sectors.campus.model import GROUPS, KIND, POINT_KIND_NAMES, CardRole, Offered, Sold
from haihe.sectors.campus.office import Office
from haihe.sectors.campus.rules import fixed_amount
from haihe.web import svg
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer

SCAN_TO_PAY: Final = N_("Scan to pay")
STICKERS_PER_SHEET_MAX: Final = 60
"""Drawing one takes about 5 ms."""

ConsoleRequest = Request[Any, Any, Any]


@get("/console/campus")
async def overview(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, campus_office: Service[Office]
) -> Response[str]:
    """Show the university's day."""
    require(staff, Right.SEE_OPERATIONS)
    campus_office.insist(staff.organisation)
    return renderer.page(
        request,
        "campus/overview.html",
        day=await campus_office.day(staff.organisation),
        kinds=POINT_KIND_NAMES,
        student=CardRole.STUDENT,
        employee=CardRole.STAFF,
        sees_money=has(staff, Right.SEE_MONEY),
        changes=has(staff, Right.CHANGE_CATALOGUE),
        prints=has(staff, Right.PRINT_STICKERS),
    )


@get("/console/campus/services")
async def offered(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    campus_office: Service[Office],
    campus_desk: Service[Desk],
) -> Response[str]:
    """Show everything that the university offers, with prices."""
    require(staff, Right.SEE_OPERATIONS)
    campus_office.insist(staff.organisation)
    return renderer.page(
        request,
        "campus/offered.html",
        groups=_by_group(campus_desk, staff.organisation),
        group_names=GROUPS,
        fixed_amount=fixed_amount,
        prints=has(staff, Right.PRINT_STICKERS),
    )


@get("/console/campus/stickers")
async def sheet(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, campus_office: Service[Office]
) -> Response[str]:
    """Show the university's stickers as a sheet to print."""
    require(staff, Right.PRINT_STICKERS)
    campus_office.insist(staff.organisation)
    wanted = (await campus_office.stickers(staff.organisation))[:STICKERS_PER_SHEET_MAX]
    stickers = campus_office.ground.stickers
    labels = await asyncio.to_thread(
        lambda: [
            label(stickers, one, place=_place(campus_office, sold, lang), text=SCAN_TO_PAY) for one, sold in wanted
        ]
    )
    return renderer.page(request, "campus/sheet.html", labels=labels)


@post("/console/campus/points/{point:str}/till", status_code=200)
async def pair_till(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, campus_office: Service[Office], point: str
) -> Response[str]:
    """Give a point's till a new pairing and show the link, once, as text and as a code to scan."""
    require(staff, Right.CHANGE_CATALOGUE)
    found, terminal = await campus_office.pair_till(staff.organisation, _id(point))
    url = campus_office.ground.terminals.pairing_url(terminal)
    drawn = svg.qr(url, translate(lang, N_("Link for the screen")))
    return renderer.page(
        request, "counter/pairing.html", place=found.name(lang), back="/console/campus", url=url, drawn=drawn
    )


def _by_group(desk: Desk, university: int) -> list[tuple[str, list[Offered]]]:
    services = desk.ground.catalogue.groups(sector=KIND, organisation=university)
    now = desk.now()
    return [
        (group, [found for one in services[group] if (found := desk.offered(one, now))])
        for group, _ in desk.groups(university)
    ]


def _place(office: Office, sold: Sold, lang: str) -> str:
    """Name what a sticker sells, with its price where that is fixed."""
    amount = office.price(sold)
    return sold.name(lang) if amount is None else f"{sold.name(lang)} · {money(amount, lang)}"


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 20 and int(text) <= ID_MAX):
        raise NotFound
    return int(text)


HANDLERS: Final = (overview, offered, sheet, pair_till)
