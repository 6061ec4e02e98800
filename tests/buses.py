"""What tests about buses need: a founded city with a company, lines, buses, tariffs, citizens with money, and payments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count

import pytest

from haihe.base.clock import TurnableClock
from haihe.base.database import Database, open_database
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.revocations import Revocations
from haihe.base.tokens import Tokens
from haihe.base.vault import Vault
from haihe.counter.model import DRIVER, NewTerminal, Terminal
from haihe.counter.screen import Screens
from haihe.counter.surnames import Surnames
from haihe.ops.access import Access
from haihe.ops.founding import found_city
from haihe.ops.offices import Nobody, Offices, build_offices
from haihe.organisations.model import FoundingOrganisation, Organisation
from haihe.payments.engine import Engine, Order
from haihe.payments.model import Payment, Scan
from haihe.payments.tail import Tail
from haihe.people.model import Citizen, PeopleRules
from haihe.people.service import People, build_people
from haihe.sectors import transit as transit_sector
from haihe.sectors.transit.fleet import Fleet
from haihe.sectors.transit.model import KIND, Line, LineClass, Tariff, Vehicle
from haihe.sectors.transit.service import Transit
from haihe.sectors.transit.store import bump_catalogue, insert_tariffs
from haihe.sectors.transit.timetable import store as timetable_store
from haihe.sectors.transit.timetable.service import COMPANY, Importer, NewBus, add_buses
from haihe.sectors.transit.timetable.store import NewLine
from tests.citizens import found_with_money, founding

BASE_URL = "http://127.0.0.1:8000"
FARES = {LineClass.AIR_CONDITIONED: 200, LineClass.ORDINARY_LONG: 150, LineClass.ORDINARY_SHORT: 100}
_keys = count(1)


@dataclass
class BusCity:
    """A city with buses."""

    base: Foundation
    clock: TurnableClock
    offices: Offices
    people: People
    transit: Transit
    engine: Engine
    tail: Tail
    fleet: Fleet
    screens: Screens

    @property
    def database(self) -> Database:
        return self.base.database

    @property
    def importer(self) -> Importer:
        return Importer(self.database, self.base.ids, self.offices.organisations, self.offices.stickers)

    async def company(self, key: str = "test-bus") -> Organisation:
        (made,) = await self.offices.organisations.found(
            [FoundingOrganisation(key=key, names={"zh": "试验巴士", "en": "Test Bus"}, kind=COMPANY, category=4111)]
        )
        return made

    async def line(
        self, company: Organisation, number: str, line_class: LineClass = LineClass.AIR_CONDITIONED, *, buses: int = 2
    ) -> tuple[Line, list[Vehicle]]:
        """Make a line with buses and stickers."""
        ids = self.base.ids
        async with self.database.transaction() as connection:
            feed = await timetable_store.feed_id(connection, company.key, ids.next())
            new = NewLine(ids.next(), company.id, number, number, {"en": "There — Back"}, line_class, 9_000, "")
            await timetable_store.put_lines(connection, feed, [new], default_class=line_class)
            wished = [NewBus(new.id, company.id, place, f"T{number}-{place}") for place in range(1, buses + 1)]
            await add_buses(connection, wished, ids=ids, stickers=self.offices.stickers)
            await bump_catalogue(connection)
        await self.offices.reload()
        snapshot = self.transit.catalogue.now
        vehicles = [vehicle for vehicle in snapshot.vehicles.values() if vehicle.line == new.id]
        return snapshot.lines[new.id], sorted(vehicles, key=lambda bus: bus.place)

    async def riders(self, how_many: int, money: int = 100_00) -> list[Citizen]:
        """Found citizens with money in their wallets."""
        wished = [founding() for _ in range(how_many)]
        return await found_with_money(self.people, self.database, wished, money=money, now=self.clock.now())

    def scan(self, rider: Citizen, vehicle: Vehicle, *, companion: bool = False) -> Scan:
        line = self.transit.catalogue.now.lines[vehicle.line]
        return Scan(
            kind=KIND,
            point=vehicle.id,
            payee=line.organisation,
            payer=rider.id,
            bucket=rider.bucket,
            at=self.clock.now(),
            companion=companion,
        )

    async def pay(self, *scans: Scan) -> list[Payment]:
        """Pay scans of one bucket in one list, and hand the news on as the city does."""
        orders = [Order(await self.transit.price(scan), self.transit, next(_keys), 0) for scan in scans]
        answers = await self.engine.run(scans[0].bucket, orders)
        payments = [answer for answer in answers if isinstance(answer, Payment)]
        assert len(payments) == len(scans), answers
        self.tail.deliver(scans[0].bucket, payments)
        return payments

    async def ride(self, rider: Citizen, vehicle: Vehicle, *, companion: bool = False) -> Payment:
        (payment,) = await self.pay(self.scan(rider, vehicle, companion=companion))
        return payment

    async def terminal(self, vehicle: Vehicle) -> Terminal:
        line = self.transit.catalogue.now.lines[vehicle.line]
        (made,) = await self.offices.terminals.found([NewTerminal(line.organisation, DRIVER, vehicle.id)])
        return made


@asynccontextmanager
async def open_bus_city(database: Access, *, tariffs: Sequence[Tariff] | None = None) -> AsyncIterator[BusCity]:
    """Found a city, where it is not yet, and open its services, on a clock that stands still."""
    clock = TurnableClock(datetime.now(UTC).replace(microsecond=0))
    found_city(database.owner_dsn, buckets=2, now=clock.now())
    async with open_database(database.app_dsn) as opened:
        base = Foundation(
            opened,
            clock,
            Ids(clock, node=1),
            Vault(vault_key=b"v" * 32, search_key=b"s" * 32),
            Tokens(b"t" * 32),
            Revocations(opened),
        )
        offices = build_offices(base, base_url=BASE_URL, sectors=[transit_sector.branch])
        people = build_people(base, registry=Nobody(), sms=Nobody(), settings=PeopleRules())
        (branch,) = offices.branches
        transit, _ = branch.trades
        assert isinstance(transit, Transit)
        tail = Tail(opened)
        async with opened.transaction() as connection:
            default = [Tariff(line_class, date(2016, 1, 1), fare) for line_class, fare in FARES.items()]
            await insert_tariffs(connection, default if tariffs is None else tariffs)
        await offices.reload()
        fleet = branch.part.dependencies["fleet"]
        assert isinstance(fleet, Fleet)
        screens = Screens(opened, clock, tail, branch.counters, Surnames(people))
        following = asyncio.create_task(tail.run())
        try:
            yield BusCity(base, clock, offices, people, transit, Engine(opened, clock, base.ids), tail, fleet, screens)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


@pytest.fixture
async def bus_city(database: Access) -> AsyncIterator[BusCity]:
    """A city of the test's own with tariffs and no lines yet."""
    async with open_bus_city(database) as opened:
        yield opened
