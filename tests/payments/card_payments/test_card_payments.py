"""What is paid from a card is pulled once and paid once, or the money is where the person is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from haihe.base.clock import service_day
from haihe.base.confirmations import Strength
from haihe.codes.model import CodeUnknown, NewSticker
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, Risk
from haihe.ops.access import Access
from haihe.payments import errors as payment_errors
from haihe.payments.card_payments import errors
from haihe.payments.card_payments.model import CardPaymentStatus
from haihe.people.law.force import put_in_force
from haihe.people.law.model import read_law
from haihe.people.model import CitizenClass
from haihe.wallet.errors import CardUnknown
from tests.killing import killed_at_every_line
from tests.moneyed import MoneyCity, open_money
from tests.tallied import owe


async def confirmed(one: MoneyCity, key: str, strength: Strength = Strength.PASSCODE) -> str:
    return one.city.ground.base.confirmations.grant(one.li.id, key, strength)


async def test_an_empty_wallet_pays_from_the_card_and_no_limit_counts_it(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path, money=0, citizen_class=CitizenClass.I) as one:
        async with one.city.database.transaction() as connection:
            await put_in_force(connection, read_law())
        shop = await one.shop()
        paid = await one.pay(f"stall-{shop.id}", 12_50, key="a")
        assert (paid.status, paid.amount) == (CardPaymentStatus.PAID, 12_50)
        assert (await one.balance(), await one.city.till(shop.id)) == (0, 12_50)
        assert one.moved("pulls", paid.id) == [12_50]
        assert await one.pay(f"stall-{shop.id}", 12_50, key="a") == paid
        with pytest.raises(payment_errors.KeyReused):
            await one.pay(f"stall-{shop.id}", 12_51, key="a")
        ten = await asyncio.gather(*(one.pay(f"stall-{shop.id}", 1_00, key="b") for _ in range(10)))
        assert {answer.id for answer in ten} == {ten[0].id}
        assert await one.city.till(shop.id) == 13_50
        async with one.city.database.connection() as connection:
            rooms = await ledger.rooms(connection, one.li.bucket, [one.li.id], day=service_day(one.city.clock.now()))
        assert rooms[one.li.id].left(Risk.C) == 1_000_00
        assert [news["status"] for news in await one.news("card_payment_settled")] == ["done", "done"]
        assert await one.news("top_up_settled") == []
        titles = [
            line.title
            for line in (await one.city.payments.history(one.city.viewer(one.li), "en", limit=9, cursor=None)).items
        ]
        assert titles == ["Melon", "Top-up from bank card"] * 2
        assert await one.holds()
        assert one.wrong() == []


async def test_above_two_hundred_yuan_it_is_confirmed_except_to_fixed_payees(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path, money=0) as one:
        shop = await one.shop()
        code = f"stall-{shop.id}"
        assert (await one.pay(code, 200_00)).status is CardPaymentStatus.PAID
        with pytest.raises(errors.CardConfirmationNeeded):
            await one.pay(code, 200_01, key="k")
        with pytest.raises(errors.CardConfirmationNeeded):
            await one.pay(code, 200_01, key="k", confirmation=await confirmed(one, "k", Strength.NONE))
        done = await one.pay(code, 200_01, key="k", confirmation=await confirmed(one, "k"))
        assert done.status is CardPaymentStatus.PAID
        rent = await owe(one.city, shop, one.li, 800_00)
        assert (await one.pay(rent)).status is CardPaymentStatus.PAID
        await one.flag(add=AccountFlag.FROZEN)
        with pytest.raises(payment_errors.AccountFrozen):
            await one.pay(code, 1_00)
        for refusal, refused, amount in (
            (CodeUnknown, "nobody-7", 1_00),
            (payment_errors.Settled, rent, None),
            (payment_errors.AmountInvalid, code, 10**12),
        ):
            with pytest.raises(refusal):
                await one.pay(refused, amount)
        with pytest.raises(CardUnknown):
            await one.pay(code, 1_00, card=1)
        assert one.wrong() == []


async def test_stickers_have_a_day_of_their_own_for_cards(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path, money=0) as one:
        shop = await one.shop()
        async with one.city.database.transaction() as connection:
            (sticker,) = await one.city.ground.stickers.make(connection, [NewSticker("stall", shop.id, shop.id)])
        for amount in (200_00, 200_00):
            await one.pay(sticker.code, amount)
        ends = await asyncio.gather(*(one.pay(sticker.code, 60_00) for _ in range(3)), return_exceptions=True)
        assert sum(isinstance(end, errors.StaticLimitReached) for end in ends) == 2
        assert await one.city.till(shop.id) == 460_00
        assert (await one.pay(f"stall-{shop.id}", 60_00)).status is CardPaymentStatus.PAID
        await one.later(days=1)
        assert (await one.pay(sticker.code, 60_00)).status is CardPaymentStatus.PAID
        assert one.wrong() == []


async def test_an_unknown_pull_is_paid_once_when_the_statement_shows_it(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path, money=0) as one:
        shop = await one.shop()
        one.bank.lost, one.bank.silent = {"pull"}, {"enquire", "statement"}
        asked = await one.pay(f"stall-{shop.id}", 30_00, key="a")
        await one.later(minutes=1)
        assert ((await one.card_payment(asked)).is_open, await one.city.till(shop.id)) == (True, 0)
        one.bank.silent = {"enquire"}
        one.city.clock.turn(timedelta(minutes=20))
        await one.ways.by_statement.run()
        await asyncio.gather(*(one.ways.card_payments.finish_known() for _ in range(5)))
        await one.later(minutes=20)
        assert (await one.card_payment(asked)).status is CardPaymentStatus.PAID
        assert len(await one.news("card_payment_settled")) == 1
        assert (await one.pay(f"stall-{shop.id}", 30_00, key="a")).status is CardPaymentStatus.PAID
        assert (await one.balance(), await one.city.till(shop.id)) == (0, 30_00)
        assert one.moved("pulls", asked.id) == [30_00]

        one.bank.lost, one.bank.silent = set(), set()
        empty = await one.add_card("0000")
        refused = await one.pay(f"stall-{shop.id}", 30_00, card=empty.id)
        assert (refused.status, refused.reason) == (CardPaymentStatus.REFUSED, "no_funds")
        assert await one.holds()
        assert one.wrong() == []


async def test_money_that_came_too_late_stays_in_the_wallet_and_is_told(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path, money=500_00) as one:
        shop = await one.shop()
        rent = await owe(one.city, shop, one.li, 80_00)
        one.bank.lost = {"pull"}
        asked = await one.pay(rent)
        await one.city.pay(one.li, rent)
        await one.later(minutes=1)
        kept = await one.card_payment(asked)
        assert (kept.status, kept.reason) == (CardPaymentStatus.KEPT, "already_settled")
        assert (await one.balance(), await one.city.till(shop.id)) == (500_00, 80_00)
        assert await one.news("card_payment_settled") == [{"status": "kept", "amount": 80_00}]
        await one.later(minutes=1)
        assert await one.balance() == 500_00
        assert one.wrong() == []


async def test_a_process_killed_at_any_line_pulls_and_pays_once(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path, money=0) as one:
        shop = await one.shop()

        async def work(line: int) -> None:
            await one.pay(f"stall-{shop.id}", 1_00, key=f"line {line}")

        tries = [where async for where in killed_at_every_line(work, "haihe/payments/card_payments/")]
        assert tries[-1] == ""
        assert len(tries) > 30
        for _ in range(3):
            await one.later(minutes=2)
        for line in range(1, len(tries) + 1):
            again = await one.pay(f"stall-{shop.id}", 1_00, key=f"line {line}")
            assert again.status is CardPaymentStatus.PAID
            assert one.moved("pulls", again.id) == [1_00]
        assert await one.city.till(shop.id) == len(tries) * 1_00
        assert await one.balance() == 0
        assert await one.holds()
        assert one.wrong() == []
