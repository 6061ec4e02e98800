"""The bank's statement settles what the bank gave no answer about (story W10)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from haihe.ops.access import Access
from haihe.wallet.model import TopUpStatus
from tests.moneyed import MoneyCity, open_money


async def stands(one: MoneyCity, identity: int) -> tuple[TopUpStatus, str]:
    found = await one.wallets.top_up_by_id(identity, citizen=one.li.id, bucket=one.li.bucket)
    return found.status, found.reason


async def test_a_lost_answer_is_credited_once_by_the_statement_and_a_second_reading_changes_nothing(
    database: Access, tmp_path: Path
):
    async with open_money(database, tmp_path, money=0) as one:
        one.bank.lost, one.bank.silent = {"pull"}, {"enquire", "statement"}
        asked = await one.top_up(50_00, key="a")
        await one.later(minutes=1)
        assert (await stands(one, asked.id), await one.balance()) == ((TopUpStatus.UNKNOWN, ""), 0)
        one.bank.silent = {"enquire"}
        await one.later(minutes=30)
        assert (await stands(one, asked.id), await one.balance()) == ((TopUpStatus.DONE, ""), 50_00)
        await asyncio.gather(*(one.ways.by_statement.run() for _ in range(3)), one.wallets.settle_by_statement())
        await one.later(hours=1)
        assert await one.balance() == 50_00
        assert one.moved("pulls", asked.id) == [50_00]
        assert (await one.top_up(50_00, key="a")).status is TopUpStatus.DONE
        assert len(await one.news("top_up_settled")) == 1
        assert await one.holds()
        assert one.wrong() == []


async def test_an_answer_about_another_reference_or_amount_credits_nothing_and_is_reported(
    database: Access, tmp_path: Path
):
    async with open_money(database, tmp_path, money=0) as one:
        one.bank.swapped, one.bank.silent = {"pull", "enquire"}, {"statement"}
        asked = await one.top_up(50_00)
        await one.later(minutes=1)
        assert await stands(one, asked.id) == (TopUpStatus.UNKNOWN, "bank_contradicts")
        assert (await one.balance(), await one.deeds("bank_answer_refused")) == (0, ["bank_contradicts"])
        one.bank.silent = set()
        await one.later(minutes=1)
        assert (await stands(one, asked.id), await one.balance()) == ((TopUpStatus.DONE, ""), 50_00)

        one.bank.swapped, one.bank.silent = set(), {"pull", "enquire"}
        other = await one.top_up(60_00)
        await one.bank.bank.pull(reference=str(other.id), card=one.number, amount_fen=6_000_00)
        for _ in range(3):
            await one.later(minutes=1)
        one.bank.silent = set()
        await one.later(minutes=20)
        assert await stands(one, other.id) == (TopUpStatus.UNKNOWN, "bank_contradicts")
        assert await one.balance() == 50_00
        assert not await one.holds()
        assert one.wrong() == []
