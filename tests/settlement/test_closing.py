"""A day closes while payments go on, is settled once, and never changes."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from haihe.base.clock import day_start
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posting, Result, SystemAccount, TransferKind
from haihe.ops.access import Access
from haihe.people.model import Citizen
from haihe.settlement import store
from haihe.settlement.errors import DayNotOver
from tests.settling import open_settled


async def test_a_day_is_settled_to_the_fen_and_payments_after_midnight_belong_to_the_next(
    database: Access, tmp_path: Path
):
    async with open_settled(database, tmp_path) as one:
        melons, water = await one.shop(), await one.shop("water", "utility")
        li, wang = await one.city.neighbours()
        one.on(one.today, hour=23)
        lunch = await one.buy(li, melons, 20_00)
        await one.buy(wang, melons, 13_33)
        await one.buy(wang, water, 49_00)
        await one.give_back(lunch, 5_00)
        day = one.next_day()
        late = await one.buy(li, melons, 7_00)  # before the day was closed, and not of it
        assert await one.settlements.closing.close() == {day: 2}

        (of_melons, of_water), _ = await one.settlements.of_day(day)
        if of_melons.organisation != melons.id:
            of_melons, of_water = of_water, of_melons
        assert (of_melons.gross, of_melons.refunded, of_melons.fee, of_melons.net) == (33_33, 5_00, 17, 28_16)
        assert (of_water.gross, of_water.refunded, of_water.fee, of_water.net) == (49_00, 0, 0, 49_00)
        shares = await one.ask(
            "SELECT bucket, fee, fee_posted FROM settlement_shares WHERE organisation = %s ORDER BY bucket", melons.id
        )
        assert sum(fee for _, fee, _ in shares) == 17
        assert all(posted for *_, posted in shares)
        fees = [await one.city.available(bucket, SystemAccount.FEES) for bucket in range(4)]
        assert {bucket: fee for bucket, fee in enumerate(fees) if fee} == {bucket: fee for bucket, fee, _ in shares}
        assert one.wrong() == []

        assert await one.settlements.closing.close() == {}  # again: nothing
        assert await one.settlements.closing.close_day(day) == 2
        day = one.next_day()
        assert await one.settlements.closing.close() == {day: 1}
        assert (await one.settlements.settlement(melons.id, day)).gross == late.amount
        assert one.wrong() == []


async def test_a_day_that_is_not_over_is_not_closed_and_one_that_is_closed_takes_nothing(
    database: Access, tmp_path: Path
):
    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        (li,) = await one.city.register(1)
        await one.buy(li, melons, 1_00)
        today = one.today
        with pytest.raises(DayNotOver):
            await one.settlements.closing.close(today)
        async with one.city.database.connection() as connection:
            with pytest.raises(psycopg.errors.RaiseException, match="not over"):
                await store.close_day(connection, li.bucket, today, now=one.city.clock.now())
        day = one.next_day()
        await one.settlements.closing.close()
        one.city.clock.turn(timedelta(hours=-6))  # a clock that goes back
        assert one.today == day
        await one.buy(li, melons, 2_00)
        booked = await one.ask(
            "SELECT booking_day FROM batches WHERE bucket = %s ORDER BY number DESC LIMIT 1", li.bucket
        )
        assert booked == [(day + timedelta(days=1),)]
        for statement in (
            "UPDATE heads SET booking_day = '2017-01-01'",
            "DELETE FROM closed_days",
            "INSERT INTO closed_days VALUES (0, '2017-01-01', 1, 1, now())",
            "UPDATE settlements SET gross = 0",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await one.ask(statement)
        assert one.wrong() == []


async def test_a_close_that_was_killed_anywhere_goes_on(
    database: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    class KilledError(Exception):
        pass

    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        for citizen in await one.city.register(8):
            await one.buy(citizen, melons, 33_33)
        day = one.next_day()
        for name, lives in (
            ("close_day", 2),
            ("put_shares", 3),
            ("set_fees", 0),
            ("insert", 0),
            ("mark_settled", 0),
            ("open_fees", 1),
            ("mark_fees_posted", 1),
        ):
            with monkeypatch.context() as patch:
                _dies(patch, name, lives, KilledError)
                with pytest.raises(KilledError):
                    await one.settlements.run()
        await one.settlements.run()
        settled = await one.settlements.settlement(melons.id, day)
        assert (settled.gross, settled.fee) == (8 * 33_33, 160)
        assert sum([await one.city.available(bucket, SystemAccount.FEES) for bucket in range(4)]) == 160
        assert one.pushed() == [(one.pushed()[0][0], 8 * 33_33 - 160)]
        assert one.wrong() == []


def _dies(patch: pytest.MonkeyPatch, name: str, lives: int, error: type[Exception]) -> None:
    """Let a process die after a step was done `lives` times, before the next one."""
    real = getattr(store, name)
    left = lives

    async def step(*arguments: object, **options: object) -> object:
        nonlocal left
        if not left:
            raise error
        left -= 1
        return await real(*arguments, **options)

    patch.setattr(store, name, step)


async def test_a_city_that_slept_closes_every_day_and_pays_once(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        (li,) = await one.city.register(1)
        await one.buy(li, melons, 10_00)
        first = one.next_day()
        await one.buy(li, melons, 20_00)
        one.on(first + timedelta(days=4))
        closed = await one.settlements.settle()
        assert len(closed.days) == 4
        assert (closed.settlements, closed.payouts) == (2, 1)
        assert closed.check is not None
        assert closed.check.holds
        assert [amount for _, amount in one.pushed()] == [30_00 - 6 - 12]
        assert one.wrong() == []


async def test_whatever_a_process_with_a_slow_clock_still_books_belongs_to_one_day(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        shops = [await one.shop(f"shop-{place}", kind) for place, kind in enumerate(("shop", "shop", "utility"))]
        citizens = await one.city.register(12, 10_000_00)
        for citizen in citizens[:8]:
            await one.buy(citizen, shops[0], 9_99)
        day = one.next_day()
        before_midnight = day_start(one.today) - timedelta(seconds=1)
        chance = random.Random(7)

        async def book_late(citizen: Citizen) -> int:
            """Post as a process does whose clock has not reached midnight."""
            await asyncio.sleep(chance.random() / 20)
            amount, shop = chance.randint(1, 99_99), chance.choice(shops)
            leg = Leg(citizen.id, shop.id, amount, TransferKind.PAYMENT)
            posting = Posting(one.city.ground.base.ids.next(), (leg,), before_midnight, subject=citizen.id)
            async with one.city.database.transaction() as connection:
                batch = await ledger.post(connection, citizen.bucket, [posting], now=before_midnight)
            assert batch.posted[0].result is Result.POSTED
            return amount

        late, _ = await asyncio.gather(
            asyncio.gather(*(book_late(citizen) for citizen in citizens * 5)), one.settlements.closing.close()
        )
        one.next_day()
        await one.settlements.run()
        took = await one.ask(
            "SELECT sum(gross), sum(refunded + fee + (gross - refunded - fee)), count(DISTINCT day) FROM settlements"
        )
        assert took == [(8 * 9_99 + sum(late),) * 2 + (2,)]
        assert len(late) == 60
        (settled,) = await one.ask("SELECT sum(gross - refunded - fee) FROM settlements")
        assert sum(amount for _, amount in one.pushed()) == settled[0]
        mixed = await one.ask(
            "SELECT count(*) FROM batches b JOIN closed_days c ON c.bucket = b.bucket AND c.day = %s"
            " WHERE b.number > c.last_batch AND b.booking_day <= c.day",
            day,
        )
        assert mixed == [(0,)]
