"""What tests of settlement need: a city that sells at stalls, with settlement over a demo bank of its own in the same process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from sqlite3 import Connection as State
from typing import Any

import httpx

from demo.services import bank as demo_bank
from demo.services.running import application, open_state
from haihe.base.clock import day_start, service_day
from haihe.base.notes import city_signer
from haihe.counter.branch import Ground
from haihe.ops.access import Access
from haihe.ops.offices import MakeBranch
from haihe.organisations.model import Organisation
from haihe.outside.bank import HttpBank, PayoutBank
from haihe.outside.http import Outside
from haihe.payments.model import Payment
from haihe.payments.refunds.service import Refunds, build_refunds
from haihe.people.model import Citizen
from haihe.settlement.founding import made_up_account
from haihe.settlement.model import FeeTable
from haihe.settlement.service import Settlements, build_settlements
from tests.grounds import SectorCity, open_ground
from tests.tallied import trades

SIGNER = city_signer(b"n" * 32)
FEES = FeeTable({"shop": [(date(2017, 1, 1), 60)]})
"""Shops pay 0.6 %, everybody else nothing."""


@dataclass
class SettledCity:
    """A city with shops, whose days close."""

    city: SectorCity
    settlements: Settlements
    refunds: Refunds
    bank: HttpBank
    state: State
    """What the bank knows."""

    @property
    def today(self) -> date:
        return service_day(self.city.clock.now())

    def on(self, day: date, *, hour: int = 12) -> None:
        """Turn the clock to an hour of a day."""
        self.city.clock.moment = day_start(day) + timedelta(hours=hour)

    def next_day(self) -> date:
        """Turn the clock to the morning after; give the day that is over."""
        over = self.today
        self.on(over + timedelta(days=1), hour=3)
        return over

    async def shop(self, key: str = "melons", kind: str = "shop") -> Organisation:
        shop = await self.city.organisation(key, kind)
        await self.settlements.found_accounts({shop.id: made_up_account(key)})
        return shop

    async def buy(self, citizen: Citizen, shop: Organisation, amount: int) -> Payment:
        return await self.city.pay(citizen, f"stall-{shop.id}", amount)

    async def give_back(self, payment: Payment, amount: int | None = None, *, key: str = "") -> Payment:
        return await self.refunds.give_back(
            organisation=payment.payee,
            staff=1,
            payment=payment.id,
            amount=amount,
            reason="spoilt",
            key=key or f"{payment.id} {amount}",
        )

    async def ask(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        async with self.city.database.connection() as connection:
            return await (await connection.execute(statement.encode(), parameters)).fetchall()

    async def file(self, organisation: int, day: date) -> bytes:
        settlement = await self.settlements.settlement(organisation, day)
        return b"".join([chunk async for chunk in self.settlements.file(settlement)])

    def wrong(self) -> list[str]:
        """Check everything as `haihe verify` does; give what is wrong."""
        return self.city.verified()

    def pushed(self) -> list[tuple[str, int]]:
        """Give what the bank has paid out, by account."""
        return self.state.execute("SELECT account, amount_fen FROM pushes WHERE outcome = 'done'").fetchall()

    async def by_account(self, bucket: int, *accounts: int) -> Mapping[int, int]:
        return {account: await self.city.available(bucket, account) for account in accounts}


@asynccontextmanager
async def bank_beside(folder: Path) -> AsyncIterator[tuple[HttpBank, State]]:
    """Run a demo bank of the test's own, without a network between."""
    state = open_state(folder / "bank.sqlite", demo_bank.SCHEMA)
    transport = httpx.ASGITransport(app=application(demo_bank.handlers(state)))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://bank.example") as client:
        yield HttpBank(Outside(client)), state
    state.close()


@asynccontextmanager
async def open_settled(
    database: Access,
    folder: Path,
    *sectors: MakeBranch,
    through: Callable[[HttpBank], PayoutBank] = lambda bank: bank,
) -> AsyncIterator[SettledCity]:
    """Found a city in which days close; `through` may put something between the city and its bank."""
    async with open_ground(database, *(sectors or (trades,))) as city, bank_beside(folder) as (bank, state):
        yield settled_city(city, bank, state, through(bank))


def settled_city(city: SectorCity, bank: HttpBank, state: State, way: PayoutBank | None = None) -> SettledCity:
    """Put settlement over a city and its bank."""
    ground: Ground = city.ground
    settlements = build_settlements(
        ground.base, organisations=ground.organisations, bank=way or bank, fees=FEES, signer=SIGNER, demo=bank
    )
    refunds = build_refunds(city.database, city.clock, ground.base.ids, city.payments.sectors)
    return SettledCity(city, settlements, refunds, bank, state)
