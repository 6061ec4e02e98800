"""A citizen's money reaches the own card once, or is back in the wallet, whatever dies, is lost, or happens twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from haihe.base.confirmations import ConfirmationInvalid, Strength
from haihe.ledger.model import AccountFlag, SystemAccount
from haihe.ops.access import Access
from haihe.people import errors as people_errors
from haihe.wallet import errors as wallet_errors
from haihe.wallet.model import WalletRules
from haihe.wallet.withdrawals import errors
from haihe.wallet.withdrawals.model import Withdrawal, WithdrawalStatus
from tests.killing import killed_at_every_line
from tests.moneyed import MoneyCity, open_money

CARD_OPENING = 10_000_000


async def test_money_goes_through_transit_to_the_own_card_once(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path) as one:
        reserve = await one.city.available(one.li.bucket, SystemAccount.RESERVE)
        done = await one.withdraw(300_00, key="a")
        assert (done.status, done.balance, await one.balance()) == (WithdrawalStatus.DONE, 700_00, 700_00)
        assert one.on_card() == CARD_OPENING + 300_00
        assert await one.in_transit() == 0
        assert await one.city.available(one.li.bucket, SystemAccount.RESERVE) == reserve + 300_00
        assert await one.withdraw(300_00, key="a", passcode="") == done
        with pytest.raises(errors.WithdrawalKeyReused):
            await one.withdraw(300_01, key="a")
        ten = await asyncio.gather(*(one.withdraw(1_00, key="b") for _ in range(10)))
        assert {answer.id for answer in ten} == {ten[0].id}
        assert one.moved("pushes", ten[0].id) == [1_00]
        assert await one.balance() == 699_00
        assert await one.news("withdrawal_settled") == [
            {"withdrawal": str(answer.id), "status": "done", "amount": answer.amount} for answer in (done, ten[0])
        ]
        assert await one.deeds("withdrawal_asked") == ["done", "done"]
        assert await one.holds()
        assert one.wrong() == []


async def test_what_the_bank_refuses_is_back_and_names_what_took_it(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path) as one:
        closed = await one.add_card("9999")
        refused = await one.withdraw(300_00, card=closed.id)
        assert (refused.status, refused.reason) == (WithdrawalStatus.REFUSED, "account_closed")
        assert (refused.balance, await one.balance(), await one.in_transit()) == (1_000_00, 1_000_00, 0)
        back = await one.ask("SELECT names, amount, kind FROM transfers WHERE id = %s", refused.ending)
        assert back == [(refused.id, 300_00, 11)]

        one.bank.silent = {"push", "enquire"}
        open_one = await one.withdraw(200_00, card=closed.id)
        assert open_one.status is WithdrawalStatus.UNKNOWN
        await one.flag(add=AccountFlag.FROZEN)
        with pytest.raises(errors.WithdrawalFrozen):
            await one.withdraw(1_00)
        one.bank.silent = set()
        await one.later(minutes=1)
        held = await one.withdrawal(open_one)
        assert (held.status, held.reason) == (WithdrawalStatus.HELD, "payee_frozen")
        assert await one.city.available(one.li.bucket, SystemAccount.SUSPENSE) == 200_00
        assert await one.in_transit() == 0
        assert one.wrong() == []


async def test_an_unknown_outcome_stays_in_transit_until_the_statement_settles_it_once(
    database: Access, tmp_path: Path
):
    async with open_money(database, tmp_path) as one:
        one.bank.lost, one.bank.silent = {"push"}, {"enquire", "statement"}
        asked = await one.withdraw(300_00)
        assert (asked.status, await one.balance(), await one.in_transit()) == (
            WithdrawalStatus.UNKNOWN,
            700_00,
            300_00,
        )
        await one.later(minutes=1)
        assert (await one.withdrawal(asked)).is_open
        assert one.wrong() == []
        one.bank.silent = {"enquire"}
        for _ in range(3):
            await one.later(minutes=20)
            assert (await one.withdrawal(asked)).status is WithdrawalStatus.DONE
        assert one.moved("pushes", asked.id) == [300_00]
        assert (await one.balance(), await one.in_transit()) == (700_00, 0)
        assert len(await one.news("withdrawal_settled")) == 1
        assert await one.holds()

        one.bank.silent, one.bank.lost, one.bank.swapped = {"statement"}, set(), {"push", "enquire"}
        swapped = await one.withdraw(100_00)
        await one.later(minutes=1)
        waiting = await one.withdrawal(swapped)
        assert (waiting.status, waiting.reason) == (WithdrawalStatus.UNKNOWN, "bank_contradicts")
        assert await one.deeds("bank_answer_refused") == ["bank_contradicts"]
        one.bank.silent = set()
        await one.later(minutes=1)
        assert (await one.withdrawal(swapped)).status is WithdrawalStatus.DONE
        assert await one.holds()
        assert one.wrong() == []


async def test_a_line_of_another_amount_settles_nothing_and_is_reported_once(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path) as one:
        one.bank.silent = {"push", "enquire"}
        asked = await one.withdraw(300_00)
        await one.bank.bank.push(reference=str(asked.id), account=one.number, amount_fen=299_00)
        for _ in range(3):
            await one.later(minutes=1)
        waiting = await one.withdrawal(asked)
        assert (waiting.status, waiting.reason) == (WithdrawalStatus.UNKNOWN, "bank_contradicts")
        assert await one.deeds("bank_answer_refused") == ["bank_contradicts"]
        assert await one.in_transit() == 300_00
        assert not await one.holds()
        assert one.wrong() == []


async def test_a_process_killed_at_any_line_loses_and_doubles_nothing(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path) as one:

        async def work(line: int) -> Withdrawal:
            key = f"line {line}"
            confirmation = one.city.ground.base.confirmations.grant(one.li.id, key, Strength.PASSCODE)
            return await one.withdraw(1_00, key=key, passcode="", confirmation=confirmation)

        tries = [where async for where in killed_at_every_line(work, "haihe/wallet/withdrawals/")]
        assert tries[-1] == ""
        assert len(tries) > 30
        for _ in range(3):
            await one.later(minutes=2)
        assert await one.in_transit() == 0
        for line in range(1, len(tries) + 1):
            again = await work(line)
            assert again.status is WithdrawalStatus.DONE
            assert one.moved("pushes", again.id) == [1_00]
        assert await one.balance() == 1_000_00 - len(tries) * 1_00
        assert one.on_card() == CARD_OPENING + len(tries) * 1_00
        assert await one.holds()
        assert one.wrong() == []


async def test_nothing_leaves_without_passcode_beyond_the_limits_or_to_another_card(database: Access, tmp_path: Path):
    rules = WalletRules(withdraw_fen_max=900_00, withdraw_day_fen_max=500_00)
    async with open_money(database, tmp_path, rules=rules) as one:
        granted = one.city.ground.base.confirmations
        weak = granted.grant(one.li.id, "k", Strength.NONE)
        for refusal, amount, more in (
            (errors.WithdrawalAmountInvalid, 0, {}),
            (errors.WithdrawalAmountInvalid, 900_01, {}),
            (wallet_errors.TopUpKeyMissing, 1_00, {"key": "k" * 201}),
            (wallet_errors.CardUnknown, 1_00, {"card": 1}),
            (people_errors.PasscodeMissing, 1_00, {"passcode": ""}),
            (people_errors.PasscodeWrong, 1_00, {"passcode": "314159"}),
            (people_errors.PasscodeMissing, 1_00, {"passcode": "", "key": "k", "confirmation": weak}),
            (ConfirmationInvalid, 1_00, {"passcode": "", "confirmation": "1.9.x"}),
            (errors.WithdrawalLimitReached, 500_01, {}),
        ):
            with pytest.raises(refusal):
                await one.withdraw(amount, **more)
        assert await one.deeds("withdrawal_asked") == [
            "card_unknown",
            "passcode_missing",
            "passcode_wrong",
            "passcode_missing",
            "confirmation_invalid",
            "withdrawal_limit",
        ]
        strong = granted.grant(one.li.id, "strong", Strength.PASSKEY)
        done = await one.withdraw(300_00, key="strong", passcode="", confirmation=strong)
        assert done.status is WithdrawalStatus.DONE
        ends = await asyncio.gather(*(one.withdraw(60_00) for _ in range(5)), return_exceptions=True)
        assert sum(isinstance(end, errors.WithdrawalLimitReached) for end in ends) == 2
        (poor,) = await one.city.register(1, 5_00)
        stranger: MoneyCity = replace(one, li=poor)
        with pytest.raises(wallet_errors.CardUnknown):
            await stranger.withdraw(1_00)
        with pytest.raises(errors.WithdrawalUnknown):
            await stranger.withdrawal(done)
        await one.later(days=1)
        await one.withdraw(500_00)
        await one.later(days=1)
        assert await one.balance() == 20_00
        with pytest.raises(errors.WithdrawalInsufficient):
            await one.withdraw(20_01)
        assert one.wrong() == []
