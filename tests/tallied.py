"""Two trades as small as can be, and the pages that count them: a rent that is owed, and a stall where anybody says the price."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date

import httpx

from haihe import city as city_part
from haihe.base.database import Connection
from haihe.city.service import City, build_city
from haihe.counter.branch import Branch, Ground
from haihe.ops.demo_data import TIANJIN
from haihe.organisations.model import Organisation
from haihe.payments import pages, today_pages
from haihe.payments.dues.model import Due, NewDue
from haihe.payments.dues.trade import DueTrade
from haihe.payments.model import Asking, Description, Offer, Payment, Refused, Scan
from haihe.payments.sector import Sector
from haihe.payments.tallies import Tallies
from haihe.people.model import Citizen
from haihe.web.assembly import assemble
from haihe.web.guards import STAFF_COOKIE
from haihe.web.part import Part
from tests.bus_pages import Door
from tests.grounds import BASE_URL, SectorCity

RENT, STALL = 97, 98


@dataclass(frozen=True)
class Stall:
    """Sells anything for what the payer types; `stall-…` names the organisation."""

    kind: str = "stall"
    number: int = STALL
    icon: str = "store"
    title: str = "Stalls"

    async def price(self, scan: Scan) -> Offer:
        return Offer(replace(scan, payee=scan.point), scan.amount or 0, 0)

    async def ask(self, scan: Scan, language: str) -> Asking:
        return Asking(scan.point, Description(self.title, self.icon))

    async def admit(self, connection: Connection, bucket: int, offers: Sequence[Offer]) -> Sequence[Refused | None]:
        return [None] * len(offers)

    async def record(self, connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
        """Nothing."""

    async def describe(
        self, connection: Connection, payments: Sequence[Payment], language: str
    ) -> Sequence[Description]:
        return [Description("Melon", self.icon) for _ in payments]


def trades(ground: Ground) -> Branch:
    """Bring both trades."""
    rent = DueTrade("rent", RENT, "receipt", "Rents", ground.dues, _tell)
    return Branch(Part("trades"), trades=(rent, Stall()))


def _tell(due: Due, language: str) -> Description:
    return Description(f"Rent {due.period}", "receipt")


async def owe(city: SectorCity, payee: Organisation, citizen: Citizen, amount: int, period: str = "2026-10") -> str:
    """Issue a rent that this citizen follows; give the code that pays it."""
    due = NewDue(organisation=payee.id, subject=citizen.id, period=period, amount=amount, due_on=date(2026, 11, 30))
    issued = await city.ground.dues.issue(RENT, [due])
    await city.ground.dues.follow(citizen.id, RENT, [citizen.id])
    return f"rent-{issued.dues[0].id}"


def tallies_of(city: SectorCity) -> Tallies:
    return Tallies(city.database, city.clock, city.ground.dues)


def whole_city(city: SectorCity, sectors: Sequence[Sector] = ()) -> City:
    """Give the city's figures, never told twice; of these sectors beside the city's own."""
    known = [*city.payments.sectors.values(), *sectors]
    return build_city(city.database, city.clock, tallies_of(city), known, folder=TIANJIN, fresh_s=0.0)


@asynccontextmanager
async def visiting_city(
    city: SectorCity,
    *,
    role: str = "",
    organisation: int = 0,
    language: str = "en",
    sectors: Sequence[Sector] = (),
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the city's page and the organisations' day, signed in to the console if a role is given."""
    services = {"payments": city.payments, "people": city.ground.people}
    parts = [
        Part("payments", templates=pages.TEMPLATES, dependencies=services),
        today_pages.part(tallies_of(city)),
        city_part.part(whole_city(city, sectors)),
    ]
    app = assemble(parts, doorkeeper=Door(), form_key="k" * 64, leaving=asyncio.Event())
    cookies = {STAFF_COOKIE: f"{role}-{organisation}"} if role else {}
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    headers = {"Accept-Language": language}
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, cookies=cookies, headers=headers) as client:
        yield client
