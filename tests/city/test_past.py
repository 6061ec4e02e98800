"""The demo's past: posted once by the ordinary engine, whatever happens, and never taken for something that was lived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest

from haihe.base.clock import day_start, service_day
from haihe.base.database import Connection
from haihe.city import past
from haihe.city.past_plan import plan_past, read_past
from haihe.counter.branch import Founding
from haihe.ops.access import Access
from haihe.ops.demo_data import TIANJIN, read_demo
from haihe.payments.engine import Engine, Order
from haihe.people.model import Citizen
from tests.grounds import SectorCity, open_ground
from tests.tallied import trades

LISTED = read_demo().population.listed.count
KINDS = ("bus_company", "shop", "university", "utility", "hospital", "school", "social", "coach")


def wish(city: SectorCity, citizens: Sequence[Citizen]) -> Founding:
    return Founding(TIANJIN, citizens, 20, lambda login: login, city.clock.now())


async def organisations(city: SectorCity) -> None:
    for kind in KINDS:
        await city.organisation(kind.replace("_", "-"), kind)
    await city.reload()


async def count(city: SectorCity, statement: str, *parameters: object) -> int:
    async with city.database.connection() as connection:
        row = await (await connection.execute(statement.encode(), parameters)).fetchone()
    return int(row[0]) if row else 0


async def test_the_past_is_posted_once_for_others_than_those_for_trying_out(database: Access):
    async with open_ground(database, trades) as city:
        await organisations(city)
        citizens = await city.register(LISTED + 60, money=5_00)
        made = await past.found_past(city.ground, wish(city, citizens))
        assert made > 300
        assert await count(city, "SELECT count(*) FROM payments WHERE channel = 9 AND status = 0") == made
        assert await count(city, "SELECT count(*) FROM payments WHERE channel <> 9") == 0
        spared = [citizen.id for citizen in citizens[:LISTED]]
        assert await count(city, "SELECT count(*) FROM payments WHERE payer = ANY(%s)", spared) == 0
        today = service_day(city.clock.now())
        begin, end = day_start(date(today.year - 1, 1, 1)), day_start(today)
        outside = "SELECT count(*) FROM transfers WHERE payment <> 0 AND (effective < %s OR effective >= %s)"
        assert await count(city, outside, begin, end) == 0
        assert {await city.balance(citizen) for citizen in citizens} == {5_00}
        assert await count(city, "SELECT sum(payments) FROM tallies") == made
        assert city.verified() == []

        assert await past.found_past(city.ground, wish(city, citizens)) == 0
        assert await count(city, "SELECT count(*) FROM payments") == made


async def test_a_past_that_was_killed_goes_on_the_next_day_and_is_the_same(
    database: Access, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(past, "BATCH", 64)
    posted = 0
    pay = Engine.pay

    async def killed(self: Engine, connection: Connection, bucket: int, orders: Sequence[Order]) -> object:
        nonlocal posted
        posted += 1
        if posted == 4:
            raise KeyboardInterrupt
        return await pay(self, connection, bucket, orders)

    async with open_ground(database, trades) as city:
        await organisations(city)
        citizens = await city.register(LISTED + 40, money=0)
        day = service_day(city.clock.now())
        monkeypatch.setattr(Engine, "pay", killed)
        with pytest.raises(KeyboardInterrupt):
            await past.found_past(city.ground, wish(city, citizens))
        half = await count(city, "SELECT count(*) FROM payments")

        city.clock.turn(timedelta(days=1))
        made = await past.found_past(city.ground, wish(city, citizens))
        planned = plan_past(
            read_past(TIANJIN, reserved=20),
            citizens=len(citizens),
            payees={one.kind: [one.id] for one in city.ground.organisations.everyone()},
            until=day,
        )
        assert 0 < half < made == len(planned) == await count(city, "SELECT count(*) FROM payments WHERE status = 0")
        assert sum(one.amount for one in planned) == await count(
            city, "SELECT sum(amount) FROM transfers WHERE kind = 1"
        )
        assert {await city.balance(citizen) for citizen in citizens} == {0}
        assert city.verified() == []


@pytest.mark.parametrize("until", [date(2026, 1, 1), date(2026, 3, 15), date(2026, 11, 23), date(2028, 2, 29)])
def test_bill_payers_are_seventeen_times_as_many_as_a_year_before(until: date):
    plan = plan_past(read_past(TIANJIN, reserved=20), citizens=4_000, payees={"utility": [7, 8]}, until=until)
    assert {one.trade.kind for one in plan} == {"bill"}
    assert all(first.at <= second.at for first, second in pairwise(plan))
    days = [service_day(one.at) for one in plan]
    assert date(until.year - 1, 1, 1) <= days[0]
    assert days[-1] < until
    year_ago = until - timedelta(days=365)
    before = {one.place for one, day in zip(plan, days, strict=True) if year_ago - timedelta(days=40) <= day < year_ago}
    now = {one.place for one, day in zip(plan, days, strict=True) if until - timedelta(days=40) <= day < until}
    if until.month > 2:
        assert 12 < len(now) / len(before) < 24


def test_the_same_seed_makes_the_same_past_and_another_people_only_more_of_it():
    past_data = read_past(TIANJIN, reserved=20)
    payees = {"utility": [7, 8], "bus_company": [9]}
    first = plan_past(past_data, citizens=200, payees=payees, until=date(2026, 11, 23))
    assert first == plan_past(past_data, citizens=200, payees=payees, until=date(2026, 11, 23))
    assert len(plan_past(past_data, citizens=400, payees=payees, until=date(2026, 11, 23))) > len(first)
    assert min(one.place for one in first) >= LISTED
