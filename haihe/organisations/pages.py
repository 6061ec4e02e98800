"""The console's door and its first page."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.i18n import translator
from haihe.base.throttle import Limits
from haihe.organisations.console import FIRST_PAGE, Console
from haihe.organisations.me import OwnSignIn
from haihe.organisations.model import RIGHT_NAMES, RIGHTS, ROLE_NAMES, Role, StaffSignedIn
from haihe.organisations.service import Organisations
from haihe.organisations.signing import Visit
from haihe.web.forms import Form, read_form
from haihe.web.guards import STAFF_COOKIE, Staff, end_session, keep_session, own_path
from haihe.web.part import Service
from haihe.web.render import Renderer

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]


class StaffForm(msgspec.Struct, frozen=True):
    """What the door posts."""

    login: str = ""
    password: str = ""
    next: str = FIRST_PAGE


class StepForm(msgspec.Struct, frozen=True):
    """What the second step posts: the token of the first, a code."""

    step: str = ""
    code: str = ""
    next: str = FIRST_PAGE


@get("/console/sign-in")
async def staff_door(request: AnyRequest, renderer: Renderer) -> Page:
    """Ask for login and password."""
    target = own_path(request.query_params.get("next"), otherwise=FIRST_PAGE)
    return _door(request, renderer, Form({"next": target}))


@post("/console/sign-in")
async def staff_sign_in(
    request: AnyRequest, renderer: Renderer, lang: str, organisations: Service[Organisations], limits: Service[Limits]
) -> Page:
    """Sign in to the console and go on to `next`."""
    form = await read_form(request, StaffForm)
    typed = form.data or StaffForm()
    try:
        limits.count("sign_in", request.client.host if request.client else "", who=typed.login.strip().lower())
        signed = await organisations.sign_in(login=typed.login, password=typed.password, visit=visit_of(request))
    except Refusal as refusal:
        field = str(refusal.details.get("field", "password"))
        refused = form.refused(field, refusal.message(translator(lang)))
        return _door(request, renderer, refused, status_code=refusal.status)
    target = own_path(typed.next, otherwise=FIRST_PAGE)
    if signed.needs_code:
        return _step(request, renderer, Form({"step": signed.token, "next": target}))
    return _inside(request, organisations, signed, target)


@post("/console/sign-in/code")
async def staff_second_step(
    request: AnyRequest, renderer: Renderer, lang: str, organisations: Service[Organisations], limits: Service[Limits]
) -> Page:
    """Finish a sign-in with the second factor; whose first step is too old begins again."""
    form = await read_form(request, StepForm)
    typed = form.data or StepForm()
    try:
        limits.count("sign_in", host_of(request))
        signed = await organisations.signing.second_step(token=typed.step, code=typed.code, visit=visit_of(request))
    except Refusal as refusal:
        if refusal.status == 401:
            raise
        refused = form.refused("code", refusal.message(translator(lang)))
        return _step(request, renderer, refused, status_code=refusal.status)
    return _inside(request, organisations, signed, own_path(typed.next, otherwise=FIRST_PAGE))


def _inside(request: AnyRequest, organisations: Organisations, signed: StaffSignedIn, target: str) -> Page:
    response = Redirect(target, status_code=303)
    keep_staff(request, response, organisations, signed)
    return response


def keep_staff(request: AnyRequest, response: Page, organisations: Organisations, signed: StaffSignedIn) -> None:
    """Put a session into the browser."""
    now = organisations.clock.now()
    keep_session(request, response, STAFF_COOKIE, token=signed.token, expires=signed.expires_at, now=now)


def host_of(request: AnyRequest) -> str:
    """Tell from which network address somebody asks."""
    return request.client.host if request.client else ""


def visit_of(request: AnyRequest) -> Visit:
    """Tell from where somebody comes, and with which session so far."""
    return Visit(host_of(request), request.cookies.get(STAFF_COOKIE, ""))


def _step(request: AnyRequest, renderer: Renderer, form: Form[Any], *, status_code: int = 200) -> Page:
    return renderer.page(request, "organisations/step.html", status_code=status_code, form=form)


def _door(request: AnyRequest, renderer: Renderer, form: Form[Any], *, status_code: int = 200) -> Page:
    return renderer.page(request, "organisations/door.html", status_code=status_code, form=form)


@post("/console/sign-out")
async def staff_sign_out(request: AnyRequest, organisations: Service[Organisations]) -> Redirect:
    """End the console session."""
    await organisations.sign_out(request.cookies.get(STAFF_COOKIE, ""))
    response = Redirect("/console/sign-in", status_code=303)
    end_session(response, STAFF_COOKIE)
    return response


@get("/console")
async def console_page(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    organisations: Service[Organisations],
    console: Service[Console],
    own_sign_in: Service[OwnSignIn],
) -> Page:
    """Show who is signed in and the pages of this organisation that the role may open; remind of a second factor."""
    organisation = organisations.by_id(staff.organisation)
    is_temporary, lacks_factor = await own_sign_in.reminders(staff)
    return renderer.page(
        request,
        "organisations/console.html",
        name=organisation.name(lang),
        role=ROLE_NAMES[Role(staff.role)],
        pages=console.pages_for(staff, kind=organisation.kind),
        lacks_factor=lacks_factor,
        is_temporary=is_temporary,
    )


@get("/console/rights")
async def rights_page(request: AnyRequest, renderer: Renderer, staff: Staff) -> Page:
    """Show who may do what: the whole table, to everybody of staff."""
    return renderer.page(
        request,
        "organisations/rights.html",
        roles=[(role, name, role.value == staff.role) for role, name in ROLE_NAMES.items()],
        rights=[(name, [right in RIGHTS[role] for role in ROLE_NAMES]) for right, name in RIGHT_NAMES.items()],
    )


HANDLERS = (staff_door, staff_sign_in, staff_second_step, staff_sign_out, console_page, rights_page)
