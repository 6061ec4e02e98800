"""What tests about coaches need: a city with a small network, tomorrow's coaches, and citizens who order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.payments.references import reference
from haihe.people.model import Citizen
from haihe.sectors import transit
from haihe.sectors.transit.coach.founding import (
    CallData,
    CoachCompanyData,
    CoachData,
    RouteData,
    StopData,
    TariffData,
    put_network,
)
from haihe.sectors.transit.coach.model import COMPANY, KIND, Departure, Ticket
from haihe.sectors.transit.coach.pages import Desk
from haihe.sectors.transit.coach.service import Coaches, Wish
from tests.grounds import SectorCity, open_ground

STOPS = ("north", "middle", "south", "elsewhere")
_keys = count(1)


@dataclass
class CoachCity:
    """A city with two coach companies: "fast" goes north - middle - south at 14:30 and 18:00, "slow" north - south at 15:00."""

    city: SectorCity
    coaches: Coaches
    fast: Organisation
    slow: Organisation

    @property
    def tomorrow(self) -> date:
        return self.coaches.today() + timedelta(days=1)

    def stop(self, key: str) -> int:
        return next(one.id for one in self.coaches.network.now.stops.values() if one.key == key)

    def departures(self, company: Organisation) -> list[Departure]:
        return self.coaches.network.of_company(company.id, self.tomorrow)

    def wish(
        self, departure: Departure | None = None, *, start: str = "north", end: str = "south", day: date | None = None
    ) -> Wish:
        wanted = departure or self.departures(self.fast)[0]
        return Wish(wanted.id, day or self.tomorrow, self.stop(start), self.stop(end))

    async def order(self, citizen: Citizen, wish: Wish | None = None, *, key: str = "") -> Ticket:
        return await self.coaches.order(citizen.id, wish or self.wish(), key=key or f"order {next(_keys)}")

    async def buy(self, citizen: Citizen, wish: Wish | None = None) -> Ticket:
        ticket = await self.order(citizen, wish)
        await self.city.pay(citizen, code_of(ticket))
        return await self.coaches.ticket(citizen.id, ticket.id)


def code_of(ticket: Ticket) -> str:
    return reference(KIND, ticket.due)


def network(seats: int = 45, *, tariffs: Sequence[TariffData] = ()) -> CoachData:
    """Describe the network; the story's route is fast: 120 km, 20 % above the rate, a toll of 95 yuan."""
    calls = [CallData(stop=key, at_m=60_000 * place, after_min=60 * place) for place, key in enumerate(STOPS[:3])]
    names = {"zh": "快线", "en": "Fast line"}
    fast = RouteData(
        key="f", names=names, factor=200, toll=95_00, seats=seats, calls=tuple(calls), times=("14:30", "18:00")
    )
    slow = RouteData(
        key="s",
        names=names,
        factor=0,
        toll=0,
        seats=seats,
        calls=(calls[0], calls[2]),
        times=("15:00",),
        back=("09:00",),
    )
    elsewhere = RouteData(
        key="e",
        names=names,
        factor=0,
        toll=0,
        seats=seats,
        calls=(calls[0], CallData(stop="elsewhere", at_m=10_000, after_min=10)),
        times=("10:00",),
        weekdays=(),
    )
    return CoachData(
        tariff=tuple(tariffs) or (TariffData(valid_from=date(2016, 1, 1), per_km=18, load_percent=50),),
        stop=tuple(StopData(key=key, names={"zh": f"站{key}", "en": f"{key} stop"}) for key in STOPS),
        company=(
            CoachCompanyData(key="fast", names=names, category=4131, staff=(), route=(fast, elsewhere)),
            CoachCompanyData(key="slow", names=names, category=4131, staff=(), route=(slow,)),
        ),
    )


@asynccontextmanager
async def open_coach_city(database: Access, data: CoachData | None = None) -> AsyncIterator[CoachCity]:
    """Found a city with coaches, on a clock that stands still."""
    async with open_ground(database, transit.branch) as city:
        fast = await city.organisation("fast", COMPANY, names={"en": "Fast Coaches"})
        slow = await city.organisation("slow", COMPANY, names={"en": "Slow Coaches"})
        async with city.database.transaction() as connection:
            companies = {"fast": fast.id, "slow": slow.id}
            await put_network(connection, data or network(), companies=companies, ids=city.ground.base.ids)
        await city.reload()
        desk = city.branches[0].part.dependencies["coach_desk"]
        assert isinstance(desk, Desk)
        yield CoachCity(city, desk.coaches, fast, slow)
