"""A town with one electricity, one water and one heating company, and a few accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from haihe.catalogue.loading import read_services
from haihe.ops.access import Access
from haihe.ops.demo_data import TIANJIN
from haihe.organisations.model import Organisation
from haihe.payments.dues.model import Due
from haihe.people.model import Citizen
from haihe.sectors import utilities
from haihe.sectors.utilities import store
from haihe.sectors.utilities.billing import Billing
from haihe.sectors.utilities.model import NUMBER, UTILITY, Account, Measure, NewAccount, Plan, Row, Taken
from haihe.sectors.utilities.supplies import Supplies
from tests.grounds import SectorCity, open_ground

MILLI = 1000


@dataclass
class Town:
    """The city with its utilities."""

    city: SectorCity
    power: Organisation
    water: Organisation
    heating: Organisation

    @property
    def billing(self) -> Billing:
        found: Any = self.city.branches[0].part.dependencies["utility"]
        return found.billing  # type: ignore[no-any-return]

    @property
    def supplies(self) -> Supplies:
        found: Any = self.city.branches[0].part.dependencies["supplies"]
        return found  # type: ignore[no-any-return]

    @property
    def today(self) -> date:
        return self.billing.today()

    @property
    def last_month(self) -> date:
        """The last day of the month before."""
        return self.today.replace(day=1) - timedelta(days=1)

    @property
    def month_before(self) -> date:
        """The last day of the month before that."""
        return self.last_month.replace(day=1) - timedelta(days=1)

    async def account(self, company: Organisation, number: str, key: str, **more: Any) -> Account:
        service = self.city.ground.catalogue.by_key(company.id, key)
        assert service
        wish = NewAccount(organisation=company.id, service=service.id, number=number, holder="王*", **more)
        await self.billing.open_accounts([wish])
        async with self.city.database.connection() as connection:
            return (await store.by_numbers(connection, company.id, [number]))[number]

    async def home(self, number: str = "1200000001", **more: Any) -> Account:
        """Make a home with electricity, whose meter said 1,000 at the end of the month before last."""
        account = await self.account(self.power, number, "electricity", **more)
        await self.read(account, self.month_before, 1_000)
        return account

    async def read(self, account: Account, day: date, value: float, *, carried: int = 0) -> Taken:
        row = Row(1, account.number, day, int(value * MILLI), carried * MILLI)
        return await self.billing.take(account.organisation, [row], staff=1)

    async def bill(self, number: str = "1200000001", used: int = 230, **more: Any) -> Due:
        """Make a home with a bill of last month."""
        account = await self.home(number, **more)
        taken = await self.read(account, self.last_month, 1_000 + used)
        assert taken.billed == 1, taken
        (due,) = await self.bills(account)
        return due

    async def bills(self, *accounts: Account) -> Sequence[Due]:
        return await self.billing.dues.of_subjects(NUMBER, [account.id for account in accounts])

    async def follow(self, due: Due, *citizens: Citizen) -> None:
        for citizen in citizens:
            await self.billing.dues.follow(citizen.id, NUMBER, [due.subject])


@asynccontextmanager
async def open_town(database: Access) -> AsyncIterator[Town]:
    """Found the town with the prices of the demo."""
    async with open_ground(database, utilities.branch) as city:
        power = await city.organisation("test-power", UTILITY)
        water = await city.organisation("test-water", UTILITY)
        heating = await city.organisation("test-heating", UTILITY)
        town = Town(city, power, water, heating)
        services = {one.key: one for one in read_services(TIANJIN / "utilities_tariffs.toml")}
        keys = {power.id: ["electricity", "electricity-low-income"], water.id: ["water"], heating.id: ["heating"]}
        ids = {
            one.key: one.id
            for company, own in keys.items()
            for one in await city.ground.catalogue.found(company, [services[key] for key in own])
        }
        await town.billing.plans.found(
            [
                Plan(
                    service=ids["electricity"],
                    organisation=power.id,
                    measure=Measure.METER,
                    pattern="12[0-9]{8}",
                    example="1200345678",
                    due_days=20,
                    low_income_service=ids["electricity-low-income"],
                ),
                Plan(
                    service=ids["water"],
                    organisation=water.id,
                    measure=Measure.METER,
                    pattern="S[0-9]{8}",
                    example="S00345678",
                    due_days=30,
                ),
                Plan(
                    service=ids["heating"],
                    organisation=heating.id,
                    measure=Measure.AREA,
                    pattern="[0-9]{3}-[0-9]{4}-[0-9]{2}",
                    example="017-0345-02",
                    due_days=15,
                    season_starts="10-01",
                    season_ends="12-31",
                ),
            ]
        )
        yield town
