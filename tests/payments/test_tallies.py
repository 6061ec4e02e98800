"""The tallies count every payment once, whoever reads them and whenever; an organisation's day equals the ledger."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import date, timedelta

import psycopg
import pytest

from haihe.base.clock import service_day
from haihe.base.database import open_database
from haihe.base.i18n import money
from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.payments import tallies_store
from haihe.payments.refunds.service import build_refunds
from haihe.payments.tallies import Tallies
from tests.grounds import SectorCity, open_ground
from tests.tallied import owe, tallies_of, trades, visiting_city

IN_THE_LEDGER = """
SELECT coalesce(sum(amount), 0)::bigint
FROM transfers
WHERE kind = 1 AND credit = %s AND (effective AT TIME ZONE 'Asia/Shanghai')::date = %s
"""


async def ask(city: SectorCity, statement: str, *parameters: object) -> list[tuple[object, ...]]:
    async with city.database.connection() as connection:
        return await (await connection.execute(statement.encode(), parameters)).fetchall()


async def shops(city: SectorCity) -> tuple[Organisation, Organisation]:
    return await city.organisation("melons", "shop"), await city.organisation("water", "utility")


async def test_every_payment_is_counted_once_by_day_hour_and_kind(database: Access):
    async with open_ground(database, trades) as city:
        melons, water = await shops(city)
        li, wang = await city.neighbours()
        tallies = tallies_of(city)
        assert await tallies.catch_up() == 0
        today = service_day(city.clock.now())
        for hours in range(0, 48, 7):
            city.clock.turn(timedelta(hours=7) if hours else timedelta())
            await city.pay(li, f"stall-{melons.id}", 3_50)
            await city.pay(wang, await owe(city, water, wang, 49_00, f"period {hours}"))
        assert await tallies.catch_up() == 14
        assert await tallies.catch_up() == 0
        counted = await ask(city, "SELECT sum(payments), sum(amount) FROM tallies")
        assert counted == [(14, 7 * 3_50 + 7 * 49_00)]
        for shop in (melons, water):
            for day in (today + timedelta(days=n) for n in range(3)):
                (in_the_ledger,) = (await ask(city, IN_THE_LEDGER, shop.id, day))[0]
                assert (await tallies.day(shop.id, day)).paid.amount == in_the_ledger
        newcomers = await ask(city, "SELECT kind, sum(newcomers) FROM kind_days GROUP BY kind ORDER BY kind")
        years = {today.year, (today + timedelta(days=2)).year}
        assert newcomers == [(97, len(years)), (98, len(years))]
        assert city.verified() == []


async def test_readers_at_once_and_one_that_dies_count_nothing_twice(database: Access, monkeypatch: pytest.MonkeyPatch):
    async with open_ground(database, trades) as city, open_database(database.app_dsn) as elsewhere:
        melons, _ = await shops(city)
        people = await city.register(12)
        other = Tallies(elsewhere, city.clock, city.ground.dues)

        async def buy() -> None:
            for _ in range(4):
                await asyncio.gather(*(city.pay(one, f"stall-{melons.id}", 1_00) for one in people))

        async def read(tallies: Tallies) -> int:
            return sum([await tallies.catch_up() for _ in range(12)])

        counted = await asyncio.gather(buy(), read(tallies_of(city)), read(other))
        assert sum(number for number in counted if number) + await other.catch_up() == 48

        await city.pay(people[0], f"stall-{melons.id}", 1_00)
        add = tallies_store.add

        async def killed(*args: object, **more: object) -> tuple[int, int]:
            await add(*args, **more)  # type: ignore[arg-type]
            raise KeyboardInterrupt

        monkeypatch.setattr(tallies_store, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            await other.catch_up()
        monkeypatch.setattr(tallies_store, "add", add)
        assert await other.catch_up() == 1
        assert await ask(city, "SELECT sum(payments) FROM tallies") == [(49,)]
        assert city.verified() == []


async def test_many_batches_are_added_up_in_steps(database: Access, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tallies_store, "BATCHES_MAX", 2)
    async with open_ground(database, trades) as city:
        melons, _ = await shops(city)
        (li,) = await city.register(1)
        for _ in range(7):
            await city.pay(li, f"stall-{melons.id}", 1_00)
        assert await tallies_of(city).catch_up() == 7
        assert city.verified() == []


async def test_who_turns_out_to_have_paid_before_is_a_newcomer_of_the_earlier_day(database: Access):
    async with open_ground(database, trades) as city:
        melons, _ = await shops(city)
        (li,) = await city.register(1)
        tallies = tallies_of(city)
        first = service_day(city.clock.now())
        city.clock.turn(timedelta(days=1))
        await city.pay(li, f"stall-{melons.id}", 1_00)
        await tallies.catch_up()
        city.clock.turn(timedelta(days=-1))
        await city.pay(li, f"stall-{melons.id}", 1_00)
        await tallies.catch_up()
        same_year = first.year == (first + timedelta(days=1)).year
        expected = [(first, 1), (first + timedelta(days=1), 0 if same_year else 1)]
        assert await ask(city, "SELECT day, newcomers FROM kind_days ORDER BY day") == expected
        assert city.verified() == []


@pytest.mark.parametrize(
    ("tampering", "check"),
    [
        ("UPDATE tallies SET amount = amount + 1", "payments.tallies"),
        ("UPDATE kind_days SET payments = payments + 1", "payments.tallies"),
        ("UPDATE kind_days SET newcomers = newcomers + 1", "payments.payers"),
        ("DELETE FROM payers", "payments.payers"),
        ("UPDATE payers SET first_day = first_day - 1", "payments.payers"),
        ("UPDATE tally_cursors SET batch = batch + 1", "payments.payers"),
        ("UPDATE tally_cursors SET batch = batch - 1", "payments.tallies"),
    ],
)
async def test_tallies_that_do_not_agree_are_named(database: Access, tampering: str, check: str):
    async with open_ground(database, trades) as city:
        melons, _ = await shops(city)
        (li,) = await city.register(1)
        await city.pay(li, f"stall-{melons.id}", 1_00)
        await tallies_of(city).catch_up()
        assert city.verified() == []
        with psycopg.connect(database.owner_dsn) as connection:
            connection.execute(tampering.encode())
        assert any(check in finding for finding in city.verified())


def figures(page: str) -> Sequence[tuple[str, str]]:
    """Read the page's figures: charged, paid, open, refunded, withdrawn."""
    return re.findall(r'<p class="big">([^<]*)</p><p class="foot">([^<]*)</p>', page)


async def test_organisations_day_equals_the_ledger_and_nobody_elses_is_seen(database: Access):
    async with open_ground(database, trades) as city:
        melons, water = await shops(city)
        (li, wang) = await city.neighbours()
        paid = await city.pay(li, await owe(city, water, li, 49_00))
        await owe(city, water, wang, 58_80)
        withdrawn = await owe(city, water, wang, 7_00, "2026-09")
        await city.ground.dues.withdraw([int(withdrawn.removeprefix("rent-"))], organisation=water.id)
        sold = await city.pay(wang, f"stall-{melons.id}", 3_50)
        today = service_day(city.clock.now())

        async with visiting_city(city, role="manager", organisation=water.id) as office:
            page = (await office.get("/console/today")).text
            assert figures(page) == [
                ("¥114.80", "3 items"),
                ("¥49.00", "1 item"),
                ("¥58.80", "1 item"),
                ("¥0.00", "0 items"),
                ("¥7.00", "1 item"),
            ]
            assert str(paid.id) in page
            assert "Rent 2026-10" in page
            assert li.masked_name in page
            assert li.name not in page
            assert str(sold.id) not in page
            assert "3.50" not in page

            refunds = build_refunds(city.database, city.clock, city.ground.base.ids, city.payments.sectors)
            await refunds.give_back(
                organisation=water.id, staff=1, payment=paid.id, amount=9_00, reason="Leak", key="once"
            )
            assert figures((await office.get("/console/today")).text)[3] == ("¥9.00", "1 item")
            before = (await office.get(f"/console/today?day={today - timedelta(days=1)}")).text
            assert figures(before)[1] == ("¥0.00", "0 items")
            for nonsense in ("2026-02-30", "1066-10-14", "x", str(today + timedelta(days=2))):
                assert figures((await office.get(f"/console/today?day={nonsense}")).text) == figures(
                    (await office.get("/console/today")).text
                )

        for language in ("zh", "ru"):
            async with visiting_city(city, role="accountant", organisation=melons.id, language=language) as office:
                page = (await office.get("/console/today")).text
                assert [amount for amount, _ in figures(page)][:2] == [money(3_50, language)] * 2
                assert str(paid.id) not in page

        async with visiting_city(city, role="cashier", organisation=melons.id) as counter:
            assert (await counter.get("/console/today")).status_code == 403
        async with visiting_city(city) as street:
            assert (await street.get("/console/today")).status_code in {303, 302, 401}


async def test_latest_payments_are_the_newest_of_the_day_whenever_they_were_posted(database: Access):
    async with open_ground(database, trades) as city:
        melons, _ = await shops(city)
        people = await city.register(5)
        tallies = tallies_of(city)
        made = []
        for turn in range(25):
            city.clock.turn(timedelta(minutes=1))
            made.append(await city.pay(people[turn % 5], f"stall-{melons.id}", 1_00))
        day: date = service_day(city.clock.now())
        newest = [payment.id for payment in reversed(made) if service_day(payment.paid_at) == day][:20]
        assert [identity for _, identity in (await tallies.day(melons.id, day)).latest] == newest
