"""A sector as small as can be, two citizens and an operator, for tests of the engine that every sector shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from haihe.base.clock import SystemClock
from haihe.base.database import Connection, Database
from haihe.base.ids import Ids
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, AccountKind, Leg, NewAccount, Posting, SystemAccount, TransferKind
from haihe.payments.engine import Engine, Order
from haihe.payments.keys import content_hash, key_hash
from haihe.payments.model import (
    Asking,
    Contribution,
    Description,
    Offer,
    Payment,
    PaymentRequest,
    Refused,
    Scan,
    Status,
)

BUCKET = 1
LI, WANG, OPERATOR = 1000, 1001, 2000
FARE = 2_00


@dataclass
class PlainSector:
    """Everything costs two yuan; `unwelcome` payers are not admitted, and recording `cursed` payers fails.

    `payee` is paid where nobody else is named, and `fixed` is what others bear.
    """

    kind: str = "plain"
    number: int = 99
    icon: str = "circle"
    title: str = "Plain"
    unwelcome: set[int] = field(default_factory=set)
    cursed: set[int] = field(default_factory=set)
    recorded: list[list[int]] = field(default_factory=list)
    payee: int = 0
    fixed: tuple[Contribution, ...] = ()

    async def price(self, scan: Scan) -> Offer:
        return Offer(replace(scan, payee=self.payee or scan.payee), FARE, 7, contributions=self.fixed)

    async def ask(self, scan: Scan, language: str) -> Asking:
        return Asking(self.payee or scan.payee, Description("", self.icon), await self.price(scan))

    async def admit(self, connection: Connection, bucket: int, offers: Sequence[Offer]) -> Sequence[Refused | None]:
        return [
            Refused(Status.ALREADY_PAID, names=16) if offer.scan.payer in self.unwelcome else None for offer in offers
        ]

    async def record(self, connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
        if self.cursed & {offer.scan.payer for offer, _ in paid}:
            raise RuntimeError("cannot record")
        self.recorded.append([payment.id for _, payment in paid])

    async def describe(
        self, connection: Connection, payments: Sequence[Payment], language: str
    ) -> Sequence[Description]:
        return [Description("plain", self.icon) for _ in payments]

    def describe_scan(self, scan: Scan, language: str) -> Description:
        return Description("plain", self.icon)


@dataclass
class Street:
    """The engine with its people."""

    database: Database
    engine: Engine
    sector: PlainSector

    def order(self, payer: int, key: str, code: str = "code") -> Order:
        request = PaymentRequest(payer, BUCKET, code, key)
        scan = Scan("plain", point=5, payee=OPERATOR, payer=payer, bucket=BUCKET, at=self.engine.clock.now())
        return Order(Offer(scan, FARE, 7), self.sector, key_hash(request), content_hash(request))

    async def pay(self, *orders: Order) -> Sequence[Payment | BaseException]:
        return await self.engine.run(BUCKET, orders)

    async def balance(self, account: int) -> int:
        async with self.database.connection() as connection:
            return (await ledger.balances(connection, BUCKET, [account]))[account]


@pytest.fixture
async def street(database_pool: Database) -> Street:
    """Li has 10 yuan, Wang has 3."""
    clock = SystemClock()
    ids = Ids(clock, node=3)
    wallet = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED
    async with database_pool.transaction() as connection:
        await ledger.open_accounts(
            connection,
            BUCKET,
            [
                NewAccount(LI, AccountKind.WALLET, LI, wallet),
                NewAccount(WANG, AccountKind.WALLET, WANG, wallet),
                NewAccount(OPERATOR, AccountKind.TILL, OPERATOR, AccountFlag.NO_OVERDRAFT),
            ],
        )
        opening = [
            Posting(ids.next(), (Leg(SystemAccount.RESERVE, who, fen, TransferKind.OPENING),), clock.now(), subject=who)
            for who, fen in ((LI, 10_00), (WANG, 3_00))
        ]
        await ledger.post(connection, BUCKET, opening, now=clock.now())
    return Street(database_pool, Engine(database_pool, clock, ids), PlainSector())
