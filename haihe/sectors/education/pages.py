"""What parents see: their children, what is to be paid for each, what was paid."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get

from haihe.base.clock import service_day
from haihe.organisations.service import Organisations
from haihe.payments.dues.model import DueStatus
from haihe.payments.references import reference
from haihe.sectors.education.model import KIND
from haihe.sectors.education.service import Schools
from haihe.sectors.education.telling import teller
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer


@get("/education")
async def education_page(
    request: Request[Any, Any, Any],
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    schools: Service[Schools],
    organisations: Service[Organisations],
) -> Response[str]:
    """Show a citizen's children and their fees."""
    tell = teller(organisations)
    return renderer.page(
        request,
        "school/education.html",
        children=await schools.children(viewer.person),
        payees=organisations.names(lang),
        title_of=lambda due: tell(due, lang).title,
        code_of=lambda due: reference(KIND, due.id),
        today=service_day(schools.clock.now()),
        paid=DueStatus.PAID,
    )


HANDLERS: Final = (education_page,)
