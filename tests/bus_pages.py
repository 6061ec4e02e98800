"""A browser without a browser: the pages of buses and screens, asked for over HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from haihe import counter
from haihe.base.tokens import TokenInvalid
from haihe.web.assembly import assemble
from haihe.web.guards import STAFF_COOKIE, Renewal, Staff, Viewer
from haihe.web.part import Part
from tests.buses import BASE_URL, BusCity


@dataclass
class Door:
    """Knows staff by the name of their role and organisation, as in "manager 5"; no citizens."""

    async def viewer(self, token: str) -> Viewer:
        raise TokenInvalid

    async def renewed(self, token: str) -> Renewal | None:
        raise AssertionError(token)

    async def staff(self, token: str) -> Staff:
        role, _, organisation = token.partition("-")
        return Staff(1, int(organisation), 1, role, "Sun", "Test Bus")


@dataclass
class Visitor:
    """Someone at a browser."""

    client: httpx.AsyncClient
    leaving: asyncio.Event = field(default_factory=asyncio.Event)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def post(self, path: str, page: httpx.Response, **form: str) -> httpx.Response:
        """Post a form of a page that was read before."""
        token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
        return await self.client.post(path, data={"_csrf_token": token[1] if token else "", **form})


@asynccontextmanager
async def visiting(
    city: BusCity, *, role: str = "", organisation: int = 0, language: str = "en"
) -> AsyncIterator[Visitor]:
    """Open the pages, signed in to the console if a role is given."""
    leaving = asyncio.Event()
    offices = city.offices
    parts = [
        Part("organisations", dependencies={"organisations": offices.organisations}),
        counter.part(offices.ground, city.screens),
        offices.branches[0].part,
    ]
    app = assemble(parts, doorkeeper=Door(), form_key="k" * 64, leaving=leaving)
    cookies = {STAFF_COOKIE: f"{role}-{organisation}"} if role else {}
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=transport, base_url=BASE_URL, cookies=cookies, headers={"Accept-Language": language}
    ) as client:
        yield Visitor(client, leaving)
