"""The page from which a person takes along everything that is held."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Stream

from haihe.base.clock import service_day
from haihe.base.errors import Refusal
from haihe.people.page_parts import NO_PROBLEM, Problem, place_refusal
from haihe.people.privacy.exporting import EXPORTS_A_DAY_MAX, Exports
from haihe.people.service import People
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

AnyRequest = Request[Any, Any, Any]


class ExportForm(msgspec.Struct, frozen=True):
    """The proof that it is the person."""

    passcode: str = ""


@get("/me/export")
async def export_page(
    request: AnyRequest, renderer: Renderer, viewer: Viewer, exports: Service[Exports], people: Service[People]
) -> Response[str]:
    """Say what the file will hold, and ask for the passcode."""
    return await _page(request, renderer, viewer, exports, people, Form())


@post("/me/export")
async def export(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    exports: Service[Exports],
    people: Service[People],
) -> Response[Any]:
    """Give everything that is held as a ZIP."""
    form = await read_form(request, ExportForm)
    typed = form.data or ExportForm()
    try:
        written = await exports.begin(viewer.person, typed.passcode, lang)
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return await _page(
            request, renderer, viewer, exports, people, placed, problem=problem, status_code=refusal.status
        )
    name = f"haihe-{service_day(exports.clock.now())}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Stream(written, status_code=200, media_type="application/zip", headers=headers)


async def _page(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    exports: Exports,
    people: People,
    form: Form[Any],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Response[str]:
    citizen = await people.citizen(viewer.person)
    return renderer.page(
        request,
        "privacy/export.html",
        status_code=status_code,
        form=form,
        problem=problem,
        has_passcode=citizen.has_passcode,
        lists=[holding.title for holding in exports.holdings],
        times_max=EXPORTS_A_DAY_MAX,
    )


HANDLERS: Final = (export_page, export)
