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
from haihe.organisations.model import ROLE_NAMES, Role
from haihe.organisations.service import Organisations
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
        limits.count("sign_in", request.client.host if request.client else "")
        signed = await organisations.sign_in(login=typed.login, password=typed.password)
    except Refusal as refusal:
        field = str(refusal.details.get("field", "password"))
        refused = form.refused(field, refusal.message(translator(lang)))
        return _door(request, renderer, refused, status_code=refusal.status)
    response = Redirect(own_path(typed.next, otherwise=FIRST_PAGE), status_code=303)
    now = organisations.clock.now()
    keep_session(request, response, STAFF_COOKIE, token=signed.token, expires=signed.expires_at, now=now)
    return response


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
) -> Page:
    """Show who is signed in and the pages of this organisation that the role may open."""
    organisation = organisations.by_id(staff.organisation)
    return renderer.page(
        request,
        "organisations/console.html",
        name=organisation.name(lang),
        role=ROLE_NAMES[Role(staff.role)],
        pages=console.pages_for(staff, kind=organisation.kind),
    )


HANDLERS = (staff_door, staff_sign_in, staff_sign_out, console_page)
