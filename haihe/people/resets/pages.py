"""The page for who has forgotten the payment passcode."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.people.passkeys.forms import as_attribute, host_header, read_credential
from haihe.people.register_pages import PASSCODES_DIFFER
from haihe.people.resets.service import NewPasscode, Resets
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

TEMPLATES: Final = Path(__file__).parent / "templates"
ADDRESS: Final = "/me/forgotten"
DONE: Final = "/me?passcode=changed"
WITHOUT_PASSKEY: Final = "?way=id-number"
"""Ends the address for who has a passkey, but not at hand."""
Page = Response[Any]


class ForgottenForm(msgspec.Struct, frozen=True):
    """The code by SMS with the ID number, or with the new passcode twice; `again` asks for a code, also the first time."""

    code: str = ""
    id_number: str = ""
    passcode: str = ""
    passcode_again: str = ""
    again: str = ""


@get("/me/forgotten")
async def show_forgotten(request: AnyRequest, renderer: Renderer, viewer: Viewer, resets: Service[Resets]) -> Page:
    """Show the ways to another passcode that are open to this person."""
    return await _page(request, renderer, viewer, resets, Form())


@post("/me/forgotten/code")
async def ask_code(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    resets: Service[Resets],
    limits: Service[Limits],
) -> Page:
    """Send the code that every way needs."""
    host = host_of(request)
    try:
        limits.count("code", host, who=str(viewer.person))
        asked = await resets.ask_code(viewer.person, language=lang, limited=limits.holds_for(host))
    except Refusal as refusal:
        return await _refused(request, renderer, lang, viewer, resets, refusal)
    return await _page(request, renderer, viewer, resets, Form(), is_asked=True, shown=asked.shown)


@post("/me/forgotten/ask")
async def ask(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    resets: Service[Resets],
    limits: Service[Limits],
) -> Page:
    """Ask for another passcode by code and ID number; the wait begins."""
    form = await read_form(request, ForgottenForm)
    typed = form.data or ForgottenForm()
    try:
        limits.count("sign_in", host_of(request), who=str(viewer.person))
        await resets.ask(viewer.person, id_number=typed.id_number, code=typed.code)
    except Refusal as refusal:
        return await _refused(request, renderer, lang, viewer, resets, refusal, form)
    return Redirect(ADDRESS, status_code=303)


@post("/me/forgotten/stop")
async def stop(viewer: Viewer, resets: Service[Resets]) -> Redirect:
    """Stop what was asked for."""
    await resets.stop(viewer.person)
    return Redirect(ADDRESS, status_code=303)


@post("/me/forgotten/new")
async def choose(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    resets: Service[Resets],
    limits: Service[Limits],
) -> Page:
    """Choose another passcode: after the wait, or at once by a passkey's answer."""
    form = await read_form(request, ForgottenForm)
    typed = form.data or ForgottenForm()
    if typed.passcode != typed.passcode_again:
        differing = form.refused("passcode_again", PASSCODES_DIFFER)
        return await _page(request, renderer, viewer, resets, differing, is_asked=True, status_code=422)
    new = NewPasscode(passcode=typed.passcode, code=typed.code, session=viewer.session)
    try:
        limits.count("sign_in", host_of(request), who=str(viewer.person))
        if answer := await read_credential(request):
            party = resets.passkeys.places.at(host_header(request))
            await resets.choose_by_passkey(viewer.person, new, answer=answer, party=party)
        else:
            await resets.choose(viewer.person, new)
    except Refusal as refusal:
        return await _refused(request, renderer, lang, viewer, resets, refusal, form)
    return Redirect(DONE, status_code=303)


async def _refused(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    resets: Resets,
    refusal: Refusal,
    form: Form[ForgottenForm] = Form(),  # noqa: B008 - a frozen value
) -> Page:
    placed, problem = place_refusal(form, refusal, lang)
    return await _page(
        request, renderer, viewer, resets, placed, is_asked=True, problem=problem, status_code=refusal.status
    )


async def _page(  # noqa: PLR0913 - what a page is drawn from
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    resets: Resets,
    form: Form[Any],
    *,
    is_asked: bool = False,
    shown: str = "",
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    reset = await resets.of(viewer.person)
    is_plain = request.url.query == WITHOUT_PASSKEY.removeprefix("?")
    return renderer.page(
        request,
        "resets/forgotten.html",
        status_code=status_code,
        reset=reset,
        is_ready=reset is not None and reset.ready_at <= resets.clock.now(),
        is_frozen=await resets.freezing.frozen(viewer.person) is not None,
        options="" if is_plain else await _options(request, viewer, resets),
        way=WITHOUT_PASSKEY if is_plain else "",
        form=form,
        is_asked=is_asked,
        shown=shown,
        problem=problem,
    )


async def _options(request: AnyRequest, viewer: Viewer, resets: Resets) -> str:
    """Give what to ask the browser, where it has passkeys and the person has one; else ""."""
    places = resets.passkeys.places
    if places.party is None or not places.works_at(host_header(request)):
        return ""
    options = await resets.passkeys.ask_to_reset(viewer.person, places.party)
    return as_attribute(options) if options else ""


HANDLERS: Final = (show_forgotten, ask_code, ask, stop, choose)
