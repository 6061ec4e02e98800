"""A city with the two universities of the demo; its first citizens are those for trying things out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from haihe.base.clock import CITY_ZONE
from haihe.catalogue.model import Service
from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.payments.model import Payment
from haihe.people.model import Citizen
from haihe.sectors import campus
from haihe.sectors.campus.desk import Desk
from haihe.sectors.campus.model import KIND, Point
from haihe.sectors.campus.office import Office
from haihe.wallet.purses.model import Grant
from tests.grounds import SectorCity, open_ground

HAIGU, JINWAN = "haigu-university", "jinwan-university"
MEALS = 200_00
RESERVED = 6
"""Citizens 0, 1 and 2 study at Haigu, 3 at Jinwan, 4 and 5 nowhere."""


@dataclass
class CampusCity:
    """The city with what the sector's pages ask for."""

    city: SectorCity
    citizens: list[Citizen]
    desk: Desk
    office: Office

    def university(self, key: str = HAIGU) -> Organisation:
        found = self.city.ground.organisations.by_key(key)
        assert found
        return found

    def point(self, key: str, university: str = HAIGU) -> Point:
        found = self.office.campus.points.by_key(self.university(university).id, key)
        assert found
        return found

    def service(self, key: str, university: str = HAIGU) -> Service:
        found = self.city.ground.catalogue.by_key(self.university(university).id, key)
        assert found
        return found

    def code(self, key: str, university: str = HAIGU) -> str:
        """The reference by which a service is paid in the app."""
        return f"{KIND}-{self.service(key, university).id}"

    async def sticker(self, key: str) -> str:
        """The code of the sticker that hangs at a point or a service."""
        found = await self.office.stickers(self.university().id)
        return next(sticker.code for sticker, sold in found if sold.service.key == key)

    async def lunch(
        self, citizen: Citizen, amount: int | None, *, at: str = "c1-noodles", university: str = HAIGU, key: str = ""
    ) -> Payment:
        """A cashier types an amount, the citizen shows a payment code."""
        point = self.point(at, university)
        return await self.city.charge(citizen, KIND, point.id, point.organisation, amount, key=key)

    async def meal_money(self, citizen: Citizen) -> int:
        purses = await self.city.ground.purses.of(citizen=citizen.id, bucket=citizen.bucket)
        return sum(one.amount for one in purses)

    async def eat_down_to(self, citizen: Citizen, left: int) -> None:
        """Leave so much meal money."""
        await self.lunch(citizen, await self.meal_money(citizen) - left)

    async def grant(self, citizen: Citizen, amount: int, university: str = HAIGU) -> None:
        purses = self.city.ground.purses
        grant = Grant(self.city.ground.base.ids.next(), citizen.id, amount)
        scheme = purses.scheme(f"meal-{university}")
        await purses.grant(scheme, citizen.bucket, [grant], effective=self.city.clock.now())

    def turn_to(self, hour: int) -> None:
        """Turn the clock on to an hour of the city's next day."""
        local = self.city.clock.now().astimezone(CITY_ZONE)
        wished = (local + timedelta(days=1)).replace(hour=hour, minute=0, second=0)
        self.city.clock.turn(wished - local)


@pytest.fixture
async def campus_city(database: Access) -> AsyncIterator[CampusCity]:
    """The city, founded from demo/tianjin."""
    async with open_ground(database, campus.branch) as city:
        citizens = await city.register(RESERVED)
        await city.found(citizens, reserved=RESERVED)
        services = city.branches[0].part.dependencies
        desk, office = services["campus_desk"], services["campus_office"]
        assert isinstance(desk, Desk)
        assert isinstance(office, Office)
        yield CampusCity(city, citizens, desk, office)
