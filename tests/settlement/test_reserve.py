"""Ledger and bank agree to the fen, or nothing is paid out."""

from __future__ import annotations

from pathlib import Path

from haihe.ledger import service as ledger
from haihe.ledger.model import AccountKind, Leg, Posting, SystemAccount, TransferKind
from haihe.ops.access import Access
from haihe.settlement.pages import KIND_NAMES
from haihe.settlement.service import DIFFERENT
from tests.settling import open_settled


async def test_a_fen_that_nobody_can_explain_stops_payouts_until_it_is_explained(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        (li,) = await one.city.register(1)
        await one.buy(li, melons, 10_00)
        check = await one.settlements.reserve.check()
        assert (check.holds, check.ledger, check.bank, check.difference) == (True, 1_000_00, 1_000_00, 0)
        owed = await one.settlements.reserve.by_kind()
        assert sum(owed.values()) == 0
        assert owed == {AccountKind.WALLET: 990_00, AccountKind.TILL: 10_00, AccountKind.RESERVE: -1_000_00}

        await one.bank.deposit(reference="a stranger's", amount_fen=1)
        one.next_day()
        closed = await one.settlements.settle()
        assert (closed.reason, closed.payouts, one.pushed()) == (DIFFERENT, 0, [])
        assert closed.check is not None
        assert (closed.check.holds, closed.check.difference) == (False, -1)
        assert list(closed.check.findings) == ["deposit a stranger's: the ledger has 0 fen, the bank 1"]
        assert await one.city.till(melons.id) == 10_00 - 6  # the fee is the city's, the rest waits
        await one.settlements.run()
        assert one.pushed() == []

        posting = Posting(  # a top-up that no row of ours knows: the books are even again, and each half is still named
            one.city.ground.base.ids.next(),
            (Leg(SystemAccount.RESERVE, SystemAccount.SUSPENSE, 1, TransferKind.REVERSAL),),
            one.city.clock.now(),
            subject=SystemAccount.SUSPENSE,
        )
        async with one.city.database.transaction() as connection:
            await ledger.post(connection, 0, [posting], now=one.city.clock.now())
        even = await one.settlements.reserve.check()
        assert (even.holds, even.difference, len(even.findings)) == (False, 0, 1)


async def test_money_that_the_city_opened_with_is_told_to_the_bank_once(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        await one.city.register(20, 500_00)
        for _ in range(2):
            assert (await one.settlements.reserve.check()).bank == 10_000_00
        await one.ask(
            "UPDATE bank_openings SET is_told = false RETURNING id"
        )  # killed before it was written down that the bank knows
        assert (await one.settlements.reserve.check()).bank == 10_000_00
        await one.city.register(2, 1_00)
        check = await one.settlements.reserve.check()
        assert (check.holds, check.bank) == (True, 10_002_00)


async def test_a_statement_whose_lines_do_not_follow_is_not_believed(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        await one.city.register(1)
        await one.settlements.reserve.check()
        one.state.execute(
            "INSERT INTO lines (kind, reference, amount_fen, balance_fen) VALUES ('deposit', 'x', 1, 100000)"
        )
        check = await one.settlements.reserve.check()
        assert not check.holds
        assert "does not follow" in check.findings[0]


def test_every_kind_of_account_that_counts_money_has_a_name_on_the_page():
    memorandum = {AccountKind.REFUNDABLE, AccountKind.REFUNDABLE_ALL}
    assert KIND_NAMES.keys() == set(AccountKind) - memorandum
