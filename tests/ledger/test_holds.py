"""Holds, as an accountant reads them: a deposit held, captured, released. Amounts in fen: 2_00 is two yuan."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from haihe.base.clock import TurnableClock
from haihe.ledger import service as ledger
from haihe.ledger.holds import Hold, Holds, capture, holds, release
from haihe.ledger.model import Leg, Phase, Posted, Posting, Result, TransferKind
from tests.ledger.conftest import BUCKET, BUS, LI, NOW, WANG, Books

HOUR = timedelta(hours=1)


def held(books: Books, amount: int, *, expires: datetime | None = None) -> Posting:
    leg = Leg(LI, BUS, amount, TransferKind.DEPOSIT, phase=Phase.HOLD)
    return Posting(books.ids.next(), (leg,), NOW, subject=LI, expires=expires)


def ends(books: Books, *legs: Leg) -> Posting:
    return Posting(books.ids.next(), legs, NOW, subject=LI)


async def read(books: Books, identity: int) -> Hold:
    async with books.database.connection() as connection:
        return (await holds(connection, BUCKET, [identity]))[identity]


async def results(books: Books, *postings: Posting) -> list[Result]:
    return [one.result for one in (await books.post(*postings)).posted]


async def test_a_deposit_is_held_captured_twice_and_its_rest_comes_back(books: Books) -> None:
    """Li has 100.00 and leaves a deposit of 60.00 at the hospital: 40.00 left, nothing has reached the hospital."""
    deposit = held(books, 60_00)
    assert (await books.post(deposit)).posted == [Posted(Result.POSTED, 40_00)]
    assert await books.balances(LI, BUS) == [40_00, 0]
    hold = await read(books, deposit.id)
    # The stay costs 25.00, medicine 10.00; the rest of 25.00 comes back.
    answer = await books.post(
        ends(books, capture(hold, 25_00, TransferKind.DEPOSIT)),
        ends(books, capture(hold, 10_00, TransferKind.DEPOSIT)),
        ends(books, release(hold, TransferKind.DEPOSIT)),
    )
    assert answer.posted == [Posted(Result.POSTED, 40_00), Posted(Result.POSTED, 40_00), Posted(Result.POSTED, 65_00)]
    assert await books.balances(LI, BUS) == [65_00, 35_00]
    assert (await read(books, deposit.id)).rest == 0
    # It has ended: nothing more can be taken or given back.
    late = [ends(books, capture(hold, 1, TransferKind.DEPOSIT)), ends(books, release(hold, TransferKind.DEPOSIT))]
    assert await results(books, *late) == [Result.HOLD_ENDED, Result.HOLD_ENDED]
    assert await books.balances(LI, BUS) == [65_00, 35_00]


async def test_what_is_held_cannot_be_spent_and_more_cannot_be_captured(books: Books) -> None:
    deposit = held(books, 60_00)
    too_much, ride = books.posting((LI, BUS, 41_00)), books.posting((LI, BUS, 40_00))
    assert await results(books, deposit, too_much, ride) == [Result.POSTED, Result.INSUFFICIENT_FUNDS, Result.POSTED]
    hold = await read(books, deposit.id)
    nobodys = Hold(deposit.id + 1, LI, BUS, 1, 1, NOW)
    others = hold._replace(credit=WANG)
    wrong = [
        ends(books, capture(hold, 60_01, TransferKind.DEPOSIT)),
        ends(books, capture(nobodys, 1, TransferKind.DEPOSIT)),
        ends(books, capture(others, 1, TransferKind.DEPOSIT)),
        ends(books, Leg(LI, BUS, 0, TransferKind.DEPOSIT, names=hold.id, phase=Phase.CAPTURE)),
        ends(books, Leg(LI, BUS, 5, TransferKind.DEPOSIT, names=hold.id, phase=Phase.RELEASE)),
    ]
    assert await results(books, *wrong) == [
        Result.ABOVE_REST,
        Result.UNKNOWN_HOLD,
        Result.UNKNOWN_HOLD,
        Result.MALFORMED,
        Result.MALFORMED,
    ]
    assert await results(books, *wrong[:3]) == [Result.ABOVE_REST, Result.UNKNOWN_HOLD, Result.UNKNOWN_HOLD]
    assert await books.balances(LI, BUS) == [0, 40_00]
    assert (await read(books, deposit.id)).rest == 60_00


async def test_a_hold_and_its_end_are_answered_once_however_often_they_are_sent(books: Books) -> None:
    deposit = held(books, 60_00)
    await books.post(deposit)
    hold = await read(books, deposit.id)
    part, back = (
        ends(books, capture(hold, 25_00, TransferKind.DEPOSIT)),
        ends(books, release(hold, TransferKind.DEPOSIT)),
    )
    assert await results(books, part, back) == [Result.POSTED, Result.POSTED]
    assert await results(books, deposit, part, back) == [Result.ALREADY_POSTED] * 3
    other = Posting(part.id, (capture(hold, 26_00, TransferKind.DEPOSIT),), NOW, subject=LI)
    assert await results(books, other) == [Result.ID_REUSED]
    assert await books.balances(LI, BUS) == [75_00, 25_00]


async def test_a_capture_that_fails_takes_the_legs_before_it_back(books: Books) -> None:
    deposit = held(books, 60_00)
    await books.post(deposit)
    hold = await read(books, deposit.id)
    both = ends(books, capture(hold, 25_00, TransferKind.DEPOSIT), capture(hold, 36_00, TransferKind.DEPOSIT))
    again = Posting(
        books.ids.next(),
        (Leg(LI, BUS, 5_00, TransferKind.DEPOSIT, phase=Phase.HOLD), Leg(WANG, BUS, 999_00, TransferKind.PAYMENT)),
        NOW,
        subject=LI,
    )
    assert await results(books, both, again) == [Result.ABOVE_REST, Result.INSUFFICIENT_FUNDS]
    assert (await read(books, deposit.id)).rest == 60_00
    assert await books.balances(LI, BUS) == [40_00, 0]


async def test_of_a_capture_and_a_release_at_once_exactly_one_wins(books: Books) -> None:
    for _ in range(10):
        deposit = held(books, 10_00)
        await books.post(deposit)
        hold = await read(books, deposit.id)
        takes, gives = (
            ends(books, capture(hold, 10_00, TransferKind.DEPOSIT)),
            ends(books, release(hold, TransferKind.DEPOSIT)),
        )
        one, other = await asyncio.gather(results(books, takes), results(books, gives))
        assert sorted([*one, *other]) == [Result.POSTED, Result.HOLD_ENDED]
        await books.post(books.posting((BUS, LI, 10_00))) if one == [Result.POSTED] else None
    assert await books.balances(LI, BUS) == [100_00, 0]


async def test_an_expired_hold_cannot_be_captured_and_is_released_by_the_job(books: Books) -> None:
    soon, later = held(books, 10_00, expires=NOW - HOUR), held(books, 20_00, expires=NOW + HOUR)
    await books.post(soon, later)
    hold = await read(books, soon.id)
    assert await results(books, ends(books, capture(hold, 1_00, TransferKind.DEPOSIT))) == [Result.HOLD_ENDED]
    clock = TurnableClock(datetime.now(UTC))
    for _ in range(2):
        await Holds(books.database, clock, books.ids).expire()
        assert await books.balances(LI, BUS) == [80_00, 0]
    clock.turn(2 * HOUR)
    await Holds(books.database, clock, books.ids).expire()
    assert await books.balances(LI, BUS) == [100_00, 0]
    assert [(await read(books, one.id)).rest for one in (soon, later)] == [0, 0]
    async with books.database.connection() as connection:
        assert (await ledger.balances(connection, BUCKET, [LI]))[LI] == 100_00
