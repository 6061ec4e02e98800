"""A ferry on which many pay: a sponsor bears what the pier says, two purses go first, the wallet pays the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from haihe.base.database import Connection
from haihe.counter.branch import Branch, Ground
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, SystemAccount
from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.payments.model import Asking, Contribution, Description, Offer, Payment, Refused, Scan
from haihe.payments.refunds.engine import Answer
from haihe.payments.refunds.model import RefundRequest
from haihe.payments.refunds.service import Refunds, build_refunds
from haihe.payments.tallies import Tallies
from haihe.people.model import Citizen
from haihe.wallet.purses.model import Accepted, Fund, Grant, Scheme
from haihe.web.part import Part
from tests.conftest import BUCKETS
from tests.grounds import SectorCity, open_ground

NUMBER = 96
STAFF = 77
_keys = count(1)


@dataclass
class Ferry:
    """`ferry-…` names the operator; whoever pays says the price; `sponsored` fen of it are borne by the sponsor."""

    ground: Ground
    kind: str = "ferry"
    number: int = NUMBER
    icon: str = "ship"
    title: str = "Ferries"
    sponsored: int = 0
    cursed: bool = False
    heard: list[tuple[int, int]] = field(default_factory=list)

    async def price(self, scan: Scan) -> Offer:
        purses = self.ground.purses
        contributions = (Contribution(purses.fund("sponsor").id, self.sponsored),) if self.sponsored else ()
        schemes = tuple(Accepted(purses.scheme(key).id) for key in ("senior", "green"))
        return Offer(replace(scan, payee=scan.point), scan.amount or 0, 7, schemes, contributions)

    async def ask(self, scan: Scan, language: str) -> Asking:
        return Asking(scan.point, Description(self.title, self.icon))

    async def admit(self, connection: Connection, bucket: int, offers: Sequence[Offer]) -> Sequence[Refused | None]:
        return [None] * len(offers)

    async def record(self, connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
        """Nothing."""

    async def describe(
        self, connection: Connection, payments: Sequence[Payment], language: str
    ) -> Sequence[Description]:
        return [Description("Ferry across", self.icon) for _ in payments]

    async def refunded(self, connection: Connection, bucket: int, refunds: Sequence[tuple[Payment, Payment]]) -> None:
        if self.cursed:
            raise RuntimeError("cannot write it down")
        self.heard += [(refund.id, payment.id) for refund, payment in refunds]


@dataclass
class Pier:
    """The city with its ferry, its operator, the sponsor's fund and two kinds of purses."""

    city: SectorCity
    ferry: Ferry
    operator: Organisation
    fund: Fund
    refunds: Refunds

    async def fill(self, citizen: Citizen, **money: int) -> None:
        """Put fen into purses of a citizen: senior=…, green=…."""
        for key, fen in money.items():
            grant = Grant(self.city.ground.base.ids.next(), citizen.id, fen)
            scheme = self.scheme(key)
            await self.city.ground.purses.grant(scheme, citizen.bucket, [grant], effective=self.city.clock.now())

    def scheme(self, key: str) -> Scheme:
        return self.city.ground.purses.scheme(key)

    async def ride(self, citizen: Citizen, fare: int, *, sponsored: int = 0) -> Payment:
        self.ferry.sponsored = sponsored
        return await self.city.pay(citizen, f"ferry-{self.operator.id}", fare)

    async def give_back(
        self, payment: int, amount: int | None = None, *, key: str = "", reason: str = "Ferry was late", by: int = 0
    ) -> Payment:
        return await self.refunds.give_back(
            organisation=by or self.operator.id,
            staff=STAFF,
            payment=payment,
            amount=amount,
            reason=reason,
            key=key or f"refund {next(_keys)}",
        )

    async def batch(self, bucket: int, *wishes: tuple[Payment, int | None, str]) -> list[Answer]:
        """Give back a list of payments of one bucket at once: (payment, fen or None, key)."""
        requests = [
            RefundRequest(
                payment=payment.id,
                bucket=bucket,
                organisation=self.operator.id,
                staff=STAFF,
                key=key,
                reason="Fog",
                amount=amount,
            )
            for payment, amount, key in wishes
        ]
        return await self.refunds.engine.run(bucket, requests)

    async def at_once(self, payment: Payment, amount: int, times: int) -> list[Payment | BaseException]:
        return await asyncio.gather(*(self.give_back(payment.id, amount) for _ in range(times)), return_exceptions=True)

    async def holds(self, citizen: Citizen) -> tuple[int, int, int]:
        """Say what a citizen has: wallet, senior purse, green purse."""
        purses = await self.city.ground.purses.of(citizen=citizen.id, bucket=citizen.bucket)
        left = {purse.scheme: purse.amount for purse in purses}
        return (
            await self.city.balance(citizen),
            left.get(self.scheme("senior").id, 0),
            left.get(self.scheme("green").id, 0),
        )

    async def till(self) -> int:
        return await self.city.till(self.operator.id)

    async def in_flight(self, citizen: Citizen) -> int:
        return await self.city.available(citizen.bucket, SystemAccount.REFUNDS_IN_FLIGHT)

    async def flag(self, bucket: int, account: int, *, add: int = 0, remove: int = 0) -> None:
        async with self.city.database.transaction() as connection:
            await ledger.set_flags(connection, bucket, account, add=AccountFlag(add), remove=AccountFlag(remove))

    async def purse_account(self, citizen: Citizen, key: str) -> int:
        purses = await self.city.ground.purses.of(citizen=citizen.id, bucket=citizen.bucket)
        return next(purse.account for purse in purses if purse.scheme == self.scheme(key).id)

    def tallies(self) -> Tallies:
        return Tallies(self.city.database, self.city.clock, self.city.ground.dues)


@pytest.fixture
async def pier(database: Access) -> AsyncIterator[Pier]:
    """The pier; the sponsor has paid 100.00 into every bucket."""
    ferries: list[Ferry] = []

    def branch(ground: Ground) -> Branch:
        ferries.append(Ferry(ground))
        return Branch(Part("ferry"), trades=(ferries[0],))

    async with open_ground(database, branch) as city:
        sponsor = await city.organisation("sponsor", "city")
        operator = await city.organisation("ferries", "bus", names={"en": "Haihe Ferries", "zh": "海河轮渡"})
        fund = await city.ground.purses.found_fund(organisation=sponsor.id, key="sponsor", names={"en": "Sponsor"})
        for bucket in range(BUCKETS):
            posting = city.ground.base.ids.next()
            await city.ground.purses.pay_in(fund, bucket, posting=posting, amount=100_00, effective=city.clock.now())
        await city.ground.purses.found_scheme(key="senior", names={"en": "Senior purse"}, fund=fund)
        await city.ground.purses.found_scheme(key="green", names={"en": "Green travel purse"}, fund=fund)
        refunds = build_refunds(city.database, city.clock, city.ground.base.ids, city.payments.sectors)
        yield Pier(city, ferries[0], operator, fund, refunds)
