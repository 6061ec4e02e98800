import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from haihe.base.errors import Refusal
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, SystemAccount
from haihe.outside.bank import DONE, UNKNOWN, Outcome, OutcomeKind
from haihe.people import errors as people_errors
from haihe.people.model import Citizen
from haihe.wallet import errors
from haihe.wallet.model import Card, TopUp, TopUpStatus, WalletRules
from tests.citizens import City, Service, empty_card

PASSCODE = "271828"


class Wallet:
    """A citizen with a card."""

    def __init__(self, city: City, citizen: Citizen, card: Card) -> None:
        self.city, self.citizen, self.card = city, citizen, card

    async def top_up(self, amount: int, *, key: str = "key", passcode: str = "", card: int = 0) -> TopUp:
        return await self.city.wallets.top_up(
            citizen=self.citizen.id,
            bucket=self.citizen.bucket,
            amount=amount,
            card=card or self.card.id,
            key=key,
            passcode=passcode,
        )

    async def now(self, top_up: TopUp) -> TopUp:
        return await self.city.wallets.top_up_by_id(top_up.id, citizen=self.citizen.id, bucket=self.citizen.bucket)

    async def balance(self) -> int:
        return (await self.city.wallets.balance(citizen=self.citizen.id, bucket=self.citizen.bucket)).amount

    async def later(self, **by: float) -> None:
        """Let time pass and the job run."""
        self.city.clock.turn(timedelta(**by))
        await self.city.wallets.ask_again()


@pytest.fixture
async def wallet(city: City) -> Wallet:
    citizen = (await city.citizen()).citizen
    number = await city.wallets.cards.made_up(citizen.id)
    assert number is not None
    return Wallet(city, citizen, await city.wallets.cards.add(citizen.id, number))


def pulled(bank: Service, top_up: TopUp) -> list[dict[str, Any]]:
    return [row for row in bank.get("/statement")["pulls"] if row["reference"] == str(top_up.id)]


async def test_money_that_the_bank_sent_is_in_the_wallet_and_in_the_reserve(wallet: Wallet, bank: Service):
    done = await wallet.top_up(12_345)
    assert (done.status, done.balance) == (TopUpStatus.DONE, 12_345)
    assert await wallet.balance() == 12_345
    async with wallet.city.database.connection() as connection:
        reserve = await ledger.balances(connection, wallet.citizen.bucket, [SystemAccount.RESERVE])
    assert reserve == {SystemAccount.RESERVE: -12_345}
    assert [row["outcome"] for row in pulled(bank, done)] == ["done"]


async def test_the_same_top_up_twice_is_one(wallet: Wallet):
    first = await wallet.top_up(5_000)
    assert await wallet.top_up(5_000) == first
    assert await wallet.balance() == 5_000
    with pytest.raises(errors.TopUpKeyReused):
        await wallet.top_up(5_001)


async def test_the_same_top_up_ten_times_at_once_is_one(wallet: Wallet, bank: Service):
    answers = await asyncio.gather(*(wallet.top_up(5_000) for _ in range(10)))
    assert len({answer.id for answer in answers}) == 1
    assert await wallet.balance() == 5_000
    assert len(pulled(bank, answers[0])) == 1


async def test_two_top_ups_at_once_are_two(wallet: Wallet):
    await asyncio.gather(wallet.top_up(5_000, key="a"), wallet.top_up(7_000, key="b"))
    assert await wallet.balance() == 12_000


async def test_a_lost_answer_is_credited_exactly_once(wallet: Wallet, bank: Service):
    bank.tell("lost")
    asked = await wallet.top_up(5_000)
    assert asked.status is TopUpStatus.UNKNOWN
    assert await wallet.balance() == 0
    assert [row["outcome"] for row in pulled(bank, asked)] == ["done"]
    await wallet.later(seconds=3)
    assert (await wallet.now(asked)).status is TopUpStatus.DONE
    for _ in range(3):
        await wallet.later(minutes=10)
    assert await wallet.balance() == 5_000
    assert (await wallet.top_up(5_000)).status is TopUpStatus.DONE


@pytest.mark.parametrize("mode", ["silent", "wrong", "slow"])
async def test_an_unclear_answer_stays_pending_until_it_is_known(wallet: Wallet, bank: Service, mode: str):
    bank.tell(mode, delay_ms=5000)
    asked = await wallet.top_up(5_000)
    assert asked.status is TopUpStatus.UNKNOWN
    await wallet.later(seconds=3)
    assert (await wallet.now(asked)).is_open
    assert await wallet.balance() == 0
    bank.tell("normal")
    await wallet.later(seconds=60)
    assert (await wallet.now(asked)).status is TopUpStatus.DONE
    assert await wallet.balance() == 5_000
    assert len(pulled(bank, asked)) == 1


async def test_a_pull_that_never_reached_the_bank_is_called_off_when_nobody_waits_any_more(
    wallet: Wallet, bank: Service
):
    bank.tell("silent")
    asked = await wallet.top_up(5_000)
    bank.tell("normal")
    await wallet.later(minutes=11)
    settled = await wallet.now(asked)
    assert (settled.status, settled.reason) == (TopUpStatus.REFUSED, "called_off")
    late = bank.post("/pulls", {"reference": str(asked.id), "card": "6222021234567890128", "amount_fen": 5_000})
    assert (late.json()["outcome"], late.json()["reason"]) == ("refused", "called_off")
    assert await wallet.balance() == 0


async def test_what_the_bank_refuses_moves_nothing(wallet: Wallet, bank: Service):
    card = await wallet.city.wallets.cards.add(wallet.citizen.id, empty_card())
    refused = await wallet.top_up(5_000, card=card.id)
    assert (refused.status, refused.reason) == (TopUpStatus.REFUSED, "no_funds")
    assert await wallet.balance() == 0


async def test_a_process_killed_before_the_bank_was_asked_is_made_good(wallet: Wallet, monkeypatch: pytest.MonkeyPatch):
    class KilledError(Exception):
        pass

    async def die(*_: object, **__: object) -> Outcome:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(type(wallet.city.wallets.bank), "pull", die)
        with pytest.raises(KilledError):
            await wallet.top_up(5_000)
    assert await wallet.balance() == 0
    await wallet.later(seconds=14)
    assert await wallet.balance() == 0
    await wallet.later(seconds=1)
    assert await wallet.balance() == 5_000


async def test_a_process_killed_after_the_bank_answered_is_made_good(
    wallet: Wallet, bank: Service, monkeypatch: pytest.MonkeyPatch
):
    class KilledError(Exception):
        pass

    async def die(*_: object, **__: object) -> TopUp:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(type(wallet.city.wallets), "_settle", die)
        with pytest.raises(KilledError):
            await wallet.top_up(5_000)
    await wallet.later(seconds=15)
    again = await wallet.top_up(5_000)
    assert again.status is TopUpStatus.DONE
    assert len(pulled(bank, again)) == 1
    assert await wallet.balance() == 5_000


async def test_two_processes_that_hear_from_the_bank_at_once_credit_once(wallet: Wallet, bank: Service):
    bank.tell("lost")
    asked = await wallet.top_up(5_000)
    await asyncio.gather(*(wallet.city.wallets._settle(asked, DONE) for _ in range(5)))
    assert await wallet.balance() == 5_000
    late = await wallet.city.wallets._settle(asked, Outcome(OutcomeKind.REFUSED, "no_funds"))
    assert late.status is TopUpStatus.DONE
    assert (await wallet.city.wallets._settle(asked, UNKNOWN)).status is TopUpStatus.DONE


async def test_money_for_a_frozen_wallet_is_held_and_counted(wallet: Wallet):
    bucket = wallet.citizen.bucket
    async with wallet.city.database.transaction() as connection:
        await ledger.set_flags(connection, bucket, wallet.citizen.id, add=AccountFlag.FROZEN)
    held = await wallet.top_up(5_000)
    assert (held.status, held.reason) == (TopUpStatus.HELD, "payee_frozen")
    async with wallet.city.database.connection() as connection:
        found = await ledger.balances(connection, bucket, [SystemAccount.SUSPENSE, SystemAccount.RESERVE])
    assert found == {SystemAccount.SUSPENSE: 5_000, SystemAccount.RESERVE: -5_000}


@pytest.mark.parametrize("amount", [0, -1, 99, 500_001, 10**18])
async def test_an_amount_outside_the_limits_is_refused(wallet: Wallet, amount: int):
    with pytest.raises(errors.TopUpAmountInvalid):
        await wallet.top_up(amount)


async def test_above_two_hundred_yuan_the_passcode_is_asked(wallet: Wallet):
    await wallet.top_up(20_000, key="a")
    for passcode, refusal in (("", people_errors.PasscodeMissing), ("314159", people_errors.PasscodeWrong)):
        with pytest.raises(refusal):
            await wallet.top_up(20_001, key="b", passcode=passcode)
    assert (await wallet.top_up(20_001, key="b", passcode=PASSCODE)).status is TopUpStatus.DONE
    assert (await wallet.top_up(20_001, key="b")).status is TopUpStatus.DONE


async def test_a_day_has_a_limit_that_two_at_once_cannot_pass(city: City, wallet: Wallet):
    limited = replace(city.wallets, rules=WalletRules(day_fen_max=15_000))
    wallet.city = replace(city, wallets=limited)
    ends = await asyncio.gather(*(wallet.top_up(5_000, key=f"{n}") for n in range(5)), return_exceptions=True)
    assert sum(isinstance(end, errors.TopUpLimitReached) for end in ends) == 2
    assert await wallet.balance() == 15_000
    city.clock.turn(timedelta(days=1))
    assert (await wallet.top_up(5_000, key="tomorrow")).status is TopUpStatus.DONE


async def test_a_stranger_sees_neither_top_up_nor_card(city: City, wallet: Wallet):
    mine = await wallet.top_up(5_000)
    stranger = (await city.citizen()).citizen
    for bucket in range(4):
        with pytest.raises(errors.TopUpUnknown):
            await city.wallets.top_up_by_id(mine.id, citizen=stranger.id, bucket=bucket)
    with pytest.raises(errors.CardUnknown):
        await Wallet(city, stranger, wallet.card).top_up(5_000)


@pytest.mark.parametrize("key", ["", "k" * 201])
async def test_a_top_up_needs_a_key(wallet: Wallet, key: str):
    with pytest.raises(Refusal) as caught:
        await wallet.top_up(5_000, key=key)
    assert caught.value.code == "key_missing"
