"""Worked examples: what an accountant can read and add up by hand. Amounts in fen: 2_00 is two yuan."""

from __future__ import annotations

from haihe.ledger.model import Posted, Result, SystemAccount
from tests.ledger.conftest import BUS, LI, SPONSOR, WANG, Books


async def test_a_ride_moves_the_fare_from_wallet_to_till(books: Books) -> None:
    answer = await books.post(books.posting((LI, BUS, 2_00)))
    assert answer.posted == [Posted(Result.POSTED, 98_00)]
    assert await books.balances(LI, BUS, SystemAccount.RESERVE) == [98_00, 2_00, -105_00]


async def test_a_concession_ride_is_paid_by_rider_and_sponsor_or_not_at_all(books: Books) -> None:
    shared = books.posting((LI, BUS, 1_00), (SPONSOR, BUS, 1_00))
    too_dear = books.posting((SPONSOR, BUS, 1_00), (WANG, BUS, 6_00), subject=WANG)
    answer = await books.post(shared, too_dear)
    assert [posted.result for posted in answer.posted] == [Result.POSTED, Result.INSUFFICIENT_FUNDS]
    assert await books.balances(LI, WANG, SPONSOR, BUS) == [99_00, 5_00, -1_00, 2_00]


async def test_one_payer_twice_in_a_batch_sees_each_balance_in_turn(books: Books) -> None:
    answer = await books.post(*(books.posting((LI, BUS, 30_00)) for _ in range(4)))
    assert [(posted.result, posted.balance) for posted in answer.posted] == [
        (Result.POSTED, 70_00),
        (Result.POSTED, 40_00),
        (Result.POSTED, 10_00),
        (Result.INSUFFICIENT_FUNDS, 10_00),
    ]


async def test_money_that_arrives_earlier_in_a_batch_can_be_spent_later_in_it(books: Books) -> None:
    answer = await books.post(
        books.posting((WANG, BUS, 20_00)),
        books.posting((SystemAccount.RESERVE, WANG, 50_00), subject=WANG),
        books.posting((WANG, BUS, 20_00)),
    )
    assert [posted.result for posted in answer.posted] == [Result.INSUFFICIENT_FUNDS, Result.POSTED, Result.POSTED]
    assert await books.balances(WANG) == [35_00]


async def test_the_last_leg_that_fails_takes_the_first_ones_back(books: Books) -> None:
    answer = await books.post(books.posting((LI, BUS, 10_00), (BUS, WANG, 4_00), (WANG, BUS, 500_00)))
    assert answer.posted[0].result is Result.INSUFFICIENT_FUNDS
    assert await books.balances(LI, WANG, BUS) == [100_00, 5_00, 0]
