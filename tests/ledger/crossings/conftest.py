"""A city of four buckets with one citizen in each, and crossings between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
import pytest

from haihe.base.clock import SystemClock
from haihe.base.database import Connection, Database
from haihe.base.ids import Ids
from haihe.ledger import service as ledger
from haihe.ledger.crossings.model import Arrival, Crossing, Return, State
from haihe.ledger.crossings.service import Crossings
from haihe.ledger.model import AccountFlag, AccountKind, Leg, NewAccount, Posted, Posting, SystemAccount, TransferKind
from haihe.ops.verify import verify
from tests.conftest import BUCKETS

MONEY = 100_00
FLAGS = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED


def citizen_of(bucket: int) -> int:
    return 1000 + bucket


@dataclass
class Ear:
    """A follower that keeps what it was told."""

    arrivals: list[int] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    deaf_to: int = 0

    async def arrived(self, connection: Connection, bucket: int, arrivals: Sequence[Arrival]) -> None:
        if self.deaf_to in {one.crossing.id for one in arrivals}:
            raise ValueError("deaf")
        self.arrivals += [one.crossing.id for one in arrivals]

    async def returned(self, connection: Connection, bucket: int, returns: Sequence[Return]) -> None:
        self.returns += returns


@dataclass
class Town:
    """Four citizens, each in a bucket of their own, with 100 yuan each."""

    database: Database
    owner_dsn: str
    ids: Ids
    ear: Ear = field(default_factory=Ear)

    @property
    def crossings(self) -> Crossings:
        return Crossings(self.database, SystemClock(), self.ear)

    def crossing(self, bucket: int, target: int, amount: int, *, credit: int = 0) -> Crossing:
        identity, undo = self.ids.take(2)
        return Crossing(
            identity,
            undo,
            bucket,
            target,
            citizen_of(bucket),
            credit or citizen_of(target),
            amount,
            SystemClock().now(),
        )

    async def begin(self, *crossings: Crossing) -> list[Posted]:
        """Do step 1 of crossings from one bucket, and commit."""
        async with self.database.transaction() as connection:
            return await self.crossings.begin(connection, crossings[0].bucket, crossings)

    async def states(self, *crossings: Crossing) -> list[State | None]:
        with psycopg.connect(self.owner_dsn) as connection:
            rows = connection.execute("SELECT bucket, id, state FROM crossings").fetchall()
        found = {(bucket, identity): State(state) for bucket, identity, state in rows}
        return [found.get((one.bucket, one.id)) for one in crossings]

    def arrived(self) -> set[int]:
        with psycopg.connect(self.owner_dsn) as connection:
            return {row[0] for row in connection.execute("SELECT id FROM crossings WHERE state = 1")}

    async def has(self, bucket: int, account: int | None = None) -> int:
        account = citizen_of(bucket) if account is None else account
        async with self.database.connection() as connection:
            return (await ledger.balances(connection, bucket, [account]))[account]

    async def bridges(self) -> list[int]:
        return [await self.has(bucket, SystemAccount.BRIDGE) for bucket in range(BUCKETS)]

    async def flag(self, bucket: int, flag: AccountFlag) -> None:
        async with self.database.transaction() as connection:
            await ledger.set_flags(connection, bucket, citizen_of(bucket), add=flag)

    def found_wrong(self) -> list[str]:
        return [f"{one.check} {one.text}" for one in verify(self.owner_dsn).findings]


async def settle(database: Database, owner_dsn: str) -> Town:
    """Open the accounts and fill them."""
    town = Town(database, owner_dsn, Ids(SystemClock(), node=3))
    for bucket in range(BUCKETS):
        who = citizen_of(bucket)
        leg = Leg(SystemAccount.RESERVE, who, MONEY, TransferKind.OPENING)
        async with database.transaction() as connection:
            await ledger.open_accounts(connection, bucket, [NewAccount(who, AccountKind.WALLET, who, FLAGS)])
            opening = Posting(town.ids.next(), (leg,), SystemClock().now(), subject=who)
            await ledger.post(connection, bucket, [opening], now=SystemClock().now())
    return town


@pytest.fixture
async def town(database_pool: Database, owner_dsn: str) -> Town:
    return await settle(database_pool, owner_dsn)
