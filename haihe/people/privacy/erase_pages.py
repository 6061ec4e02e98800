"""The pages on which a person has everything destroyed that is held about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.people.model import CodeAsked
from haihe.people.page_parts import NO_PROBLEM, Problem, place_refusal
from haihe.people.privacy.erasing import Erasure
from haihe.people.service import People
from haihe.web.forms import Form, read_form
from haihe.web.guards import SESSION_COOKIE, Viewer, end_session
from haihe.web.part import Service
from haihe.web.render import Renderer

AnyRequest = Request[Any, Any, Any]


class EraseForm(msgspec.Struct, frozen=True):
    """The proofs that it is the person and is meant."""

    passcode: str = ""
    code: str = ""
    understood: bool = False


@dataclass(frozen=True)
class ErasePage:
    """The page for one person."""

    request: AnyRequest
    renderer: Renderer
    viewer: Viewer
    erasure: Erasure
    people: People

    async def show(
        self,
        form: Form[Any],
        *,
        asked: CodeAsked | None = None,
        has_code: bool = False,
        problem: Problem = NO_PROBLEM,
        status_code: int = 200,
    ) -> Response[str]:
        """Say what goes, what stays and what stands in the way; ask for the proofs where a code was sent."""
        citizen = await self.people.citizen(self.viewer.person)
        return self.renderer.page(
            self.request,
            "privacy/erase.html",
            status_code=status_code,
            form=form,
            problem=problem,
            asked=asked,
            has_code=has_code or asked is not None,
            phone=citizen.masked_phone,
            has_passcode=citizen.has_passcode,
            standing=await self.erasure.standing(self.viewer.person, self.viewer.bucket),
        )


@get("/me/erase")
async def erase_page(
    request: AnyRequest, renderer: Renderer, viewer: Viewer, erasure: Service[Erasure], people: Service[People]
) -> Response[str]:
    """Say what an erasure does."""
    return await ErasePage(request, renderer, viewer, erasure, people).show(Form())


@post("/me/erase/code")
async def ask_code(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    erasure: Service[Erasure],
    people: Service[People],
    limits: Service[Limits],
) -> Response[str]:
    """Send the one-time code and show where it goes."""
    page, host = ErasePage(request, renderer, viewer, erasure, people), host_of(request)
    try:
        limits.count("code", host)
        asked = await erasure.ask_code(viewer.person, lang=lang, limited=limits.holds_for(host))
    except Refusal as refusal:
        form, problem = place_refusal(Form[Any](), refusal, lang)
        return await page.show(form, has_code=True, problem=problem, status_code=refusal.status)
    return await page.show(Form(), asked=asked)


@post("/me/erase")
async def erase(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    erasure: Service[Erasure],
    people: Service[People],
) -> Response[Any]:
    """Erase the person, end the session, and say so."""
    form = await read_form(request, EraseForm)
    typed = form.data or EraseForm()
    try:
        await erasure.erase(viewer.person, passcode=typed.passcode, code=typed.code, is_understood=typed.understood)
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        page = ErasePage(request, renderer, viewer, erasure, people)
        return await page.show(placed, has_code=True, problem=problem, status_code=refusal.status)
    response = Redirect("/erased", status_code=303)
    end_session(response, SESSION_COOKIE)
    return response


@get("/erased")
async def erased(request: AnyRequest, renderer: Renderer) -> Response[str]:
    """Say good-bye to somebody of whom nothing is known any more."""
    return renderer.page(request, "privacy/erased.html")


HANDLERS: Final = (erase_page, ask_code, erase, erased)
