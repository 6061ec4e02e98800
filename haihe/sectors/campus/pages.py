"""What a citizen sees of the campus: the card, and everything that can be paid for there."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get

from haihe.payments.service import Payments
from haihe.people.service import People
from haihe.sectors.campus.desk import Desk
from haihe.sectors.campus.model import GROUPS, ROLE_NAMES
from haihe.sectors.campus.rules import fixed_amount
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

TEXT_CHARACTERS_MAX: Final = 100

PageRequest = Request[Any, Any, Any]


@get("/campus")
async def campus(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    campus_desk: Service[Desk],
    payments: Service[Payments],
    people: Service[People],
) -> Response[str]:
    """Show somebody's cards, what is left of the meal money, and the latest payments."""
    cards = await campus_desk.cards(viewer)
    return renderer.page(
        request,
        "campus/campus.html",
        name=(await people.citizen(viewer.person)).name,
        cards=cards,
        role_names=ROLE_NAMES,
        meal_money=await campus_desk.meal_money(viewer, lang),
        recent=await campus_desk.recent(payments, viewer, lang),
        universities=[one.university for one in cards] or campus_desk.universities(),
    )


@get("/campus/services")
async def services(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    campus_desk: Service[Desk],
    q: str = "",
    group: str = "",
    at: str = "",
) -> Response[str]:
    """Show a university's services: all groups, one group, or what was searched for (`q`); `at` is the university's key."""
    text = q.strip()[:TEXT_CHARACTERS_MAX]
    university = campus_desk.chosen(at, await campus_desk.cards(viewer))
    listing = None
    if university is not None and text:
        listing = campus_desk.search(university.id, text, lang)
    elif university is not None and group:
        listing = campus_desk.of_group(university.id, group)
    return renderer.page(
        request,
        "campus/services.html",
        university=university,
        others=[one for one in campus_desk.universities() if one != university],
        groups=campus_desk.groups(university.id) if university is not None else [],
        group_names=GROUPS,
        listing=listing,
        fixed_amount=fixed_amount,
        text=text,
        group=group,
    )


HANDLERS: Final = (campus, services)
