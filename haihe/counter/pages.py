"""The terminals' pages: a face for each kind, its stream of news, the beginning of a shift."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect, Stream

from haihe.base.i18n import clock, money
from haihe.counter.cursor import Cursor, CursorUnreadableError
from haihe.counter.model import Face, Terminal, TerminalUnknown
from haihe.counter.refusals import REFUSALS
from haihe.counter.screen import Fresh, ReadAnew, Screens, Shown, Told
from haihe.counter.service import PAIRED_FOR, Terminals
from haihe.web.render import Renderer
from haihe.web.sse import Event, event_stream

TERMINAL_COOKIE: Final = "haihe_terminal"
ID_DIGITS_MAX: Final = 19
TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"
FACES: Final = {
    Face.SCREEN: "counter/driver.html",
    Face.TILL: "counter/till.html",
    Face.VALIDATOR: "counter/validator.html",
}


@get("/terminal/{terminal:str}")
async def screen(
    request: Request[Any, Any, Any],
    terminal: str,
    renderer: Renderer,
    terminals: Terminals,
    screens: Screens,
    lang: str,
    pair: str | None = None,
) -> Response[Any]:
    """Show a terminal in its face; with a pairing link, pair this browser first."""
    if pair is not None:
        return await _pair(request, await terminals.opened(_id(terminal), pair), terminals)
    opened = await opened_terminal(request, terminal, terminals)
    picture = await screens.picture(opened, lang)
    rows = [_told(shown, lang) for shown in picture.latest]
    return renderer.page(
        request,
        FACES[screens.counter(opened).face],
        terminal=opened,
        picture=picture,
        rows=rows,
        cursor=picture.cursor.to_text(),
        refusals=REFUSALS,
    )


@get("/terminal/{terminal:str}/events")
async def events(
    request: Request[Any, Any, Any],
    terminal: str,
    terminals: Terminals,
    screens: Screens,
    lang: str,
    leaving: asyncio.Event,
    after: str = "",
) -> Stream:
    """Stream the news of a terminal from the browser's last event on, else from the cursor in the address."""
    opened = await opened_terminal(request, terminal, terminals)
    told = screens.follow(opened, _cursor(request.headers.get("last-event-id") or after))
    return event_stream(_events(told, lang), leaving=leaving)


@post("/terminal/{terminal:str}/shift")
async def shift(request: Request[Any, Any, Any], terminal: str, terminals: Terminals) -> Redirect:
    """Begin a shift."""
    opened = await opened_terminal(request, terminal, terminals)
    await terminals.start_shift(opened)
    return Redirect(f"/terminal/{opened.id}", status_code=303)


async def _pair(request: Request[Any, Any, Any], terminal: Terminal, terminals: Terminals) -> Redirect:
    """Keep a token in the browser for this terminal alone, and take the link's own out of the address."""
    token, _ = terminals.token(terminal)
    path = f"/terminal/{terminal.id}"
    cookie = Cookie(
        TERMINAL_COOKIE,
        value=token,
        path=path,
        max_age=int(PAIRED_FOR.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return Redirect(path, status_code=303, cookies=[cookie], headers={"Cache-Control": "no-store"})


async def opened_terminal(request: Request[Any, Any, Any], text: str, terminals: Terminals) -> Terminal:
    """Open the terminal of an address with the browser's token. Raises `TerminalUnknown`, `TerminalNotPaired`."""
    return await terminals.opened(_id(text), request.cookies.get(TERMINAL_COOKIE))


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX and int(text) < 1 << 63):
        raise TerminalUnknown
    return int(text)


def _cursor(text: str) -> Cursor | None:
    try:
        return Cursor.from_text(text)
    except CursorUnreadableError:
        return None


async def _events(told: AsyncGenerator[Told, None], lang: str) -> AsyncGenerator[Event, None]:
    async with aclosing(told):
        async for one in told:
            match one:
                case Fresh():
                    yield Event(_all_told(one.shown, lang), "paid", one.cursor.to_text())
                case ReadAnew():
                    yield Event("", "anew")
                case _:
                    yield Event("", "elsewhere")


def _all_told(shown: Sequence[Shown], lang: str) -> list[dict[str, object]]:
    return [_told(one, lang) for one in shown]


def _told(shown: Shown, lang: str) -> dict[str, object]:
    """Tell one payment in the driver's language."""
    taken = shown.taken
    return {
        "id": str(taken.payment),
        "at": clock(taken.at, lang),
        "amount": money(taken.amount, lang),
        "who": shown.who,
        "companion": taken.companion,
    }


HANDLERS: Final = (screen, events, shift)
