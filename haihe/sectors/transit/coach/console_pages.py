"""The coach company's pages: the day by departure, who is on board, and the driver's check of tickets.

Drivers check on their own phones, signed in to the console: a coach has no fixed screen, its driver another coach every day, and so the
ticket says who has checked it. The page works without scripts too: then the code is typed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post

from haihe.base.i18n import N_
from haihe.base.ids import ID_MAX
from haihe.organisations.console import ConsolePage, has, require
from haihe.organisations.model import Right
from haihe.sectors.transit.coach.model import COMPANY, Checked, Verdict
from haihe.sectors.transit.coach.pages import Desk
from haihe.sectors.transit.coach.service import RunDay
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer

CODE_TYPED_MAX: Final = 200
ID_DIGITS_MAX: Final = 19
SHOWN_BACK: Final = timedelta(days=366)
"""So far back days are shown."""
VERDICTS: Final = {
    Verdict.VALID: ("circle-check-big", N_("Valid")),
    Verdict.USED: ("triangle-alert", N_("Already used")),
    Verdict.OTHER: ("triangle-alert", N_("Another coach")),
    Verdict.REFUNDED: ("circle-x", N_("Refunded")),
    Verdict.UNKNOWN: ("circle-x", N_("Unknown ticket")),
}
"""Icon and title of what the driver is told."""

CONSOLE_PAGES: Final = (
    ConsolePage(
        "/console/coach",
        N_("Coaches"),
        N_("Today's departures: seats sold and free, passengers, money"),
        "tickets",
        Right.SEE_OPERATIONS,
        frozenset({COMPANY}),
    ),
    ConsolePage(
        "/console/coach/check",
        N_("Check tickets"),
        N_("The driver's camera: is this ticket valid on my coach?"),
        "scan-line",
        Right.TAKE_PAYMENTS,
        frozenset({COMPANY}),
    ),
)

ConsoleRequest = Request[Any, Any, Any]


class CheckForm(msgspec.Struct, frozen=True):
    """What was scanned or typed."""

    text: Annotated[str, says(N_("Please scan or type the code"), max_length=CODE_TYPED_MAX)]


@get("/console/coach")
async def departures_page(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, coach_desk: Service[Desk], day: str = ""
) -> Response[str]:
    """Show a day's departures with their seats; today unless another day is asked for."""
    require(staff, Right.SEE_OPERATIONS)
    shown = _day(day, coach_desk)
    runs = await coach_desk.coaches.day(staff.organisation, shown)
    return renderer.page(
        request,
        "transit/coach/departures.html",
        runs=[(run, coach_desk.way(run.route, lang)) for run in runs],
        day=shown,
        today=coach_desk.coaches.today(),
        money=has(staff, Right.SEE_MONEY),
    )


@get("/console/coach/runs/{departure:str}")
async def run_page(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    coach_desk: Service[Desk],
    departure: str,
    day: str = "",
) -> Response[str]:
    """Show who has a ticket for a departure, by seat, with masked names."""
    require(staff, Right.SEE_OPERATIONS)
    run = await _run(staff, coach_desk, departure, day)
    passengers = await coach_desk.coaches.passengers(run)
    return renderer.page(
        request,
        "transit/coach/run.html",
        run=run,
        way=coach_desk.way(run.route, lang),
        passengers=[(one, coach_desk.tell(coach_desk.coaches.journey_of(one.ticket), lang)) for one in passengers],
        money=has(staff, Right.SEE_MONEY),
        checks=has(staff, Right.TAKE_PAYMENTS),
    )


@get("/console/coach/check")
async def choose_check(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, coach_desk: Service[Desk]
) -> Response[str]:
    """Let the driver choose the coach whose tickets are checked, of those on the road or about to leave."""
    require(staff, Right.TAKE_PAYMENTS)
    runs = await coach_desk.coaches.near(staff.organisation)
    return renderer.page(
        request, "transit/coach/choose_check.html", runs=[(run, coach_desk.way(run.route, lang)) for run in runs]
    )


@get("/console/coach/check/{departure:str}")
async def check_page(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    coach_desk: Service[Desk],
    departure: str,
    day: str = "",
) -> Response[str]:
    """Show the driver's camera for a departure."""
    require(staff, Right.TAKE_PAYMENTS)
    run = await _run(staff, coach_desk, departure, day)
    return _check(request, renderer, lang, coach_desk, run, Form())


@post("/console/coach/check/{departure:str}", status_code=200)
async def check(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    coach_desk: Service[Desk],
    departure: str,
    day: str = "",
) -> Response[str]:
    """Say whether a ticket is valid on this coach, and use it up if it is."""
    require(staff, Right.TAKE_PAYMENTS)
    run = await _run(staff, coach_desk, departure, day)
    form = await read_form(request, CheckForm)
    checked = await coach_desk.coaches.check(run, form.data.text, staff=staff.person) if form.data else None
    run = await _run(staff, coach_desk, departure, day)
    return _check(request, renderer, lang, coach_desk, run, form, checked)


def _check(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    desk: Desk,
    run: RunDay,
    form: Form[CheckForm],
    checked: Checked | None = None,
) -> Response[str]:
    ticket = checked.ticket if checked else None
    return renderer.page(
        request,
        "transit/coach/check.html",
        status_code=422 if form.errors else 200,
        run=run,
        way=desk.way(run.route, lang),
        form=Form[Any]({}, form.errors),
        checked=checked,
        shown=desk.tell(desk.coaches.journey_of(ticket), lang) if ticket else None,
        verdicts=VERDICTS,
    )


async def _run(staff: Staff, desk: Desk, departure: str, day: str) -> RunDay:
    if not (
        departure.isascii() and departure.isdigit() and len(departure) <= ID_DIGITS_MAX and int(departure) <= ID_MAX
    ):
        raise NotFound
    return await desk.coaches.run(staff.organisation, int(departure), _day(day, desk))


def _day(text: str, desk: Desk) -> date:
    """Read a day that was asked for; today when it cannot be one or lies too far away."""
    today = desk.coaches.today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if today - SHOWN_BACK <= day <= desk.coaches.last_day() else today


HANDLERS: Final = (departures_page, run_page, choose_check, check_page, check)
