"""Home, scanner and offline page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, get
from litestar.response import Redirect

from haihe.codes.model import CodeForeign
from haihe.codes.reading import STICKER_PATH, read
from haihe.payments.service import Payments
from haihe.wallet.service import Wallets
from haihe.web.forms import Form
from haihe.web.guards import Viewer
from haihe.web.part import Link, Service
from haihe.web.render import Renderer

RECENT_ENTRIES: Final = 6


@dataclass(frozen=True)
class HomeScreen:
    """What the composition root tells the home screen: the tiles of sectors, and the address that stands in stickers."""

    tiles: tuple[Link, ...]
    city_url: str


@get("/")
async def home(
    request: Request[Any, Any, Any],
    renderer: Renderer,
    lang: str,
    viewer_or_none: Viewer | None,
    wallets: Service[Wallets],
    payments: Service[Payments],
    home_screen: Service[HomeScreen],
) -> Response[str]:
    """Show the wallet to someone who is signed in, a welcome to everyone else."""
    if viewer_or_none is None:
        return renderer.page(request, "home/welcome.html")
    recent = await payments.history(viewer_or_none, lang, limit=RECENT_ENTRIES, cursor=None)
    balance = (await wallets.balance(citizen=viewer_or_none.person, bucket=viewer_or_none.bucket)).amount
    return renderer.page(request, "home/home.html", balance=balance, entries=recent.items, tiles=home_screen.tiles)


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


@get("/offline")
async def offline(request: Request[Any, Any, Any], renderer: Renderer) -> Response[str]:
    """Give what the phone keeps for when there is no network: no one's data."""
    return renderer.page(request, "home/offline.html")


HANDLERS: Final = (home, scan, read_scanned, offline)
