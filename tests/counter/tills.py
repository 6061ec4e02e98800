"""Tills without a browser: a city with shops whose pages and charges are asked for over HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import httpx

from haihe import counter
from haihe.base.throttle import Limits
from haihe.base.tokens import TokenInvalid
from haihe.counter.model import Counter, Terminal
from haihe.counter.screen import Screens
from haihe.counter.surnames import Surnames
from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.payments.part import part as payments_part
from haihe.payments.tail import Tail
from haihe.people import safeguards
from haihe.people.model import Citizen
from haihe.sectors import retail
from haihe.sectors.retail.model import KIND, SHOP, NewPoint, Point
from haihe.sectors.retail.points import Points
from haihe.sectors.retail.shops import Shops
from haihe.web.assembly import assemble
from haihe.web.guards import SESSION_COOKIE, STAFF_COOKIE, Renewal, Staff, Viewer
from haihe.web.part import Part
from tests.grounds import BASE_URL, SectorCity, open_ground
from tests.web.stand_ins import StandInWallets

_keys = count(1)


@dataclass
class Door:
    """Knows citizens as "id.bucket" and staff as "role.organisation"."""

    async def viewer(self, token: str) -> Viewer:
        person, _, bucket = token.partition(".")
        if not bucket:
            raise TokenInvalid
        return Viewer(int(person), int(bucket), 0, "Li Wei")

    async def renewed(self, token: str) -> Renewal | None:
        raise AssertionError(token)

    async def staff(self, token: str) -> Staff:
        role, _, organisation = token.partition(".")
        return Staff(1, int(organisation), 1, role, "Sun")


@dataclass
class Shop:
    """A shop with tills."""

    organisation: Organisation
    points: list[Point]
    terminals: list[Terminal]


@dataclass
class ShopCity:
    """A city with shops, and its web application."""

    city: SectorCity
    shops: Shops
    app: object
    leaving: asyncio.Event = field(default_factory=asyncio.Event)

    async def shop(self, key: str = "bakery", tills: int = 2) -> Shop:
        """Have a shop with some tills."""
        organisation = await self.city.organisation(key, SHOP, names={"en": key.title(), "zh": "店", "ru": "Лавка"})
        wanted = [NewPoint(organisation.id, place, {"en": f"Till {place}"}) for place in range(1, tills + 1)]
        points = await self.shops.set_up(wanted)
        await self.city.reload()
        found = await self.city.ground.terminals.at_points(KIND, [point.id for point in points])
        return Shop(organisation, points, [found[point.id] for point in points])

    async def code(self, citizen: Citizen) -> str:
        """Give the digits that a citizen's phone shows now."""
        return str((await self.city.codes.issue(citizen=citizen.id, bucket=citizen.bucket)).code)

    @asynccontextmanager
    async def visitor(self, *, language: str = "en", **cookies: str) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(app=self.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(
            transport=transport, base_url=BASE_URL, cookies=cookies, headers={"Accept-Language": language}
        ) as client:
            yield client

    def phone(self, citizen: Citizen, **more: str) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return self.visitor(**{SESSION_COOKIE: f"{citizen.id}.{citizen.bucket}"}, **more)

    def office(
        self, role: str, organisation: Organisation, **more: str
    ) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return self.visitor(**{STAFF_COOKIE: f"{role}.{organisation.id}"}, **more)

    @asynccontextmanager
    async def till(self, terminal: Terminal, language: str = "en") -> AsyncIterator[Till]:
        """Open a paired till."""
        async with self.visitor(language=language) as client:
            link = self.city.ground.terminals.pairing_url(terminal).removeprefix(BASE_URL)
            assert (await client.get(link, follow_redirects=True)).status_code == 200
            yield Till(client, terminal)


@dataclass
class Till:
    """A paired screen."""

    client: httpx.AsyncClient
    terminal: Terminal

    async def charge(self, code: str, amount: object = None, *, key: str | None = "") -> httpx.Response:
        """Charge a code, with a fresh key unless one is given; None sends no key."""
        body = {"code": code} if amount is None else {"code": code, "amount": amount}
        headers = {} if key is None else {"Idempotency-Key": key or f"sale {next(_keys)}"}
        return await self.client.post(f"/terminal/{self.terminal.id}/charge", json=body, headers=headers)


def csrf(page: str) -> dict[str, str]:
    """Read the token of a page's form."""
    found = re.search(r'name="_csrf_token" value="([^"]+)"', page)
    return {"_csrf_token": found[1] if found else ""}


@asynccontextmanager
async def open_shops(database: Access) -> AsyncIterator[ShopCity]:
    """Found a city with the sector of shops, and open its pages."""
    async with open_ground(database, retail.branch) as city:
        ground, leaving = city.ground, asyncio.Event()
        counters: dict[str, Counter] = {kind: one for branch in city.branches for kind, one in branch.counters.items()}
        screens = Screens(city.database, city.clock, Tail(city.database), counters, Surnames(ground.people))
        shops: Shops = city.branches[0].part.dependencies["shops"]  # type: ignore[assignment]
        assert isinstance(shops.points, Points)
        parts = [
            Part("organisations", dependencies={"organisations": ground.organisations}),
            Part("people", dependencies={"people": ground.people, "limits": Limits(spare_loopback=True)}),
            Part("wallet", dependencies={"wallets": StandInWallets()}),
            *safeguards.parts(safeguards.build_safeguards(ground.base, ground.people, base_url="http://localhost")),
            payments_part(city.payments, Door(), Limits(spare_loopback=True)),
            counter.part(ground, screens),
            *(branch.part for branch in city.branches),
        ]
        app = assemble(parts, doorkeeper=Door(), form_key="k" * 64, leaving=leaving)
        yield ShopCity(city, shops, app, leaving)
