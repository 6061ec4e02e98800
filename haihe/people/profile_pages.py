"""The page of a citizen's own data: class, language, passcode, sign out."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, keep_language, place_refusal
from haihe.people.register_pages import PASSCODES_DIFFER
from haihe.people.service import People
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]


class LanguageForm(msgspec.Struct, frozen=True):
    """The choice of a language."""

    language: str = ""


class PasscodeForm(msgspec.Struct, frozen=True):
    """A new passcode, twice, with the one that holds."""

    old: str = ""
    passcode: str = ""
    passcode_again: str = ""


@get("/me")
async def me(request: AnyRequest, renderer: Renderer, viewer: Viewer, people: Service[People]) -> Page:
    """Show what the city knows of the citizen, masked."""
    return await _page(request, renderer, viewer, people, Form())


@post("/me/language")
async def choose_language(request: AnyRequest, viewer: Viewer, people: Service[People]) -> Redirect:
    """Keep the language in which the city speaks to the citizen."""
    form = await read_form(request, LanguageForm)
    language = form.data.language if form.data else ""
    await people.set_language(viewer.person, language)
    response = Redirect("/me", status_code=303)
    keep_language(response, language)
    return response


@post("/me/passcode")
async def change_passcode(
    request: AnyRequest, renderer: Renderer, lang: str, viewer: Viewer, people: Service[People]
) -> Page:
    """Replace the payment passcode."""
    form = await read_form(request, PasscodeForm)
    typed = form.data or PasscodeForm()
    if typed.passcode != typed.passcode_again:
        differing = form.refused("passcode_again", PASSCODES_DIFFER)
        return await _page(request, renderer, viewer, people, differing, status_code=422)
    try:
        await people.set_passcode(viewer.person, old=typed.old, new=typed.passcode, session=viewer.session)
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        if refusal.code != "passcode_weak":  # the others speak of the passcode that holds
            placed = form.refused("old", placed.errors.get("passcode", ""))
        return await _page(request, renderer, viewer, people, placed, problem=problem, status_code=refusal.status)
    return Redirect("/me?passcode=changed", status_code=303)


async def _page(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    people: People,
    form: Form[Any],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    citizen = await people.citizen(viewer.person)
    is_changed = request.query_params.get("passcode") == "changed"
    context = {"citizen": citizen, "form": form, "problem": problem, "is_changed": is_changed}
    return renderer.page(request, "people/me.html", status_code=status_code, **context)


HANDLERS = (me, choose_language, change_passcode)
