"""The day of docs/accounting.md, fen by fen."""

from __future__ import annotations

from pathlib import Path

from haihe.ledger.model import SystemAccount
from haihe.ops.access import Access
from tests.settling import open_settled


async def test_a_day_of_a_stall_from_the_first_melon_to_its_bank(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        stall = await one.shop()
        li, wang = await one.city.neighbours(100_00)
        reserve = {b: await one.city.available(b, SystemAccount.RESERVE) for b in (li.bucket, wang.bucket)}

        async def in_bucket(bucket: int) -> tuple[int, ...]:
            """Give till, fees, payouts on their way, and what left the reserve since the beginning."""
            accounts = (stall.id, SystemAccount.FEES, SystemAccount.PAYOUTS, SystemAccount.RESERVE)
            *found, left = (await one.by_account(bucket, *accounts)).values()
            return (*found, left - reserve[bucket])

        melon = await one.buy(li, stall, 20_00)
        await one.buy(wang, stall, 13_33)
        await one.give_back(melon, 5_00)
        assert [await in_bucket(b) for b in reserve] == [(15_00, 0, 0, 0), (13_33, 0, 0, 0)]

        day = one.next_day()
        await one.settlements.closing.close()
        assert [await in_bucket(b) for b in reserve] == [(14_91, 9, 0, 0), (13_25, 8, 0, 0)]
        settled = await one.settlements.settlement(stall.id, day)
        assert (settled.gross, settled.refunded, settled.fee, settled.net) == (33_33, 5_00, 17, 28_16)

        await one.settlements.payouts.plan()
        await one.settlements.payouts.move()
        assert [await in_bucket(b) for b in reserve] == [(0, 9, 14_91, 0), (0, 8, 13_25, 0)]
        assert (await one.settlements.reserve.check()).holds

        await one.settlements.pay_out()
        assert [await in_bucket(b) for b in reserve] == [(0, 9, 0, 14_91), (0, 8, 0, 13_25)]
        assert [amount for _, amount in one.pushed()] == [28_16]
        assert (await one.settlements.reserve.check()).holds
        assert one.wrong() == []
