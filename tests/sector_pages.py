"""Browsers before a city with some sectors, as citizens and as staff: every page that `app.py` would serve for them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx

from haihe import counter, home, organisations, people, wallet
from haihe.base.throttle import DOOR_RATES, Limits
from haihe.base.tokens import TokenInvalid
from haihe.counter.branch import service_links_of
from haihe.counter.screen import Screens
from haihe.counter.surnames import Surnames
from haihe.organisations.approvals import pages as approval_pages
from haihe.organisations.approvals.service import Approvals
from haihe.organisations.console import Console
from haihe.payments.desk import pages as desk_pages
from haihe.payments.desk.service import build_desk
from haihe.payments.paper import pages as paper_pages
from haihe.payments.part import part as payments_part
from haihe.payments.tail import Tail
from haihe.people import safeguards
from haihe.people.model import Citizen
from haihe.wallet.model import WalletRules
from haihe.wallet.service import build_wallets
from haihe.web.assembly import assemble
from haihe.web.guards import SESSION_COOKIE, STAFF_COOKIE, Renewal, Staff, Viewer
from haihe.web.part import Part
from tests.grounds import BASE_URL, SectorCity


@dataclass
class Door:
    """Takes every token at its word: "5-2" is citizen 5 of bucket 2, "manager-7" a manager of organisation 7."""

    async def viewer(self, token: str) -> Viewer:
        person, _, bucket = token.partition("-")
        if not (person.isdigit() and bucket.isdigit()):
            raise TokenInvalid
        return Viewer(int(person), int(bucket), 1)

    async def renewed(self, token: str) -> Renewal | None:
        raise AssertionError(token)

    async def staff(self, token: str) -> Staff:
        role, _, organisation = token.partition("-")
        return Staff(1, int(organisation), 1, role, "Sun", "Organisation")


@dataclass
class Visitor:
    """Someone at a browser; forms are sent with the token of the page that was opened last."""

    client: httpx.AsyncClient
    page: str = ""

    async def open(self, path: str) -> httpx.Response:
        return self._seen(await self.client.get(path))

    async def send(self, path: str, **fields: str) -> httpx.Response:
        token = re.search(r'name="_csrf_token" value="([^"]+)"', self.page)
        return self._seen(await self.client.post(path, data={"_csrf_token": token[1] if token else "", **fields}))

    def hidden(self, name: str) -> str:
        """Read a hidden field of the page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found, f"{name} is not on the page"
        return found[1]

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        if "text/html" in answer.headers.get("content-type", "") and answer.text:
            self.page = answer.text
        return answer


def application(city: SectorCity, limits: Limits) -> Any:
    """Put the pages of a city together as `app.py` does."""
    ground, branches, tail = city.ground, city.branches, Tail(city.database)
    counters = {kind: one for branch in branches for kind, one in branch.counters.items()}
    screens = Screens(city.database, city.clock, tail, counters, Surnames(ground.people))
    wallets = build_wallets(ground.base, people=ground.people, bank=cast("Any", None), limits=WalletRules())
    pages = [page for branch in branches for page in branch.console_pages]
    console = Console(ground.organisations, [*desk_pages.PAGES, *pages])
    desk = build_desk(ground.base, ground.people, cards=wallets.cards, papers=city.payments.papers)
    parts: list[Part] = [
        people.part(ground.people, limits=limits),
        *safeguards.parts(safeguards.build_safeguards(ground.base, ground.people, base_url="http://localhost")),
        organisations.part(ground.organisations, console),
        wallet.part(wallets),
        payments_part(city.payments, Door(), limits),
        paper_pages.part(city.payments.papers),
        desk_pages.part(desk),
        approval_pages.part(Approvals(ground.base, {"cash_reversal": desk.reversals.kind()})),
        counter.part(ground, screens),
        *(branch.part for branch in branches),
        home.part(
            tiles=[tile for branch in branches for tile in branch.part.tiles],
            city_url=BASE_URL,
            service_links=service_links_of(branches),
        ),
    ]
    return assemble(parts, doorkeeper=Door(), console_menu=console.menu, form_key="k" * 64, leaving=asyncio.Event())


@asynccontextmanager
async def visiting(
    city: SectorCity, *, citizen: Citizen | None = None, staff: tuple[str, int] | None = None, language: str = "en"
) -> AsyncIterator[Visitor]:
    """Open the pages as a citizen, or as staff: a role and an organisation. Every visit has rate limits of its own."""
    cookies = {SESSION_COOKIE: f"{citizen.id}-{citizen.bucket}"} if citizen else {}
    cookies |= {STAFF_COOKIE: f"{staff[0]}-{staff[1]}"} if staff else {}
    transport = httpx.ASGITransport(app=application(city, Limits(DOOR_RATES)))
    async with httpx.AsyncClient(
        transport=transport, base_url=BASE_URL, cookies=cookies, headers={"Accept-Language": language}
    ) as client:
        yield Visitor(client)
