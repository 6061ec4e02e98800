"""The pages to sign in, by phone and code or by passkey, and to sign out."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.throttle import Limits
from haihe.people import errors
from haihe.people.api import host_of
from haihe.people.devices.visits import visit_of
from haihe.people.doors import knock
from haihe.people.model import Purpose
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal, welcome
from haihe.people.passkeys.forms import host_header, read_credential, sign_in_offer
from haihe.people.passkeys.service import Passkeys
from haihe.people.service import People
from haihe.web.forms import Form, read_form
from haihe.web.guards import SESSION_COOKIE, Viewer, end_session, own_path
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]


class SignInForm(msgspec.Struct, frozen=True):
    """What the page posts; `again` asks for another code."""

    phone: str = ""
    code: str = ""
    next: str = "/"
    again: str = ""
    is_code_step: str = ""


@get("/sign-in")
async def sign_in_page(
    request: AnyRequest, renderer: Renderer, viewer_or_none: Viewer | None, passkeys: Service[Passkeys]
) -> Page:
    """Ask for the phone number, or go on at once for who is signed in."""
    target = own_path(request.query_params.get("next"))
    if viewer_or_none:
        return Redirect(target, status_code=303)
    form: Form[SignInForm] = Form({"next": target, "phone": request.query_params.get("phone", "")})
    return _page(request, renderer, passkeys, form, is_code_step=False)


@post("/sign-in")
async def sign_in(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    people: Service[People],
    passkeys: Service[Passkeys],
    limits: Service[Limits],
) -> Page:
    """Send a code, or sign in with it and go on to `next`."""
    form = await read_form(request, SignInForm)
    typed = form.data or SignInForm()
    wants_code = not typed.is_code_step or bool(typed.again)
    host = host_of(request)
    try:
        if wants_code:
            await knock(limits, "code", request, typed.phone, people)
            asked = await people.ask_code(typed.phone, Purpose.SIGN_IN, language=lang, limited=limits.holds_for(host))
            fresh: Form[SignInForm] = Form({**form.values, "code": ""})
            return _page(request, renderer, passkeys, fresh, is_code_step=True, shown=asked.shown)
        await knock(limits, "sign_in", request, typed.phone, people)
        signed = await people.sign_in(phone=typed.phone, code=typed.code, visit=visit_of(request))
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        is_code_step = bool(typed.is_code_step) or isinstance(refusal, errors.CodeTooSoon)
        is_code_step = is_code_step and refusal.details.get("field") != "phone"
        return _page(
            request,
            renderer,
            passkeys,
            placed,
            is_code_step=is_code_step,
            problem=problem,
            status_code=refusal.status,
        )
    return welcome(request, signed, target=own_path(typed.next), clock=people.clock)


@post("/sign-in/passkey")
async def sign_in_by_passkey(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    people: Service[People],
    passkeys: Service[Passkeys],
    limits: Service[Limits],
) -> Page:
    """Sign in with what the browser's passkey answered, and go on to `next`."""
    form = await read_form(request, SignInForm)
    limits.count("sign_in", host_of(request))
    try:
        party = passkeys.places.at(host_header(request))
        signed = await passkeys.sign_in(await read_credential(request), party=party, visit=visit_of(request))
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return _page(
            request,
            renderer,
            passkeys,
            placed,
            is_code_step=False,
            problem=problem,
            status_code=refusal.status,
        )
    return welcome(request, signed, target=own_path(form.values.get("next")), clock=people.clock)


def _page(
    request: AnyRequest,
    renderer: Renderer,
    passkeys: Passkeys,
    form: Form[Any],
    *,
    is_code_step: bool,
    shown: str = "",
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    context = {"form": form, "is_code_step": is_code_step, "shown": shown, "problem": problem}
    context["passkey"] = sign_in_offer(request, passkeys)
    return renderer.page(request, "people/sign_in.html", status_code=status_code, **context)


@post("/sign-out")
async def sign_out(request: AnyRequest, people: Service[People]) -> Redirect:
    """End the session and go to the start page."""
    await people.sign_out(request.cookies.get(SESSION_COOKIE, ""))
    response = Redirect("/", status_code=303)
    end_session(response, SESSION_COOKIE)
    return response


HANDLERS = (sign_in_page, sign_in, sign_in_by_passkey, sign_out)
