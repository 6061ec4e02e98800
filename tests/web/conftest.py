"""A small web app with one part, for the tests of the kit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Request, Response, get, post
from litestar.params import JSONBody
from litestar.types import ASGIApp, Receive, Scope, Send

from haihe.base.errors import Refusal
from haihe.base.tokens import TokenExpired, TokenInvalid
from haihe.web.assembly import assemble
from haihe.web.guards import Renewal, Staff, Viewer, signed_in
from haihe.web.part import Link, Part
from haihe.web.render import Renderer
from haihe.web.security import read_body

CITIZEN_TOKEN = "citizen"
EXPIRED_TOKEN = "expired"
STAFF_TOKEN = "staff"


class Keeper:
    async def viewer(self, token: str) -> Viewer:
        if token == EXPIRED_TOKEN:
            raise TokenExpired
        if token != CITIZEN_TOKEN:
            raise TokenInvalid
        return Viewer(person=1, bucket=0, session=1, language="ru")

    async def renewed(self, token: str) -> Renewal | None:
        raise AssertionError(token)

    async def staff(self, token: str) -> Staff:
        if token != STAFF_TOKEN:
            raise TokenInvalid
        return Staff(person=2, organisation=3, session=4, role="manager", name="Wang Fang")


class PayeeAsleep(Refusal):
    code = "payee_asleep"
    status = 409
    text = "Not now: {amount:money}"


class Note(msgspec.Struct):
    text: str
    amount: int = 0


@get("/open")
async def open_page(
    request: Request[Any, Any, Any], renderer: Renderer, viewer_or_none: Viewer | None
) -> Response[str]:
    return renderer.page(request, "sample/page.html", who=viewer_or_none)


@get("/mine")
async def my_page(request: Request[Any, Any, Any], renderer: Renderer, viewer: Viewer) -> Response[str]:
    return renderer.page(request, "sample/page.html", who=viewer)


@get("/console/desk")
async def desk(request: Request[Any, Any, Any], renderer: Renderer, staff: Staff) -> Response[str]:
    return renderer.page(request, "sample/desk.html", who=staff)


@post("/mine")
async def post_mine(viewer: Viewer) -> dict[str, int]:
    return {"person": viewer.person}


@post("/api/notes", guards=[signed_in], include_in_schema=True)
async def write_note(viewer: Viewer, data: JSONBody[Note]) -> Note:
    return data


@get("/api/refused")
async def refused() -> None:
    raise PayeeAsleep(amount=1234, payment="7")


@get(["/broken", "/api/broken"])
async def broken() -> None:
    raise RuntimeError("a secret: 4711")


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    body = await read_body(receive)
    if body == b"break":
        raise RuntimeError("a secret: 4711")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": str(len(body)).encode(), "more_body": False})


HANDLERS = (open_page, my_page, desk, post_mine, write_note, refused, broken)
PAGE = '{% extends "web/citizen.html" %}{% block title %}Page{% endblock %}{% block main %}<form method="post">{{ csrf }}</form>{% endblock %}'


def desk_menu(_: Staff) -> list[Link]:
    """What staff find in the sample's console."""
    return [Link("/console/desk", "bus", "Desk")]


DESK = '{% extends "web/console.html" %}{% block title %}Desk{% endblock %}{% block main %}{{ who.name }}{% endblock %}'


@pytest.fixture
def sample(tmp_path: Path) -> Part:
    """A part with pages, an API and a bare route."""
    templates, static = tmp_path / "templates", tmp_path / "static"
    templates.mkdir()
    static.mkdir()
    (templates / "page.html").write_text(PAGE)
    (templates / "desk.html").write_text(DESK)
    (static / "sample.js").write_text("// A sample.\n")
    (static / "sample.css").write_text(".sample { color: red }\n")
    (static / ".hidden.js").write_text("secret")
    return Part(
        "sample",
        handlers=HANDLERS,
        templates=templates,
        static=static,
        routes={("POST", "/bare"): bare},
    )


@pytest.fixture
def app(sample: Part) -> ASGIApp:
    """The sample as an application."""
    return assemble([sample], doorkeeper=Keeper(), form_key="k" * 32, leaving=asyncio.Event(), console_menu=desk_menu)


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without cookies that speaks English."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as browser:
        yield browser
