"""The page on which a person sees who of the staff of which organisation looked at their data."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.params import QueryParameter

from haihe.base.ids import ID_MAX
from haihe.people.privacy.access import PAGE_MAX, AccessLog
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

NUMBER_PATTERN: Final = "^[0-9]{1,18}$"


@get("/me/access")
async def access(
    request: Request[Any, Any, Any],
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    access_log: Service[AccessLog],
    before: Annotated[str | None, QueryParameter(pattern=NUMBER_PATTERN)] = None,
) -> Response[str]:
    """Show what staff did about the person, newest first."""
    looks = await access_log.about(viewer.person, lang=lang, before=int(before) if before else ID_MAX)
    earlier = looks[-1].number if len(looks) == PAGE_MAX else None
    return renderer.page(request, "privacy/access.html", looks=looks, earlier=earlier, before=before)


HANDLERS: Final = (access,)
