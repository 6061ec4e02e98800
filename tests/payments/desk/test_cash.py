"""Cash at a counter is credited once and whole, out of the counter's own till, within what a drawer may hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any, cast

import psycopg
import pytest

from haihe.base.errors import Refusal
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag
from haihe.ops.access import Access
from haihe.organisations.approvals.errors import OwnApproval
from haihe.organisations.approvals.model import Approval, Status, written
from haihe.organisations.approvals.service import Approvals
from haihe.organisations.model import FoundingStaff, Organisation, Role
from haihe.payments.desk.cash import CashDesk
from haihe.payments.desk.errors import (
    AlreadyReversed,
    CashKeyReused,
    CashSpent,
    CounterLacksMoney,
    DrawerFull,
    NotYourCash,
    ReversedTooLate,
    WalletTakesNothing,
)
from haihe.payments.desk.model import CASH_FEN_MAX, DRAWER_FEN_MAX, REVERSAL, SERVICE_HALL, CashIn, Visit
from haihe.payments.desk.reversals import NAME
from haihe.payments.desk.service import Desk, build_desk
from haihe.people.model import Citizen
from haihe.web.guards import Staff
from tests.grounds import SectorCity, open_ground

FLOAT = 60_000_00
_keys = count(1)


@dataclass
class Counter:
    """A service hall with a clerk."""

    city: SectorCity
    hall: Organisation
    desk: Desk
    cash: CashDesk

    @property
    def clerk(self) -> Staff:
        return Staff(7, self.hall.id, 1, "clerk", "He")

    async def visit(self, citizen: Citizen) -> Visit:
        return await self.desk.find(self.clerk, citizen.phone)

    async def take(self, visit: Visit, amount: int, *, key: str = "", clerk: Staff | None = None) -> CashIn:
        return await self.cash.take(clerk or self.clerk, visit, amount=amount, key=key or f"form {next(_keys)}")

    async def deeds(self, citizen: Citizen) -> list[tuple[str, str]]:
        async with self.city.database.connection() as connection:
            rows = await connection.execute(
                "SELECT action, outcome FROM audit WHERE subject = %s ORDER BY number", (citizen.id,)
            )
            return [(row[0], row[1]) for row in await rows.fetchall()]


@pytest.fixture
async def counter(database: Access) -> AsyncIterator[Counter]:
    async with open_ground(database) as city:
        hall = await city.organisation("hall", SERVICE_HALL)
        papers = city.payments.papers
        desk = build_desk(city.ground.base, city.ground.people, cards=cast("Any", None), papers=papers)
        counter = Counter(city, hall, desk, desk.cash)
        for _ in range(2):  # a repeated founding posts once
            await counter.cash.found_floats(hall.id, amount=FLOAT, effective=city.clock.now())
        yield counter


async def test_cash_moves_from_the_counters_till_to_the_wallet_once(counter: Counter):
    (citizen,) = await counter.city.register(1, 0)
    visit = await counter.visit(citizen)
    till = await counter.city.till(counter.hall.id)
    taken = await asyncio.gather(*(counter.take(visit, 50_00, key="one form") for _ in range(5)))
    assert len({one.id for one in taken}) == 1
    assert await counter.take(visit, 50_00, key="one form") == taken[0]
    with pytest.raises(CashKeyReused):
        await counter.take(visit, 51_00, key="one form")
    assert await counter.city.balance(citizen) == 50_00
    assert await counter.city.till(counter.hall.id) == till - 50_00
    today = taken[0].day
    assert await counter.cash.day(counter.hall.id, today) == [taken[0]]
    assert await counter.cash.sums(counter.hall.id, today) == {counter.clerk.person: (1, 50_00)}
    assert await counter.cash.receipt(counter.clerk, taken[0].id) == taken[0]
    told = await counter.deeds(citizen)
    assert [one for one in told if one[0] == "cash_in"] == [("cash_in", "done"), ("cash_in", "key_reused")]
    assert counter.city.verified() == []


async def test_what_is_refused_moves_nothing(counter: Counter):
    citizen, frozen = await counter.city.register(2, 0)
    visit, stopped = await counter.visit(citizen), await counter.visit(frozen)
    till = await counter.city.till(counter.hall.id)
    async with counter.city.database.transaction() as connection:
        await ledger.set_flags(connection, frozen.bucket, frozen.id, add=AccountFlag.FROZEN)
    for amount in (0, -1, 99, CASH_FEN_MAX + 1):
        with pytest.raises(Refusal, match="cash_amount_invalid"):
            await counter.take(visit, amount)
    with pytest.raises(WalletTakesNothing):
        await counter.take(stopped, 50_00)
    poor = await counter.city.organisation("poor", SERVICE_HALL)
    with pytest.raises(CounterLacksMoney):
        await counter.take(visit, 50_00, clerk=Staff(8, poor.id, 1, "clerk"))
    assert await counter.city.balance(citizen) == 0
    assert await counter.city.till(counter.hall.id) == till
    assert await counter.cash.sums(counter.hall.id, counter.city.clock.now().date()) == {}
    refused = {outcome for action, outcome in await counter.deeds(citizen) if action == "cash_in"}
    assert refused == {"cash_amount_invalid", "till_lacks_money"}
    assert counter.city.verified() == []


async def test_many_at_once_never_fill_a_drawer_above_its_limit(counter: Counter):
    (citizen,) = await counter.city.register(1, 0)
    visit = await counter.visit(citizen)
    answers = await asyncio.gather(
        *(counter.take(visit, CASH_FEN_MAX) for _ in range(DRAWER_FEN_MAX // CASH_FEN_MAX + 4)), return_exceptions=True
    )
    assert {type(one) for one in answers} == {CashIn, DrawerFull}
    assert await counter.city.balance(citizen) == DRAWER_FEN_MAX
    colleague = Staff(9, counter.hall.id, 1, "clerk")
    assert (await counter.take(visit, 1_00, clerk=colleague)).clerk == colleague.person
    assert counter.city.verified() == []


async def test_cash_in_is_taken_back_by_two_people_within_minutes_once(counter: Counter):
    (citizen,) = await counter.city.register(1, 0)
    names = ("clerk-one", "clerk-two")
    members = [
        FoundingStaff(organisation=counter.hall.id, login=name, name=name, role=Role.CLERK, password="a long password")
        for name in names
    ]
    await counter.city.ground.organisations.found_staff(members)
    one, two = [
        Staff(member.id, counter.hall.id, 1, "clerk")
        for member in await counter.city.ground.organisations.staff_of(counter.hall.id)
    ]
    visit = await counter.desk.find(one, citizen.phone)
    approvals = Approvals(counter.city.ground.base, {NAME: counter.desk.reversals.kind()})
    wrong = await counter.take(visit, 500_00, clerk=one)
    right = await counter.take(visit, 50_00, clerk=one)
    with pytest.raises(NotYourCash):
        counter.desk.reversals.check(two, wrong)
    counter.desk.reversals.check(one, wrong)
    asked = [await approvals.ask(one, NAME, {"cash_in": str(cash.id)}) for cash in (wrong, right)]
    with pytest.raises(OwnApproval):
        await approvals.decide(one, asked[0].id, shown=asked[0].digest.hex(), status=Status.APPROVED)
    await approvals.decide(two, asked[0].id, shown=asked[0].digest.hex(), status=Status.APPROVED)
    assert await counter.city.balance(citizen) == 50_00
    again = await approvals.ask(one, NAME, {"cash_in": str(wrong.id)})
    with pytest.raises(AlreadyReversed):
        await approvals.decide(two, again.id, shown=again.digest.hex(), status=Status.APPROVED)
    assert await counter.cash.sums(counter.hall.id, wrong.day) == {one.person: (1, 50_00)}
    assert [cash.is_reversed for cash in await counter.cash.day(counter.hall.id, wrong.day)] == [False, True]
    counter.city.clock.turn(REVERSAL + timedelta(seconds=1))
    with pytest.raises(ReversedTooLate):
        counter.desk.reversals.check(one, right)
    with pytest.raises(ReversedTooLate):
        await approvals.decide(two, asked[1].id, shown=asked[1].digest.hex(), status=Status.APPROVED)
    assert await counter.city.balance(citizen) == 50_00
    assert counter.city.verified() == []


async def test_cash_that_was_spent_is_not_taken_back(counter: Counter):
    (citizen,) = await counter.city.register(1, 0)
    cash = await counter.take(await counter.visit(citizen), 50_00)
    async with counter.city.database.transaction() as connection:
        await ledger.set_flags(connection, citizen.bucket, citizen.id, add=AccountFlag.FROZEN)
    approval = Approval(
        1, counter.hall.id, 7, 0, cash.taken_at, cash.taken_at, cash.taken_at, Status.OPEN, NAME, written({"cash_in": str(cash.id)}), b""
    )  # fmt: skip
    with pytest.raises(CashSpent):
        async with counter.city.database.transaction() as connection:
            await counter.desk.reversals.apply(connection, approval, 9)
    assert counter.city.verified() == []


async def test_check_names_cash_that_does_not_agree(counter: Counter, database: Access):
    (citizen,) = await counter.city.register(1, 0)
    await counter.take(await counter.visit(citizen), 50_00)
    with psycopg.connect(database.owner_dsn) as connection:
        connection.execute("UPDATE cash_ins SET amount = amount + 1")
    found = counter.city.verified()
    assert any("does not match its posting" in one for one in found)
    assert any("the drawer of clerk" in one for one in found)
