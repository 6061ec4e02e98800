"""What a citizen sees of transit: the bus lines, coaches to choose from, what a ride costs, the ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.database import TryAgain
from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translate, translator
from haihe.base.ids import ID_MAX
from haihe.organisations.service import Organisations
from haihe.payments.pages import KEY_CHARACTERS_MAX, new_key
from haihe.payments.references import reference
from haihe.sectors.transit.coach import rules
from haihe.sectors.transit.coach.errors import NoCoach, TicketUnknown
from haihe.sectors.transit.coach.model import KIND, Journey, Route, Ticket
from haihe.sectors.transit.coach.network import Network
from haihe.sectors.transit.coach.service import Coaches, Offered, Wish
from haihe.sectors.transit.coach.trade import TICKETS
from haihe.sectors.transit.fleet import Fleet
from haihe.sectors.transit.model import Line
from haihe.web import svg
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

LINES_SHOWN_MAX: Final = 60
ID_DIGITS_MAX: Final = 19

PageRequest = Request[Any, Any, Any]


class OrderForm(msgspec.Struct, frozen=True):
    """What the page of a ride posts; which ride it is, its address says."""

    key: Annotated[str, says(N_("Please reload this page"), max_length=KEY_CHARACTERS_MAX)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A ride as a page tells it."""

    journey: Journey
    route: str
    company: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket with its ride, and where its page or its payment is."""

    ticket: Ticket
    shown: Shown
    href: str


@dataclass(frozen=True)
class Desk:
    """Where the pages' texts come from."""

    coaches: Coaches
    organisations: Organisations

    def tell(self, journey: Journey, lang: str) -> Shown:
        """Tell a ride in a language."""
        network, route = self.coaches.network, journey.route
        return Shown(
            journey,
            route.name(lang),
            self.organisations.by_id(route.organisation).name(lang),
            network.stop_name(route, journey.from_place, lang),
            network.stop_name(route, journey.to_place, lang),
        )

    def way(self, route: Route, lang: str) -> str:
        """Say where a route goes: a company's two ways have one name."""
        network = self.coaches.network
        return f"{network.stop_name(route, 0, lang)} → {network.stop_name(route, -1, lang)}"

    async def tickets(self, viewer: Viewer, lang: str) -> list[Held]:
        """List a citizen's tickets: sold ones lead to the ticket, held ones to their payment."""
        return [
            Held(one, self.tell(self.coaches.journey_of(one), lang), ticket_address(one))
            for one in await self.coaches.tickets_of(viewer.person)
        ]


def ticket_address(ticket: Ticket) -> str:
    """Say where a ticket is shown, or paid for while it is held."""
    return f"{TICKETS}/{ticket.id}" if ticket.is_sold else f"/s/{reference(KIND, ticket.due)}"


@get("/transit")
async def transit_page(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    coach_desk: Service[Desk],
    fleet: Service[Fleet],
    day: str = "",
) -> Response[str]:
    """Show coaches to choose from, the citizen's tickets, and the bus lines with their fares."""
    query = request.query_params
    form = Form[Any]({"from": query.get("from", ""), "to": query.get("to", ""), "day": day})
    return await _choose(request, renderer, lang, viewer, coach_desk, fleet, form)


async def _choose(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    desk: Desk,
    fleet: Fleet,
    form: Form[Any],
    refusal: Refusal | None = None,
) -> Response[str]:
    """Show the page with what was chosen, what there is of it, and a refusal if there was one."""
    found: Sequence[Offered] = ()
    day = _day(form.values["day"], desk.coaches.today())
    if refusal is None and form.values["from"] and form.values["to"]:
        try:
            start, end = _id(form.values["from"]), _id(form.values["to"])
            found = await desk.coaches.offers(from_stop=start, to_stop=end, day=day)
        except Refusal as raised:
            refusal = raised
    network = desk.coaches.network
    return renderer.page(
        request,
        "transit/coach/choose.html",
        status_code=refusal.status if refusal else 200,
        form=Form[Any]({**form.values, "to": form.values["to"] or _first_end(network), "day": day.isoformat()}),
        starts=[(one.id, one.name(lang)) for one in network.starts()],
        ends=[(one.id, one.name(lang)) for one in network.ends()],
        first_day=desk.coaches.today(),
        last_day=desk.coaches.last_day(),
        found=[(one, desk.tell(one.journey, lang)) for one in found],
        refusal=refusal.message(translator(lang)) if refusal else "",
        tickets=await desk.tickets(viewer, lang),
        lines=[] if found or refusal else _lines(fleet),
    )


def _first_end(network: Network) -> str:
    """Choose an end that is not the start which stands first."""
    starts, ends = network.starts(), network.ends()
    return next((str(one.id) for one in ends if one != starts[0]), "")


def _lines(fleet: Fleet) -> list[tuple[Line, int]]:
    """List the bus lines with today's fares."""
    catalogue, today = fleet.catalogue, fleet.today()
    lines = sorted(catalogue.now.lines.values(), key=lambda line: (len(line.number), line.number))
    return [(line, catalogue.fare(line, today)) for line in lines[:LINES_SHOWN_MAX]]


@get("/transit/coaches/{departure:str}")
async def ride_page(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    coach_desk: Service[Desk],
    fleet: Service[Fleet],
    departure: str,
    day: str = "",
) -> Response[str]:
    """Show what a ride costs, item by item, with the button that orders it."""
    form = _asked(request, day)
    try:
        offered = await coach_desk.coaches.offer(_wish(departure, form, coach_desk.coaches.today()))
    except Refusal as refusal:
        return await _choose(request, renderer, lang, viewer, coach_desk, fleet, form, refusal)
    return renderer.page(
        request, "transit/coach/ride.html", offered=offered, shown=coach_desk.tell(offered.journey, lang), key=new_key()
    )


@post("/transit/coaches/{departure:str}")
async def order(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    coach_desk: Service[Desk],
    fleet: Service[Fleet],
    departure: str,
    day: str = "",
) -> Response[Any]:
    """Hold a seat and go on to pay for it; what is refused is said above the other choices."""
    form = _asked(request, day)
    posted = await read_form(request, OrderForm)
    key = posted.data.key if posted.data else new_key()
    try:
        ticket = await coach_desk.coaches.order(
            viewer.person, _wish(departure, form, coach_desk.coaches.today()), key=key
        )
    except TryAgain:
        raise
    except Refusal as refusal:
        return await _choose(request, renderer, lang, viewer, coach_desk, fleet, form, refusal)
    return Redirect(ticket_address(ticket), status_code=303)


@get(f"{TICKETS}/{{ticket:str}}")
async def ticket_page(
    request: PageRequest, renderer: Renderer, lang: str, viewer: Viewer, coach_desk: Service[Desk], ticket: str
) -> Response[Any]:
    """Show a citizen's own ticket, big and bright, to be held out to the driver. Raises `TicketUnknown`."""
    found = await coach_desk.coaches.ticket(viewer.person, _id(ticket, TicketUnknown))
    if not found.is_sold:
        return Redirect(ticket_address(found), status_code=303)
    return renderer.page(
        request,
        "transit/coach/ticket.html",
        ticket=found,
        shown=coach_desk.tell(coach_desk.coaches.journey_of(found), lang),
        drawn=svg.qr(found.code, translate(lang, N_("Ticket to show to the driver"))),
        written=rules.written_code(found.code),
        passenger=(await coach_desk.coaches.people.citizen(viewer.person)).name,
    )


def _asked(request: PageRequest, day: str) -> Form[Any]:
    query = request.query_params
    return Form({"from": query.get("from", ""), "to": query.get("to", ""), "day": day})


def _wish(departure: str, form: Form[Any], today: date) -> Wish:
    values = form.values
    return Wish(_id(departure), _day(values["day"], today), _id(values["from"]), _id(values["to"]))


def _day(text: str, today: date) -> date:
    """Read a day that was asked for; today when it cannot be one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today


def _id(text: str, refusal: type[Refusal] = NoCoach) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX and int(text) <= ID_MAX):
        raise refusal
    return int(text)


HANDLERS: Final = (transit_page, ride_page, order, ticket_page)
