"""The page of a citizen's passkeys."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.ids import ID_MAX
from haihe.people.devices.rules import browser_of, device_name, system_of
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.people.passkeys.errors import PasskeyUnknown
from haihe.people.passkeys.forms import as_attribute, host_header, read_credential
from haihe.people.passkeys.service import Passkeys
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"
Page = Response[Any]


class NewPasskeyForm(msgspec.Struct, frozen=True):
    """A name for the passkey; first the passcode, then the confirmation that it was right."""

    name: str = ""
    passcode: str = ""
    confirmation: str = ""


@get("/me/passkeys")
async def show_passkeys(
    request: AnyRequest, renderer: Renderer, lang: str, viewer: Viewer, passkeys: Service[Passkeys]
) -> Page:
    """Show the citizen's passkeys, with what one more needs."""
    agent = request.headers.get("user-agent", "")
    form: Form[NewPasskeyForm] = Form({"name": device_name(browser_of(agent), system_of(agent), lang)})
    return await _list(request, renderer, viewer, passkeys, form)


@post("/me/passkeys/new")
async def begin_passkey(
    request: AnyRequest, renderer: Renderer, lang: str, viewer: Viewer, passkeys: Service[Passkeys]
) -> Page:
    """Check the passcode, then let the browser make a passkey."""
    form = await read_form(request, NewPasskeyForm)
    typed = form.data or NewPasskeyForm()
    try:
        party = passkeys.places.at(host_header(request))
        confirmation = await passkeys.begin(viewer.person, passcode=typed.passcode)
        options = await passkeys.ask_to_make(viewer.person, party)
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return await _list(request, renderer, viewer, passkeys, placed, problem=problem, status_code=refusal.status)
    return renderer.page(
        request, "passkeys/new.html", name=typed.name, confirmation=confirmation, options=as_attribute(options)
    )


@post("/me/passkeys")
async def add_passkey(
    request: AnyRequest, renderer: Renderer, lang: str, viewer: Viewer, passkeys: Service[Passkeys]
) -> Page:
    """Keep the passkey that the browser made."""
    form = await read_form(request, NewPasskeyForm)
    typed = form.data or NewPasskeyForm()
    try:
        party = passkeys.places.at(host_header(request))
        await passkeys.add(
            viewer.person,
            name=typed.name,
            text=await read_credential(request),
            confirmation=typed.confirmation,
            party=party,
        )
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return await _list(request, renderer, viewer, passkeys, placed, problem=problem, status_code=refusal.status)
    return Redirect("/me/passkeys?added=1", status_code=303)


@post("/me/passkeys/{passkey:int}/remove")
async def remove_passkey(viewer: Viewer, passkeys: Service[Passkeys], passkey: int) -> Redirect:
    """Forget a passkey. Raises `PasskeyUnknown`."""
    await passkeys.remove(viewer.person, checked(passkey))
    return Redirect("/me/passkeys", status_code=303)


def checked(passkey: int) -> int:
    """Give a passkey's number that can be one. Raises `PasskeyUnknown`."""
    if not 0 < passkey <= ID_MAX:
        raise PasskeyUnknown
    return passkey


async def _list(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    passkeys: Passkeys,
    form: Form[Any],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    party = passkeys.places.party
    return renderer.page(
        request,
        "passkeys/passkeys.html",
        status_code=status_code,
        passkeys=await passkeys.of(viewer.person),
        form=form,
        problem=problem,
        works_here=passkeys.places.works_at(host_header(request)),
        elsewhere=party.origin if party else "",
        is_added=request.query_params.get("added") == "1",
    )


HANDLERS: Final = (show_passkeys, begin_passkey, add_passkey, remove_passkey)
