"""The page on which a citizen freezes the own wallet and releases it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.people.freezing.model import by_owner
from haihe.people.freezing.service import Freezing
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

TEMPLATES: Final = Path(__file__).parent / "templates"
ADDRESS: Final = "/me/freeze"
Page = Response[Any]


class ReleaseForm(msgspec.Struct, frozen=True):
    """The passcode and the code that came by SMS; `again` asks for a code, also the first time."""

    passcode: str = ""
    code: str = ""
    again: str = ""


@get("/me/freeze")
async def show_freeze(request: AnyRequest, renderer: Renderer, viewer: Viewer, freezing: Service[Freezing]) -> Page:
    """Show whether the wallet is frozen, and what can be done."""
    return await _page(request, renderer, viewer, freezing, Form())


@post("/me/freeze")
async def freeze(viewer: Viewer, freezing: Service[Freezing]) -> Redirect:
    """Freeze the wallet at once and sign out every other device."""
    await freezing.freeze(viewer.person, by=by_owner(viewer.person), session=viewer.session)
    return Redirect(ADDRESS, status_code=303)


@post("/me/release")
async def release(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    freezing: Service[Freezing],
    limits: Service[Limits],
) -> Page:
    """Send a code, or release the wallet with it and the passcode."""
    form = await read_form(request, ReleaseForm)
    typed = form.data or ReleaseForm()
    host = host_of(request)
    try:
        if typed.again:
            limits.count("code", host, who=str(viewer.person))
            asked = await freezing.ask_code(viewer.person, language=lang, limited=limits.holds_for(host))
            return await _page(request, renderer, viewer, freezing, Form(), is_asked=True, shown=asked.shown)
        limits.count("sign_in", host, who=str(viewer.person))
        await freezing.release_own(viewer.person, passcode=typed.passcode, code=typed.code)
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return await _page(
            request,
            renderer,
            viewer,
            freezing,
            placed,
            is_asked=True,
            problem=problem,
            status_code=refusal.status,
        )
    return Redirect(f"{ADDRESS}?released=1", status_code=303)


async def _page(  # noqa: PLR0913 - what a page is drawn from
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    freezing: Freezing,
    form: Form[Any],
    *,
    is_asked: bool = False,
    shown: str = "",
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    return renderer.page(
        request,
        "freezing/freeze.html",
        status_code=status_code,
        freeze=await freezing.frozen(viewer.person),
        form=form,
        is_asked=is_asked,
        shown=shown,
        problem=problem,
        is_released=request.query_params.get("released") == "1",
    )


HANDLERS: Final = (show_freeze, freeze, release)
