"""A rule answers every low balance once, within its month, and stops when its card fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from haihe.ops.access import Access
from haihe.people import errors as people_errors
from haihe.wallet import errors as wallet_errors
from haihe.wallet.auto import errors
from haihe.wallet.auto.model import AutoRule
from haihe.wallet.auto.service import RuleWish
from tests.moneyed import PASSCODE, MoneyCity, open_money

WISH = RuleWish(card=0, below=20_00, amount=50_00, month_max=100_00)


async def agree(one: MoneyCity, *, passcode: str = PASSCODE, **changes: Any) -> AutoRule:
    wish = replace(WISH, **({"card": one.card.id} | changes))
    return await one.ways.auto_top_ups.set(wish, citizen=one.li.id, bucket=one.li.bucket, passcode=passcode)


async def rule_of(one: MoneyCity) -> AutoRule | None:
    return await one.ways.auto_top_ups.of(citizen=one.li.id, bucket=one.li.bucket)


async def look(one: MoneyCity) -> None:
    """Let the job look, several at once, and the bank be asked."""
    await asyncio.gather(*(one.ways.auto_top_ups.look() for _ in range(3)))
    await one.wallets.ask_again()


async def test_a_low_wallet_is_filled_once_and_no_more_than_the_month_allows(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path, money=100_00) as one:
        await agree(one)
        await look(one)
        assert await one.balance() == 100_00
        await one.withdraw(90_00)
        one.bank.silent = {"pull", "enquire"}
        for _ in range(3):
            await look(one)
            one.city.clock.turn(timedelta(seconds=20))
        assert await one.balance() == 10_00
        await one.ways.auto_top_ups.remove(citizen=one.li.id, bucket=one.li.bucket)
        await agree(one)
        await look(one)
        one.bank.silent = set()
        one.city.clock.turn(timedelta(minutes=1))
        await look(one)
        assert await one.balance() == 60_00
        await one.withdraw(60_00)
        await look(one)
        assert await one.balance() == 50_00
        await one.withdraw(50_00)
        for _ in range(2):
            one.city.clock.turn(timedelta(hours=1))
            await look(one)
        assert await one.balance() == 0
        one.city.clock.turn(timedelta(days=31))
        await look(one)
        assert await one.balance() == 50_00
        assert [news["status"] for news in await one.news("auto_top_up")] == ["done", "done", "done"]
        assert await one.news("top_up_settled") == []
        assert await one.holds()
        assert one.wrong() == []


async def test_a_card_that_fails_three_times_stops_the_rule(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path, money=0) as one:
        empty = await one.add_card("0000")
        await agree(one, card=empty.id)
        for _ in range(5):
            await look(one)
            one.city.clock.turn(timedelta(hours=1))
        rule = await rule_of(one)
        assert rule
        assert (rule.refusals, rule.stopped) == (3, "no_funds")
        assert [news["status"] for news in await one.news("auto_top_up")] == ["refused", "refused", "stopped"]
        await agree(one)
        await look(one)
        assert await one.balance() == 50_00
        await one.wallets.cards.remove(one.li.id, one.card.id)
        rule = await rule_of(one)
        assert rule
        assert rule.stopped == "card_removed"
        assert one.wrong() == []


async def test_a_rule_takes_the_passcode_an_own_card_and_amounts_that_the_law_lets_pass(
    database: Access, tmp_path: Path
):
    async with open_money(database, tmp_path, money=0) as one:
        for refusal, changes in (
            (errors.AutoAmountInvalid, {"amount": 200_01, "month_max": 500_00}),
            (errors.AutoAmountInvalid, {"amount": 0}),
            (errors.AutoBelowInvalid, {"below": 50_01}),
            (errors.AutoBelowInvalid, {"below": 0}),
            (errors.AutoMonthInvalid, {"month_max": 49_99}),
            (errors.AutoMonthInvalid, {"month_max": 10**15}),
            (wallet_errors.CardUnknown, {"card": 1}),
            (people_errors.PasscodeMissing, {"passcode": ""}),
            (people_errors.PasscodeWrong, {"passcode": "314159"}),
        ):
            with pytest.raises(refusal):
                await agree(one, **changes)
        assert await rule_of(one) is None
        with pytest.raises(errors.AutoRuleUnknown):
            await one.ways.auto_top_ups.remove(citizen=one.li.id, bucket=one.li.bucket)
        await agree(one)
        await one.ways.auto_top_ups.remove(citizen=one.li.id, bucket=one.li.bucket)
        await look(one)
        assert await one.balance() == 0
        assert (await one.deeds("auto_top_up_set"))[-1] == "done"
        assert await one.deeds("auto_top_up_removed") == ["done"]
