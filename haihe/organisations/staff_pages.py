"""The administrator's pages: who works here, adding somebody, roles, access, and from when on the second factor is required."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.clock import service_day
from haihe.base.errors import Refusal
from haihe.base.i18n import LANGUAGES, N_, translate, translator
from haihe.base.ids import ID_MAX
from haihe.organisations.console import ConsolePage, may
from haihe.organisations.errors import DayInvalid, StaffMissing
from haihe.organisations.model import FACTOR_ROLES, PLAIN_ROLES, ROLE_NAMES, Right, Role
from haihe.organisations.team import NAME_CHARACTERS_MAX, Given, NewMember, Team
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.render import Renderer

PATH: Final = "/console/staff"
PAGE: Final = ConsolePage(
    PATH, N_("Our staff"), N_("Who works here, with which role, and how they sign in"), "user-cog", Right.MANAGE_STAFF
)

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]


class MemberForm(msgspec.Struct, frozen=True):
    """Somebody to be added."""

    login: str
    name: Annotated[str, says(N_("A name has 1 to 100 characters."), max_length=NAME_CHARACTERS_MAX)]
    role: Annotated[Role, says(N_("Please choose a role"))]
    language: str = "zh"


class ChangeForm(msgspec.Struct, frozen=True):
    """What is done about somebody: role, disable or access."""

    do: str = ""
    role: Annotated[Role, says(N_("Please choose a role"))] = Role.CASHIER


class DayForm(msgspec.Struct, frozen=True):
    """From when on the second factor is required; empty: no longer."""

    day: str = ""


@get(PATH, guards=[may(Right.MANAGE_STAFF)])
async def staff_page(request: AnyRequest, renderer: Renderer, lang: str, staff: Staff, team: Service[Team]) -> Page:
    """List the staff."""
    return await _list(request, renderer, lang, staff, team, Form({"language": "zh"}))


async def _list(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    team: Team,
    form: Form[Any],
    *,
    status_code: int = 200,
) -> Page:
    return renderer.page(
        request,
        "organisations/staff.html",
        status_code=422 if form.errors and status_code == 200 else status_code,
        cards=await team.cards(staff.organisation),
        names=ROLE_NAMES,
        role_options=_options(lang),
        spoken=list(LANGUAGES.items()),
        form=form,
        required=await team.required_from(staff.organisation),
        today=service_day(team.base.clock.now()),
        asked=request.query_params.get("asked", ""),
    )


@post(PATH, guards=[may(Right.MANAGE_STAFF)])
async def add_member(request: AnyRequest, renderer: Renderer, lang: str, staff: Staff, team: Service[Team]) -> Page:
    """Add somebody, and show the password, once."""
    form = await read_form(request, MemberForm)
    if form.data is None:
        return await _list(request, renderer, lang, staff, team, form)
    wish = NewMember(login=form.data.login, name=form.data.name, role=form.data.role, language=form.data.language)
    try:
        given = await team.add(staff, wish)
    except Refusal as refusal:
        refused = form.refused(str(refusal.details.get("field", "login")), refusal.message(translator(lang)))
        return await _list(request, renderer, lang, staff, team, refused, status_code=refusal.status)
    return _given(request, renderer, given, wish.login)


@post(f"{PATH}/second-factor", guards=[may(Right.MANAGE_STAFF)])
async def require_factor(request: AnyRequest, renderer: Renderer, lang: str, staff: Staff, team: Service[Team]) -> Page:
    """Ask that the second factor is required from a day on."""
    form = await read_form(request, DayForm)
    try:
        await team.ask_factor_day(staff, _day(form.values.get("day", "")))
    except DayInvalid as refusal:
        refused = form.refused("day", refusal.message(translator(lang)))
        return await _list(request, renderer, lang, staff, team, refused)
    return Redirect(f"{PATH}?asked=1", status_code=303)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise DayInvalid(field="day") from error


@get(f"{PATH}/{{member:int}}", guards=[may(Right.MANAGE_STAFF)])
async def member_page(
    request: AnyRequest, renderer: Renderer, lang: str, staff: Staff, team: Service[Team], member: int
) -> Page:
    """Show somebody, and what can be done."""
    return await _member(request, renderer, lang, staff, team, member)


async def _member(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    team: Team,
    identity: int,
    told: str = "",
    status: int = 200,
) -> Page:
    card = await team.card(staff.organisation, _id(identity))
    return renderer.page(
        request,
        "organisations/member.html",
        status_code=status,
        card=card,
        role=ROLE_NAMES[card.member.role],
        role_options=_options(lang),
        form=Form({"role": card.member.role.value}),
        is_self=card.member.id == staff.person,
        needs_factor=card.member.role in FACTOR_ROLES,
        told=told,
        done=request.query_params.get("done", ""),
    )


@post(f"{PATH}/{{member:int}}", guards=[may(Right.MANAGE_STAFF)])
async def change_member(
    request: AnyRequest, renderer: Renderer, lang: str, staff: Staff, team: Service[Team], member: int
) -> Page:
    """Change somebody's role, disable them, or give new access; a refusal is said on their page."""
    form = (await read_form(request, ChangeForm)).data or ChangeForm()
    identity = _id(member)

    async def disable() -> Given:
        await team.disable(staff, identity)
        return Given()

    ways: dict[str, Callable[[], Awaitable[Given]]] = {
        "role": lambda: team.give_role(staff, identity, form.role),
        "access": lambda: team.give_access(staff, identity),
        "disable": disable,
    }
    if form.do not in ways:
        card = await team.card(staff.organisation, identity)
        return Redirect(f"{PATH}/{card.member.id}", status_code=303)
    try:
        given = await ways[form.do]()
    except StaffMissing:
        raise
    except Refusal as refusal:
        told = refusal.message(translator(lang))
        return await _member(request, renderer, lang, staff, team, identity, told, refusal.status)
    if given.password:
        card = await team.card(staff.organisation, identity)
        return _given(request, renderer, given, card.member.login)
    return Redirect(f"{PATH}/{identity}?done={'asked' if given.asked else 'done'}", status_code=303)


def _given(request: AnyRequest, renderer: Renderer, given: Given, login: str) -> Page:
    """Show a password, once: it is kept nowhere."""
    page = renderer.page(request, "organisations/given.html", given=given, login=login)
    page.headers["Cache-Control"] = "no-store"
    return page


def _options(lang: str) -> list[tuple[str, str]]:
    """Give the roles to choose from, first those that need no second person."""
    roles = sorted(ROLE_NAMES, key=lambda role: role not in PLAIN_ROLES)
    return [(role.value, translate(lang, ROLE_NAMES[role])) for role in roles]


def _id(identity: int) -> int:
    if not 0 < identity <= ID_MAX:
        raise StaffMissing
    return identity


HANDLERS: Final = (staff_page, add_member, require_factor, member_page, change_member)
