"""What tests of sectors need: a founded city with the ground of its sectors, their branches, citizens with money, and payments.

async with open_ground(database, utilities.branch) as city: …    `database` is the fixture of tests/conftest.py
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from haihe.base.batching import Gatherer
from haihe.base.clock import TurnableClock
from haihe.base.database import Database, open_database
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.revocations import Revocations
from haihe.base.tokens import Tokens
from haihe.base.vault import Vault
from haihe.codes.payment_codes import PaymentCodes
from haihe.counter.branch import Branch, Founding, Ground, make_ground, trades_of
from haihe.ledger import service as ledger
from haihe.ops.access import Access
from haihe.ops.demo_data import TIANJIN
from haihe.ops.founding import found_city
from haihe.ops.offices import MakeBranch, Nobody
from haihe.ops.verify import verify
from haihe.organisations.model import FoundingOrganisation, Organisation
from haihe.payments.engine import Engine, Order
from haihe.payments.model import Charge, Payment, PaymentRequest
from haihe.payments.paper.service import build_paper_cards
from haihe.payments.service import Payments
from haihe.people.model import Citizen, PeopleRules
from haihe.people.service import build_people
from haihe.web.guards import Viewer
from tests.citizens import found_with_money, founding
from tests.conftest import BUCKETS

BASE_URL = "http://127.0.0.1:8000"
_keys = count(1)


@dataclass
class SectorCity:
    """A city with some sectors."""

    ground: Ground
    clock: TurnableClock
    branches: Sequence[Branch]
    codes: PaymentCodes
    engine: Engine
    payments: Payments
    access: Access

    @property
    def database(self) -> Database:
        return self.ground.base.database

    async def reload(self) -> None:
        await self.ground.reload()
        for branch in self.branches:
            await branch.reload()
        await self.ground.stickers.reload()

    async def organisation(self, key: str, kind: str, *, names: Mapping[str, str] | None = None) -> Organisation:
        return await self.ground.organisations.create(
            FoundingOrganisation(key=key, names=names or {"en": key}, kind=kind, category=4900)
        )

    async def register(self, how_many: int, money: int = 1_000_00, **changes: Any) -> list[Citizen]:
        """Found citizens with money in their wallets."""
        wished = [founding(**changes) for _ in range(how_many)]
        return await found_with_money(self.ground.people, self.database, wished, money=money, now=self.clock.now())

    async def neighbours(self, money: int = 1_000_00) -> tuple[Citizen, Citizen]:
        """Give two citizens with money who live in different buckets."""
        first, *others = await self.register(16, money)
        return first, next(other for other in others if other.bucket != first.bucket)

    def viewer(self, citizen: Citizen) -> Viewer:
        return Viewer(citizen.id, citizen.bucket, 0)

    async def pay(
        self, citizen: Citizen, code: str, amount: int | None = None, *, key: str = "", companion: bool = False
    ) -> Payment:
        """Pay what a code offers, with a fresh key unless one is given."""
        key = key or f"key {next(_keys)}"
        return await self.payments.pay(PaymentRequest(citizen.id, citizen.bucket, code, key, amount, companion))

    async def charge(
        self, citizen: Citizen, kind: str, point: int, payee: int, amount: int | None = None, *, key: str = ""
    ) -> Payment:
        """Have a till charge a citizen who shows it a fresh payment code."""
        shown = await self.codes.issue(citizen=citizen.id, bucket=citizen.bucket)
        key = key or f"key {next(_keys)}"
        return await self.payments.charge(Charge(kind, point, payee, str(shown.code), key, amount))

    async def balance(self, citizen: Citizen) -> int:
        return await self.available(citizen.bucket, citizen.id)

    async def available(self, bucket: int, account: int) -> int:
        async with self.database.connection() as connection:
            return (await ledger.balances(connection, bucket, [account]))[account]

    async def till(self, organisation: int) -> int:
        """Sum up what an organisation has over all buckets."""
        async with self.database.connection() as connection:
            buckets = await ledger.bucket_count(connection)
            found = [await ledger.balances(connection, bucket, [organisation]) for bucket in range(buckets)]
        return sum(one[organisation] for one in found)

    def verified(self) -> list[str]:
        """Check everything as `haihe verify` does; give what is wrong."""
        return [str(finding) for finding in verify(self.access.owner_dsn).findings]

    async def found(self, citizens: Sequence[Citizen], *, reserved: int = 0, folder: Path = TIANJIN) -> None:
        """Have all sectors found their part of the demo city, and read it."""
        wish = Founding(folder, citizens, reserved, lambda login: f"password of {login}", self.clock.now())
        for branch in self.branches:
            await branch.found(wish)
        await self.reload()


@asynccontextmanager
async def open_ground(database: Access, *sectors: MakeBranch) -> AsyncIterator[SectorCity]:
    """Found a city, where it is not yet, and open its services, on a clock that stands still."""
    clock = TurnableClock(datetime.now(UTC).replace(microsecond=0))
    found_city(database.owner_dsn, buckets=BUCKETS, now=clock.now())
    async with open_database(database.app_dsn) as opened:
        base = Foundation(
            opened,
            clock,
            Ids(clock, node=1),
            Vault(vault_key=b"v" * 32, search_key=b"s" * 32),
            Tokens(b"t" * 32),
            Revocations(opened),
        )
        people = build_people(base, registry=Nobody(), sms=Nobody(), settings=PeopleRules())
        ground = make_ground(base, people, base_url=BASE_URL)
        branches = [make(ground) for make in sectors]
        engine = Engine(opened, clock, base.ids)
        gatherer: Gatherer[Order, Payment] = Gatherer(engine.run, flights_max=2)
        codes = PaymentCodes(opened, clock)
        payments = Payments(
            database=opened,
            clock=clock,
            stickers=ground.stickers,
            codes=codes,
            papers=build_paper_cards(base),
            organisations=ground.organisations,
            purses=ground.purses,
            dues=ground.dues,
            sectors=trades_of(branches),
            gatherer=gatherer,
            confirmations=ground.base.confirmations,
        )
        city = SectorCity(ground, clock, branches, codes, engine, payments, database)
        await city.reload()
        yield city
