"""The page on which the size of the type and the simple start page are chosen."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.i18n import N_
from haihe.people import store
from haihe.people.page_parts import AnyRequest
from haihe.people.service import People
from haihe.web.display import PERCENTS, USUAL_PERCENT, Display, display_of, keep_display
from haihe.web.forms import read_form
from haihe.web.guards import Viewer, signed_in
from haihe.web.part import Service
from haihe.web.render import Renderer

NAMES: Final = {100: N_("Usual"), 125: N_("Large"), 150: N_("Very large")}


class DisplayForm(msgspec.Struct, frozen=True):
    """The size in per cent, and whether the start page is the simple one."""

    percent: str = ""
    simple: bool = False


@get("/me/display", guards=[signed_in])
async def display_page(request: AnyRequest, renderer: Renderer) -> Response[str]:
    """Show the choice."""
    chosen = display_of(request)
    sizes = [(percent, NAMES[percent]) for percent in PERCENTS]
    return renderer.page(request, "display/display.html", sizes=sizes, chosen=chosen)


@post("/me/display")
async def choose_display(request: AnyRequest, viewer: Viewer, people: Service[People]) -> Response[Any]:
    """Keep the choice; a size that does not exist is the usual one."""
    form = await read_form(request, DisplayForm)
    typed = form.data or DisplayForm()
    sizes = {str(percent): percent for percent in PERCENTS}
    chosen = Display(sizes.get(typed.percent, USUAL_PERCENT), typed.simple)
    async with people.database.connection() as connection:
        await store.set_display(connection, viewer.person, chosen.text)
    response: Response[Any] = Redirect("/", status_code=303)
    keep_display(response, chosen.text)
    return response


HANDLERS: Final = (display_page, choose_display)
