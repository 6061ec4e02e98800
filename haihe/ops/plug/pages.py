"""The console's page of the plug: the button, and what is counted, live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.response import Redirect, Stream
from markupsafe import Markup

from haihe.base.i18n import N_
from haihe.ops.plug.model import BEAT_S, Board, Step
from haihe.ops.plug.service import Plug
from haihe.organisations.console import ConsolePage, may
from haihe.organisations.model import Right
from haihe.organisations.service import Organisations
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer
from haihe.web.sse import Event, event_stream

PATH: Final = "/console/plug"
CITY: Final = "city"
PAGE: Final = ConsolePage(
    PATH,
    N_("Pull the plug"),
    N_("Kill the database in the middle of a rush, and count what is lost"),
    "unplug",
    Right.TRY_FAULTS,
    frozenset({CITY}),
)
"""Found by the city's own staff in a demo with a database of its own."""

TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"
TOLD_EVERY_S: Final = 0.2
CHART_WIDTH: Final = 720
CHART_HEIGHT: Final = 120
BEATS_MIN: Final = 24
"""The chart is at least so many bars wide, so that it fills instead of shrinking."""


@get(PATH, guards=[may(Right.TRY_FAULTS)])
async def plug_page(
    request: Request[Any, Any, Any],
    renderer: Renderer,
    staff: Staff,
    lang: str,
    organisations: Organisations,
    plug: Service[Plug],
) -> Response[str]:
    """Show the button and the last rush."""
    _insist_on_city(staff, organisations)
    return renderer.page(
        request, "plug/plug.html", live=_live(renderer, lang, plug.board), counted=plug.board.counted, busy=plug.is_busy
    )


@post(PATH, guards=[may(Right.TRY_FAULTS)])
async def pull(staff: Staff, organisations: Organisations, plug: Service[Plug]) -> Redirect:
    """Begin a rush. Raises `PlugBusy`."""
    _insist_on_city(staff, organisations)
    plug.pull()
    return Redirect(PATH, status_code=303)


@get(PATH + "/events", guards=[may(Right.TRY_FAULTS)])
async def events(
    renderer: Renderer,
    staff: Staff,
    lang: str,
    organisations: Organisations,
    plug: Service[Plug],
    leaving: asyncio.Event,
) -> Stream:
    """Stream the page's live part whenever it changed; while the database is away too."""
    _insist_on_city(staff, organisations)
    return event_stream(_told(renderer, lang, plug), leaving=leaving)


async def _told(renderer: Renderer, lang: str, plug: Plug) -> AsyncGenerator[Event, None]:
    shown: tuple[object, bool] | None = None
    while True:
        now = (plug.board.counted, plug.is_busy)
        if now != shown:
            shown = now
            yield Event(str(_live(renderer, lang, plug.board)), "busy" if now[1] else "ready")
        await asyncio.sleep(TOLD_EVERY_S)


def _live(renderer: Renderer, lang: str, board: Board) -> Markup:
    counted = board.counted
    html = renderer.text(
        lang, "plug/live.html", counted=counted, Step=Step, beats=_beats(counted.beats), away=_away(board),
        width=CHART_WIDTH, height=CHART_HEIGHT,
    )  # fmt: skip
    return Markup(html)  # noqa: S704 - a template of ours has just escaped it


def _beats(beats: tuple[int, ...]) -> list[tuple[float, float, float, float]]:
    """Place the bars: x, y, width, height."""
    step, most = CHART_WIDTH / max(BEATS_MIN, len(beats)), max(beats, default=0)
    return [
        (round(step * place + step * 0.15, 1), round(CHART_HEIGHT * (1 - beat / most), 1), round(step * 0.7, 1),
         round(CHART_HEIGHT * beat / most, 1))
        for place, beat in enumerate(beats)
        if beat
    ]  # fmt: skip


def _away(board: Board) -> tuple[float, float] | None:
    """Place the time in which nothing could be paid: x, width."""
    counted = board.counted
    if counted.pulled_s is None:
        return None
    step = CHART_WIDTH / max(BEATS_MIN, len(counted.beats)) / BEAT_S
    end = counted.back_s if counted.back_s is not None else counted.pulled_s
    return round(counted.pulled_s * step, 1), round(max(2.0, (end - counted.pulled_s) * step), 1)


def _insist_on_city(staff: Staff, organisations: Organisations) -> None:
    """Raise `NotFound` for everybody but the city's own staff."""
    if organisations.by_id(staff.organisation).kind != CITY:
        raise NotFound


HANDLERS: Final = (plug_page, pull, events)
