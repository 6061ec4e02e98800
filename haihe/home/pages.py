"""Home, scanner and offline page."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get
from litestar.response import Redirect

from haihe.base.clock import service_day
from haihe.codes.model import CodeForeign
from haihe.codes.reading import STICKER_PATH, read
from haihe.home.screen import HomeScreen, due_lines, purse_lines
from haihe.payments.service import Payments
from haihe.wallet.purses.service import Purses
from haihe.wallet.service import Wallets
from haihe.web.display import display_of
from haihe.web.forms import Form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

RECENT_ENTRIES: Final = 6
DUES_SHOWN: Final = 3
"""So many of what is due are seen at once; the others are a tap away."""


@get("/")
async def home(
    request: Request[Any, Any, Any],
    renderer: Renderer,
    lang: str,
    viewer_or_none: Viewer | None,
    wallets: Service[Wallets],
    purses: Service[Purses],
    payments: Service[Payments],
    home_screen: Service[HomeScreen],
) -> Response[str]:
    """Show the wallet and what is due to someone who is signed in, a welcome to everyone else."""
    if viewer_or_none is None:
        return renderer.page(request, "home/welcome.html", tiles=home_screen.tiles)
    citizen, bucket = viewer_or_none.person, viewer_or_none.bucket
    balance = (await wallets.balance(citizen=citizen, bucket=bucket)).amount
    held = await purses.of(citizen=citizen, bucket=bucket)
    owed = [*await payments.owed(viewer_or_none, lang), *await payments.owed_for_others(viewer_or_none, lang)]
    dues = due_lines(owed, today=service_day(payments.clock.now()), lang=lang)
    unread = await home_screen.unread(citizen) if home_screen.unread else None
    if display_of(request).is_simple:
        return renderer.page(
            request, "home/simple.html", balance=balance, dues=dues, dues_shown=DUES_SHOWN, unread=unread
        )
    recent = await payments.history(viewer_or_none, lang, limit=RECENT_ENTRIES, cursor=None)
    return renderer.page(
        request,
        "home/home.html",
        balance=balance,
        purses=purse_lines(held, purses.directory.schemes, lang),
        dues=dues,
        dues_shown=DUES_SHOWN,
        entries=recent.items,
        tiles=home_screen.tiles,
        unread=unread,
    )


@get("/scan")
async def scan(
    request: Request[Any, Any, Any], renderer: Renderer, home_screen: Service[HomeScreen], text: str | None = None
) -> Response[Any]:
    """Open the camera; a typed code leads on like a scanned one."""
    form = Form[Any]({"text": text or ""})
    if text is None:
        return renderer.page(request, "home/scan.html", form=form)
    try:
        return Redirect(_address_of(text, request, home_screen), status_code=303)
    except CodeForeign as refusal:
        return renderer.page(request, "home/scan.html", status_code=404, form=form.refused("text", refusal.text))


@get("/scan/read")
async def read_scanned(request: Request[Any, Any, Any], home_screen: Service[HomeScreen], text: str) -> dict[str, str]:
    """Tell the camera page where a scanned text leads. Raises `CodeForeign`."""
    return {"href": _address_of(text, request, home_screen)}


def _address_of(text: str, request: Request[Any, Any, Any], home_screen: HomeScreen) -> str:
    hosts = {request.url.hostname or ""} - {""}
    return STICKER_PATH + read(text, home_screen.city_url, hosts=hosts)


@get("/help")
async def help_page(request: Request[Any, Any, Any], renderer: Renderer) -> Response[str]:
    """Tell how the usual things are done, and who can help."""
    return renderer.page(request, "home/help.html")


@get("/offline")
async def offline(request: Request[Any, Any, Any], renderer: Renderer) -> Response[str]:
    """Give what the phone keeps for when there is no network: no one's data."""
    return renderer.page(request, "home/offline.html")


HANDLERS: Final = (home, scan, read_scanned, help_page, offline)
