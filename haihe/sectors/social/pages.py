"""Pages of contributions: a citizen's people and their tiers, the list of relatives, the bureau's year and one contribution."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.i18n import translator
from haihe.base.ids import ID_MAX
from haihe.base.throttle import Limits
from haihe.organisations.console import has, may
from haihe.organisations.model import Right, name_in
from haihe.payments.references import reference
from haihe.people.api import host_of
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.sectors.social import rules
from haihe.sectors.social.bureau import Bureau
from haihe.sectors.social.errors import RelativeUnknown
from haihe.sectors.social.model import KIND
from haihe.sectors.social.service import RELATIVES_MAX, Contributions
from haihe.web.forms import Form, read_form
from haihe.web.guards import Staff, Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]
TEMPLATES: Final = Path(__file__).parent / "templates"
KEY_CHARACTERS_MAX: Final = 64
YEAR_DIGITS: Final = 4


class EnrolForm(msgspec.Struct, frozen=True):
    """What the page of contributions posts: for whom, which tier."""

    person: str = ""
    tier: str = ""


class RelativeForm(msgspec.Struct, frozen=True):
    """Whom a citizen wants to pay for."""

    name: str = ""
    id_number: str = ""


# --- the citizen


@get("/social")
async def overview(
    request: AnyRequest, renderer: Renderer, viewer: Viewer, contributions: Service[Contributions]
) -> Page:
    """Show how one and one's relatives stand, and what may be chosen."""
    return await _overview(request, renderer, viewer, contributions)


@post("/social/enrol")
async def enrol(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    contributions: Service[Contributions],
    limits: Service[Limits],
) -> Page:
    """Choose a tier and go on to pay it; where nothing is to be paid, back to the page, which then says so."""
    limits.count("pay", host_of(request), who=str(viewer.person))
    typed = (await read_form(request, EnrolForm)).data or EnrolForm()
    try:
        due = await contributions.enrol(viewer.person, person=_id(typed.person), tier=typed.tier[:KEY_CHARACTERS_MAX])
    except Refusal as refusal:
        problem = Problem(refusal.code, refusal.message(translator(lang)))
        return await _overview(request, renderer, viewer, contributions, problem=problem, status_code=refusal.status)
    return Redirect(f"/s/{reference(KIND, due)}" if due else "/social", status_code=303)


@get("/social/relatives")
async def relatives_page(
    request: AnyRequest, renderer: Renderer, viewer: Viewer, contributions: Service[Contributions]
) -> Page:
    """Show whom one pays for, and the form that adds someone."""
    return await _relatives(request, renderer, viewer, contributions, Form[RelativeForm]())


@post("/social/relatives")
async def add_relative(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    contributions: Service[Contributions],
    limits: Service[Limits],
) -> Page:
    """Put someone on the list; how often one may try is limited, as names and ID numbers could be guessed."""
    form = await read_form(request, RelativeForm)
    typed = form.data or RelativeForm()
    try:
        with limits.looking_up("relative", host_of(request), who=str(viewer.person), miss=RelativeUnknown):
            await contributions.add_relative(viewer.person, name=typed.name, id_number=typed.id_number)
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return await _relatives(
            request, renderer, viewer, contributions, placed, problem=problem, status_code=refusal.status
        )
    return Redirect("/social", status_code=303)


@post("/social/relatives/{person:str}/remove")
async def remove_relative(viewer: Viewer, contributions: Service[Contributions], person: str) -> Redirect:
    """Take someone off the list."""
    await contributions.remove_relative(viewer.person, _id(person))
    return Redirect("/social/relatives", status_code=303)


async def _overview(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    contributions: Contributions,
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    shown = await contributions.overview(viewer.person)
    bureaus = {one.service.organisation for one in shown.people if one.service}
    tiers = {key: names for bureau in bureaus for key, names in contributions.tier_names(bureau).items()}
    return renderer.page(
        request,
        "social/overview.html",
        status_code=status_code,
        shown=shown,
        problem=problem,
        tiers=tiers,
        name_in=name_in,
        grouped=rules.grouped,
        code=lambda due: reference(KIND, due),
    )


async def _relatives(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    contributions: Contributions,
    form: Form[RelativeForm],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    shown = await contributions.overview(viewer.person)
    others = [one for one in shown.people if not one.is_self]
    return renderer.page(
        request,
        "social/relatives.html",
        status_code=status_code,
        people=others,
        form=form,
        problem=problem,
        is_full=len(others) >= RELATIVES_MAX,
    )


# --- the bureau


@get("/console/social", guards=[may(Right.SEE_OPERATIONS)])
async def bureau_page(
    request: AnyRequest, renderer: Renderer, staff: Staff, bureau: Service[Bureau], year: str = ""
) -> Page:
    """Show a year by tier and the newest contributions."""
    found = await bureau.year(staff.organisation, _year(year))
    return renderer.page(
        request,
        "social/bureau.html",
        found=found,
        tiers=bureau.contributions.tier_names(staff.organisation),
        money=has(staff, Right.SEE_MONEY),
        name_in=name_in,
    )


@get("/console/social/contributions/{identity:str}", guards=[may(Right.SEE_MONEY)])
async def trace_page(
    request: AnyRequest, renderer: Renderer, staff: Staff, bureau: Service[Bureau], identity: str
) -> Page:
    """Follow a contribution from the person to the payment and the ledger's batch."""
    found, people = await bureau.trace(staff, _id(identity))
    return renderer.page(
        request,
        "social/contribution.html",
        found=found,
        people=people,
        tiers=bureau.contributions.tier_names(staff.organisation),
        receipt=rules.grouped(found.contribution.receipt),
        name_in=name_in,
    )


def _id(text: str) -> int:
    """Read an id; 0, which nobody has, for what is none."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if number <= ID_MAX else 0


def _year(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) == YEAR_DIGITS else None


HANDLERS: Final = (overview, enrol, relatives_page, add_relative, remove_relative, bureau_page, trace_page)
