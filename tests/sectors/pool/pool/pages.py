"""The pool's page of the console: today by place."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get

from haihe.base.clock import day_start, service_day
from haihe.organisations.console import may
from haihe.organisations.model import Right
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.render import Renderer

from . import store
from .service import Pool

TEMPLATES: Final = Path(__file__).parent / "templates"


@get("/console/pool", guards=[may(Right.SEE_MONEY)])
async def pool_today(
    request: Request[Any, Any, Any], renderer: Renderer, staff: Staff, pool: Service[Pool]
) -> Response[str]:
    """Show today's visits and money by place."""
    today = service_day(pool.clock.now())
    async with pool.database.connection() as connection:
        taken = await store.takings(connection, staff.organisation, since=day_start(today))
    places = sorted(
        (one for one in pool.places.values() if one.organisation == staff.organisation), key=lambda one: one.label
    )
    rows = [(one.label, *taken.get(one.id, (0, 0))) for one in places]
    return renderer.page(request, "pool/today.html", rows=rows, day=today)


HANDLERS: Final = (pool_today,)
