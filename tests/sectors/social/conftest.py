"""A city with the bureau of the demo, and people of chosen ages, whatever day it is: some window of the demo is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count

import pytest

from haihe.ops.access import Access
from haihe.people.model import Citizen
from haihe.people.rules import id_check_character
from haihe.sectors import social
from haihe.sectors.social import store
from haihe.sectors.social.bureau import Bureau
from haihe.sectors.social.model import Contribution, WindowRule
from haihe.sectors.social.rules import programme_on, window_on
from haihe.sectors.social.service import Contributions
from tests.grounds import SectorCity, open_ground

_places = count(100)


@dataclass
class SocialCity:
    """The city with what the sector's pages ask for."""

    city: SectorCity
    contributions: Contributions
    bureau: Bureau

    @property
    def office(self) -> int:
        organisation = self.city.ground.organisations.by_key("jinhe-social")
        assert organisation
        return organisation.id

    @property
    def year(self) -> int:
        """The year that can be enrolled for today, whatever day it is."""
        programme = programme_on(self.contributions.memory.programmes, self.contributions.today())
        assert programme
        window = window_on(programme.windows, self.contributions.today())
        assert window
        return window.year

    async def only_open(self, first: int, last: int, *, waiting_days: int = 0) -> None:
        """From today on one window a year is open: from so many days after today to so many days after it."""
        today = self.contributions.today()
        start, end = (f"{today + timedelta(days=days):%m-%d}" for days in (first, last))
        rule = WindowRule(start, end, year="this", waiting_days=waiting_days)
        (old,) = self.contributions.memory.programmes
        async with self.city.database.connection() as connection:
            await store.insert_programme(connection, replace(old, valid_from=today, windows=(rule,)))
        await self.city.reload()

    async def born(self, *years_ago: int, money: int = 1_000_00) -> list[Citizen]:
        """Found people whose birthday was half a year ago."""
        return [(await self.city.register(1, money, id_number=self._id_number(age)))[0] for age in years_ago]

    def _id_number(self, age: int) -> str:
        today = self.contributions.today()
        born = date(today.year - age, today.month, 1)
        body = f"120198{born:%Y%m%d}{next(_places):03d}"
        return body + id_check_character(body)

    async def choose(self, payer: Citizen, tier: str, *, person: Citizen | None = None) -> str:
        """Choose a tier, and give the code that pays it."""
        due = await self.contributions.enrol(payer.id, person=(person or payer).id, tier=tier)
        return f"contribution-{due}"

    async def link(self, child: Citizen, parent: Citizen) -> None:
        await self.contributions.add_relative(child.id, name=parent.name, id_number=parent.id_number)

    async def covered(self, person: Citizen, year: int | None = None) -> Contribution | None:
        async with self.city.database.connection() as connection:
            return (await store.covered(connection, [person.id], year or self.year)).get(person.id)


@pytest.fixture
async def social_city(database: Access) -> AsyncIterator[SocialCity]:
    """The city, founded from demo/tianjin/social.toml."""
    async with open_ground(database, social.branch) as city:
        await city.found([])
        services = city.branches[0].part.dependencies
        contributions, bureau = services["contributions"], services["bureau"]
        assert isinstance(contributions, Contributions)
        assert isinstance(bureau, Bureau)
        yield SocialCity(city, contributions, bureau)
