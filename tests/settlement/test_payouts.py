"""What an organisation is owed reaches its bank once, whatever dies, is lost, or happens twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, SystemAccount
from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.outside.bank import DONE, UNKNOWN, HttpBank, Outcome, OutcomeKind
from haihe.people.model import Citizen
from haihe.settlement import payout_store
from haihe.settlement.model import Payout, PayoutStatus
from haihe.settlement.payouts import Payouts
from tests.settling import SettledCity, open_settled

PAID = 10_000_00
FEE = 60_00
"""0.6 % of it."""


@dataclass
class Unreliable:
    """A bank that may do its work and lose the answer, or not hear at all."""

    bank: HttpBank
    mode: str = "normal"

    def __getattr__(self, name: str) -> object:
        return getattr(self.bank, name)

    async def push(self, *, reference: str, account: str, amount_fen: int) -> Outcome:
        if self.mode == "silent":
            return UNKNOWN
        outcome = await self.bank.push(reference=reference, account=account, amount_fen=amount_fen)
        return UNKNOWN if self.mode == "lost" else outcome

    async def enquire_push(self, reference: str) -> Outcome:
        return UNKNOWN if self.mode == "silent" else await self.bank.enquire_push(reference)


async def payout_of(one: SettledCity, shop: Organisation) -> Payout:
    _, taken_along = await one.settlements.of_organisation(shop.id)
    return taken_along[max(taken_along)]


async def in_all(one: SettledCity, account: int) -> int:
    return sum([await one.city.available(bucket, account) for bucket in range(4)])


async def day_of_sales(one: SettledCity, shop: Organisation) -> list[Citizen]:
    """Have citizens of all buckets pay ten thousand yuan, and let the day end."""
    citizens = await one.city.register(16, 2_000_00)
    for citizen in citizens:
        await one.buy(citizen, shop, PAID // 16)
    one.next_day()
    return citizens


async def test_net_leaves_the_tills_and_the_reserve_once(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        await day_of_sales(one, melons)
        reserve = await in_all(one, SystemAccount.RESERVE)
        for _ in range(3):
            await one.settlements.run()
        payout = await payout_of(one, melons)
        assert (payout.status, payout.amount) == (PayoutStatus.DONE, PAID - FEE)
        assert one.pushed() == [(payout.account, PAID - FEE)]
        assert await in_all(one, melons.id) == 0
        assert await in_all(one, SystemAccount.PAYOUTS) == 0
        assert await in_all(one, SystemAccount.RESERVE) == reserve + PAID - FEE
        assert (await one.settlements.reserve.check()).holds
        assert one.wrong() == []


@pytest.mark.parametrize("mode", ["lost", "silent"])
async def test_an_unknown_outcome_stays_pending_until_the_bank_says_it(database: Access, tmp_path: Path, mode: str):
    unreliable: list[Unreliable] = []

    def through(bank: HttpBank) -> Unreliable:
        unreliable.append(Unreliable(bank, mode))
        return unreliable[0]

    async with open_settled(database, tmp_path, through=through) as one:  # type: ignore[arg-type]
        melons = await one.shop()
        await day_of_sales(one, melons)
        await one.settlements.run()
        payout = await payout_of(one, melons)
        assert payout.status is PayoutStatus.UNKNOWN
        assert await in_all(one, SystemAccount.PAYOUTS) == PAID - FEE
        check = await one.settlements.reserve.check()  # what is on its way is no difference
        assert check.holds
        assert check.coming == (-(PAID - FEE) if mode == "lost" else 0)
        await one.settlements.run()
        unreliable[0].mode = "normal"
        for _ in range(4):
            one.city.clock.turn(timedelta(minutes=10))
            await one.settlements.run()
        assert (await payout_of(one, melons)).status is PayoutStatus.DONE
        assert one.pushed() == [(payout.account, PAID - FEE)]
        assert one.wrong() == []


async def test_what_the_bank_never_heard_of_is_called_off_and_paid_with_the_next_day(database: Access, tmp_path: Path):
    deaf: list[Unreliable] = []

    def through(bank: HttpBank) -> Unreliable:
        deaf.append(Unreliable(bank, "silent"))
        return deaf[0]

    async with open_settled(database, tmp_path, through=through) as one:  # type: ignore[arg-type]
        melons = await one.shop()
        li, *_ = await day_of_sales(one, melons)
        await one.settlements.run()
        one.city.clock.turn(timedelta(hours=13))
        await one.settlements.run()
        payout = await payout_of(one, melons)
        assert (payout.status, payout.reason) == (PayoutStatus.REFUSED, "called_off")
        assert await in_all(one, melons.id) == PAID - FEE
        assert (await one.bank.push(reference=str(payout.id), account=payout.account, amount_fen=payout.amount)).reason
        deaf[0].mode = "normal"
        await one.buy(li, melons, 10_00)
        one.next_day()
        await one.settlements.run()
        assert [amount for _, amount in one.pushed()] == [PAID - FEE + 10_00 - 6]
        assert one.wrong() == []


async def test_what_the_bank_refuses_returns_to_the_tills_under_the_transfers_it_names(
    database: Access, tmp_path: Path
):
    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        good = (await one.ask("SELECT account FROM payout_accounts"))[0][0]
        one.city.clock.turn(timedelta(seconds=1))
        await one.settlements.set_account(melons.id, "6299980000000099990")
        await day_of_sales(one, melons)
        await one.settlements.run()
        payout = await payout_of(one, melons)
        assert (payout.status, payout.reason) == (PayoutStatus.REFUSED, "account_closed")
        assert await in_all(one, melons.id) == PAID - FEE
        moved = await one.ask(
            "SELECT t.kind, r.kind FROM transfers t JOIN transfers r ON r.names = t.id WHERE t.credit = 8"
        )
        assert set(moved) == {(10, 11)}
        await one.settlements.set_account(melons.id, good)
        one.next_day()
        await one.settlements.run()
        assert one.pushed() == [(good, PAID - FEE)]
        assert one.wrong() == []


STEPS = (
    (payout_store, "insert", 0),
    (payout_store, "mark_planned", 0),
    (payout_store, "to_move", 2),
    (payout_store, "mark_moved", 1),
    (payout_store, "mark_all_moved", 0),
    (payout_store, "due", 0),
    (payout_store, "settle", 0),
    (payout_store, "to_end", 1),
    (payout_store, "mark_ended", 1),
    (Payouts, "_push", 0),
    (Payouts, "_settle", 0),
    (Payouts, "end", 0),
    (HttpBank, "push", 0),
)


async def test_a_process_killed_at_every_step_pays_once(
    database: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    class KilledError(BaseException):
        pass

    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        await day_of_sales(one, melons)
        for owner, name, lives in STEPS:
            with monkeypatch.context() as patch:
                real, left = getattr(owner, name), lives

                async def step(*arguments: object, real=real, **options: object) -> object:
                    nonlocal left
                    if not left:
                        raise KilledError
                    left -= 1
                    return await real(*arguments, **options)

                patch.setattr(owner, name, step)
                try:
                    await one.settlements.run()
                except* KilledError:
                    pass
            one.city.clock.turn(timedelta(minutes=1))
            if name in {"mark_moved", "mark_all_moved", "_settle", "mark_ended", "push"}:
                assert one.wrong() == []
        for _ in range(3):
            one.city.clock.turn(timedelta(minutes=10))
            await one.settlements.run()
        payout = await payout_of(one, melons)
        assert payout.status is PayoutStatus.DONE
        assert one.pushed() == [(payout.account, PAID - FEE)]
        assert await in_all(one, SystemAccount.PAYOUTS) == 0
        assert one.wrong() == []


async def test_processes_that_settle_at_once_pay_once(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        await day_of_sales(one, melons)
        others = [replace(one.settlements, alone=asyncio.Lock()) for _ in range(4)]
        await asyncio.gather(*(other.settle() for other in others), *(other.run() for other in others))
        for other in others:
            one.city.clock.turn(timedelta(minutes=1))
            await other.run()
        assert [amount for _, amount in one.pushed()] == [PAID - FEE]
        late = await one.settlements.payouts._settle(
            await payout_of(one, melons), Outcome(OutcomeKind.REFUSED, "account_closed")
        )
        assert late.status is PayoutStatus.DONE
        assert (await one.settlements.payouts._settle(late, DONE)).status is PayoutStatus.DONE
        assert one.wrong() == []


async def test_what_refunds_took_since_the_close_is_not_paid_out_and_the_next_day_makes_it_even(
    database: Access, tmp_path: Path
):
    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        (li,) = await one.city.register(1)
        lunch = await one.buy(li, melons, 100_00)
        first = one.next_day()
        await one.settlements.closing.close()
        await one.give_back(lunch, 40_00)  # after the close, before the payout
        await one.settlements.run()
        payout = await payout_of(one, melons)
        assert (payout.amount, payout.status) == (100_00 - 60 - 40_00, PayoutStatus.DONE)
        await one.buy(li, melons, 10_00)
        one.next_day()
        await one.settlements.run()  # 10 in, 40 back, and 40 that were owed on: 10 are left, and no fee
        settled = await one.settlements.settlement(melons.id, first + timedelta(days=1))
        assert (settled.net, settled.fee) == (-30_00, 0)
        assert [amount for _, amount in one.pushed()] == [59_40, 10_00]
        await one.buy(li, melons, 50_00)
        one.next_day()
        await one.settlements.run()
        sums = await one.ask("SELECT sum(gross - refunded - fee) FROM settlements")
        assert sum(amount for _, amount in one.pushed()) == sums[0][0] == 160_00 - 40_00 - 60 - 30
        assert await in_all(one, melons.id) == 0
        assert one.wrong() == []


async def test_a_frozen_till_gives_nothing_until_it_is_free(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        await day_of_sales(one, melons)
        for bucket in range(4):
            async with one.city.database.transaction() as connection:
                await ledger.set_flags(connection, bucket, melons.id, add=AccountFlag.FROZEN)
        await one.settlements.run()
        assert one.pushed() == []
        assert one.wrong() == []
        for bucket in range(4):
            async with one.city.database.transaction() as connection:
                await ledger.set_flags(connection, bucket, melons.id, remove=AccountFlag.FROZEN)
        one.next_day()
        await one.settlements.run()
        assert [amount for _, amount in one.pushed()] == [PAID - FEE]
        assert one.wrong() == []
