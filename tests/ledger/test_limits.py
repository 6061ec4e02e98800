"""Turnover limits: what an account's debits may sum up to, checked under the same lock as its balance. Amounts in fen."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from haihe.base.clock import service_day
from haihe.ledger import service as ledger
from haihe.ledger.holds import holds, release
from haihe.ledger.model import Leg, Phase, Posting, Result, Risk, SystemAccount, TransferKind, TurnoverLimits
from tests.ledger.conftest import BUCKET, BUS, LI, WANG, Books

TODAY = service_day(datetime.now(UTC))
DAY = timedelta(days=1)


@pytest.fixture
async def limited(books: Books) -> Books:
    """Li and Wang are of class 1: 5.00 a day by static codes, 20.00 a day with a weak factor, 30.00 a year, 40.00 in all."""
    async with books.database.transaction() as connection:
        limits = TurnoverLimits(1, day_c=20_00, day_d=5_00, year=30_00, total=40_00)
        await ledger.set_limits(connection, limits, since=TODAY)
        for account in (LI, WANG):
            await ledger.classify(connection, BUCKET, account, 1)
    return books


def pays(books: Books, amount: int, risk: Risk = Risk.D, payer: int = LI) -> Posting:
    return Posting(
        books.ids.next(), (Leg(payer, BUS, amount, TransferKind.PAYMENT, risk=risk),), datetime.now(UTC), subject=payer
    )


async def post(books: Books, *postings: Posting, day: date = TODAY) -> list[Result]:
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    async with books.database.transaction() as connection:
        batch = await ledger.post(connection, BUCKET, postings, now=noon)
    return [one.result for one in batch.posted]


async def test_each_risk_has_its_own_limit_a_day(limited: Books) -> None:
    assert await post(limited, pays(limited, 5_00), pays(limited, 1)) == [Result.POSTED, Result.LIMIT_EXCEEDED]
    assert await post(limited, pays(limited, 1)) == [Result.LIMIT_EXCEEDED]
    assert await post(limited, pays(limited, 20_00, Risk.C), pays(limited, 1, Risk.C)) == [
        Result.POSTED,
        Result.LIMIT_EXCEEDED,
    ]
    free = pays(limited, 2_00, Risk.NONE)
    assert await post(limited, free) == [Result.POSTED]
    assert await post(limited, pays(limited, 5_00), day=TODAY + DAY) == [Result.POSTED]
    assert await limited.balances(LI) == [100_00 - 5_00 - 20_00 - 2_00 - 5_00]


async def test_the_years_and_the_whole_limit_hold_beyond_the_day(limited: Books) -> None:
    assert await post(limited, pays(limited, 20_00, Risk.C)) == [Result.POSTED]
    later = max(TODAY, date(TODAY.year, 12, 31))
    assert await post(limited, pays(limited, 10_01, Risk.C), day=later) == [Result.LIMIT_EXCEEDED]
    assert await post(limited, pays(limited, 10_00, Risk.B), day=later) == [Result.POSTED]
    next_year = date(TODAY.year + 1, 1, 1)
    assert await post(limited, pays(limited, 10_01, Risk.B), pays(limited, 10_00, Risk.B), day=next_year) == [
        Result.LIMIT_EXCEEDED,
        Result.POSTED,
    ]
    assert await post(limited, pays(limited, 1, Risk.A), day=next_year) == [Result.LIMIT_EXCEEDED]


async def test_money_comes_before_limits_and_refusals_are_remembered(limited: Books) -> None:
    dear = pays(limited, 6_00, payer=WANG)
    assert await post(limited, dear) == [Result.INSUFFICIENT_FUNDS]
    over = pays(limited, 5_01)
    assert await post(limited, over, over) == [Result.LIMIT_EXCEEDED, Result.LIMIT_EXCEEDED]
    async with limited.database.transaction() as connection:
        await ledger.classify(connection, BUCKET, LI, 0)
    assert await post(limited, over) == [Result.LIMIT_EXCEEDED]
    assert await post(limited, pays(limited, 50_00)) == [Result.POSTED]


async def test_two_at_once_can_never_pass_a_limit_together(limited: Books) -> None:
    answers = await asyncio.gather(*(post(limited, pays(limited, 3_00)) for _ in range(6)))
    assert sorted(answers) == [[Result.POSTED], *[[Result.LIMIT_EXCEEDED]] * 5]


async def test_a_refused_neighbour_leaves_what_was_counted_right(limited: Books) -> None:
    """Wang's leg fails at the till of nobody: what it had counted of Li in the same posting is taken back."""
    shared = Posting(
        limited.ids.next(),
        (
            Leg(LI, BUS, 3_00, TransferKind.PAYMENT, risk=Risk.D),
            Leg(WANG, 424242, 1_00, TransferKind.PAYMENT, risk=Risk.D),
        ),
        datetime.now(UTC),
        subject=LI,
    )
    assert await post(limited, shared, pays(limited, 5_00)) == [Result.PAYEE_UNKNOWN, Result.POSTED]
    assert await post(limited, pays(limited, 1)) == [Result.LIMIT_EXCEEDED]


async def test_a_hold_counts_when_it_is_made_and_no_longer_when_it_is_released(limited: Books) -> None:
    leg = Leg(LI, BUS, 4_00, TransferKind.DEPOSIT, risk=Risk.D, phase=Phase.HOLD)
    deposit = Posting(limited.ids.next(), (leg,), datetime.now(UTC), subject=LI)
    assert await post(limited, deposit, pays(limited, 1_01)) == [Result.POSTED, Result.LIMIT_EXCEEDED]
    async with limited.database.connection() as connection:
        hold = (await holds(connection, BUCKET, [deposit.id]))[deposit.id]
    back = Posting(limited.ids.next(), (release(hold, TransferKind.DEPOSIT),), datetime.now(UTC), subject=LI)
    assert await post(limited, back, pays(limited, 5_00)) == [Result.POSTED, Result.POSTED]
    assert await post(limited, pays(limited, 1)) == [Result.LIMIT_EXCEEDED]


async def test_limits_never_change_for_days_gone_by(limited: Books) -> None:
    await post(limited, limited.posting((SystemAccount.RESERVE, LI, 1)), day=TODAY + DAY)
    with pytest.raises(ValueError, match="behind"):
        async with limited.database.transaction() as connection:
            await ledger.set_limits(connection, TurnoverLimits(1), since=TODAY)
    async with limited.database.transaction() as connection:
        await ledger.set_limits(connection, TurnoverLimits(1, day_d=7_00), since=TODAY + 2 * DAY)
    assert await post(limited, pays(limited, 7_00), day=TODAY + DAY) == [Result.LIMIT_EXCEEDED]
    assert await post(limited, pays(limited, 7_00), day=TODAY + 2 * DAY) == [Result.POSTED]


async def test_a_day_that_was_booked_never_comes_back(limited: Books) -> None:
    """A clock that goes back books on the newest day: no limit begins anew."""
    assert await post(limited, pays(limited, 5_00), day=TODAY + DAY) == [Result.POSTED]
    assert await post(limited, pays(limited, 1), day=TODAY) == [Result.LIMIT_EXCEEDED]
