"""Refunds: never more than was paid, whatever comes at once or twice; wrong requests change nothing; nothing is lost on its way."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from haihe.base.clock import service_day
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, Leg, Posting, Result, SystemAccount, TransferKind
from haihe.payments.errors import AmountInvalid, InsufficientFunds, PaymentUnknown
from haihe.payments.model import Payment, Source, Status
from haihe.payments.refunds import engine as refund_engine
from haihe.payments.refunds.errors import (
    NothingLeft,
    NotRefundable,
    ReasonMissing,
    RefundAboveRest,
    RefundKeyReused,
    TillLacksMoney,
    TillUnavailable,
)
from haihe.payments.refunds.rules import refundable_account
from tests.payments.refunds.conftest import STAFF, Pier

FROZEN, CLOSED = int(AccountFlag.FROZEN), int(AccountFlag.CLOSED)


async def counted(pier: Pier) -> tuple[int, int, int]:
    """Count transfers, payment rows and keys."""
    async with pier.city.database.connection() as connection:
        cursor = await connection.execute(
            "SELECT (SELECT count(*) FROM transfers), (SELECT count(*) FROM payments), (SELECT count(*) FROM payment_keys)"
        )
        row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1], row[2]


async def test_wrong_requests_are_refused_and_change_nothing(pier: Pier):
    li, wang = await pier.city.neighbours(20_00)
    ride = await pier.ride(li, 10_00)
    with pytest.raises(InsufficientFunds):
        await pier.ride(wang, 99_00)
    async with pier.city.database.connection() as connection:
        row = await (await connection.execute("SELECT id FROM payments WHERE status = 4")).fetchone()
    assert row is not None
    before = await counted(pier)
    with pytest.raises(RefundAboveRest):
        await pier.give_back(ride.id, 10_01)
    for amount in (0, -1):
        with pytest.raises(AmountInvalid):
            await pier.give_back(ride.id, amount)
    for reason in ("", "  ", "\u200b\u2060", "x" * 201):
        with pytest.raises(ReasonMissing):
            await pier.give_back(ride.id, 1, reason=reason)
    stranger = await pier.city.organisation("stranger", "shop")
    with pytest.raises(PaymentUnknown):
        await pier.give_back(ride.id, 1, by=stranger.id)
    with pytest.raises(PaymentUnknown):
        await pier.refunds.find(stranger.id, ride.id)
    with pytest.raises(PaymentUnknown):
        await pier.give_back(16, 1)
    with pytest.raises(NotRefundable):
        await pier.give_back(row[0], 1)
    assert await counted(pier) == before

    refund = await pier.give_back(ride.id, 4_00, key="k")
    before = await counted(pier)
    with pytest.raises(RefundKeyReused):
        await pier.give_back(ride.id, 4_01, key="k")
    with pytest.raises(NotRefundable):
        await pier.give_back(refund.id, 1)
    assert (await pier.give_back(ride.id, 4_00, key="k")).id == refund.id
    assert await counted(pier) == before
    assert (await pier.holds(li))[0] == 14_00
    assert pier.city.verified() == []


async def test_refund_never_exceeds_the_payment_whatever_comes_at_once(pier: Pier):
    (li,) = await pier.city.register(1, 20_00)
    other = await pier.ride(li, 5_00)
    ride = await pier.ride(li, 10_00)
    answers = await pier.at_once(ride, 3_00, 12)
    given = [answer for answer in answers if isinstance(answer, Payment)]
    assert len(given) == 3
    assert {type(answer) for answer in answers} == {Payment, RefundAboveRest}
    assert (await pier.holds(li))[0] == 14_00
    same = await asyncio.gather(*(pier.give_back(other.id, 1_00, key="one key") for _ in range(8)))
    assert len({refund.id for refund in same}) == 1
    assert await pier.till() == 15_00 - 9_00 - 1_00
    _, rest = await pier.refunds.find(pier.operator.id, ride.id)
    assert ([one.refund.id for one in rest.refunds], rest.left) == (sorted(one.id for one in given), 1_00)
    assert {(one.staff, one.reason) for one in rest.refunds} == {(STAFF, "Ferry was late")}
    assert pier.city.verified() == []


async def test_ledger_itself_refuses_what_is_above_the_rest(pier: Pier):
    (li,) = await pier.city.register(1, 20_00)
    await pier.ride(li, 10_00)
    ride = await pier.ride(li, 10_00)
    await pier.give_back(ride.id, 6_00)
    forged = Posting(
        pier.city.ground.base.ids.next(),
        (
            Leg(pier.operator.id, li.id, 5_00, TransferKind.REFUND, names=ride.id),
            Leg(
                refundable_account(ride.id), SystemAccount.REFUNDABLE_ALL, 5_00, TransferKind.REFUNDABLE, names=ride.id
            ),
        ),
        pier.city.clock.now(),
        subject=refundable_account(ride.id),
    )
    async with pier.city.database.transaction() as connection:
        batch = await ledger.post(connection, li.bucket, [forged], now=pier.city.clock.now())
    assert (batch.posted[0].result, batch.posted[0].balance) == (Result.INSUFFICIENT_FUNDS, 4_00)
    assert await pier.till() == 14_00


async def test_list_of_refunds_is_judged_one_by_one_and_told_to_its_sector(pier: Pier):
    (li,) = await pier.city.register(1, 50_00)
    rides = [await pier.ride(li, 10_00) for _ in range(3)]
    answers = await pier.batch(
        li.bucket,
        (rides[0], 10_00, "a"),
        (rides[1], 11_00, "b"),
        (rides[0], 1, "c"),
        (rides[2], None, "d"),
        (rides[2], None, "d"),
        (rides[1], 2_00, "d"),
    )
    assert [type(one) for one in answers] == [Payment, RefundAboveRest, NothingLeft, Payment, Payment, RefundKeyReused]
    assert answers[3] == answers[4]
    assert await pier.till() == 10_00
    assert [payment for _, payment in pier.ferry.heard] == [rides[0].id, rides[2].id]

    before = await counted(pier)
    pier.ferry.cursed = True
    with pytest.raises(RuntimeError):
        await pier.give_back(rides[1].id, 1_00)
    pier.ferry.cursed = False
    assert await counted(pier) == before
    assert pier.city.verified() == []


async def test_list_of_refunds_takes_as_many_statements_as_one(pier: Pier, monkeypatch: pytest.MonkeyPatch):
    people = await pier.city.register(24, 50_00)
    neighbours = [one for one in people if one.bucket == people[0].bucket]
    for one in neighbours:
        await pier.fill(one, senior=2_00)
    rides = [await pier.ride(one, 5_00) for one in neighbours]
    execute = psycopg.AsyncConnection.execute
    said: list[object] = []

    async def counting(connection: psycopg.AsyncConnection[Any], query: Any, *args: Any, **more: Any) -> Any:
        said.append(query)
        return await execute(connection, query, *args, **more)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", counting)
    counts = []
    for turn, some in enumerate((rides[:1], rides[1:])):
        said.clear()
        await pier.batch(people[0].bucket, *((one, 1_00, f"{turn} {one.id}") for one in some))
        counts.append(len(said))
    assert len(rides) > 2
    assert counts[0] == counts[1]


async def test_till_that_lacks_money_or_is_frozen_gives_nothing_and_leaves_no_trace(pier: Pier):
    (li,) = await pier.city.register(1, 50_00)
    ride = await pier.ride(li, 10_00)
    paid_out = Posting(
        pier.city.ground.base.ids.next(),
        (Leg(pier.operator.id, SystemAccount.RESERVE, 8_00, TransferKind.OPENING),),
        pier.city.clock.now(),
        subject=pier.operator.id,
    )
    async with pier.city.database.transaction() as connection:
        await ledger.post(connection, li.bucket, [paid_out], now=pier.city.clock.now())
    before = await counted(pier)
    with pytest.raises(TillLacksMoney):
        await pier.give_back(ride.id, key="again")
    await pier.flag(li.bucket, pier.operator.id, add=FROZEN)
    with pytest.raises(TillUnavailable):
        await pier.give_back(ride.id, 1_00)
    assert await counted(pier) == before
    await pier.flag(li.bucket, pier.operator.id, remove=FROZEN)
    await pier.ride(li, 20_00)
    assert (await pier.give_back(ride.id, key="again")).amount == 10_00
    assert pier.city.verified() == []


async def test_money_for_an_account_that_takes_none_is_held_and_goes_on_once(pier: Pier):
    li, wang = await pier.city.register(2, 50_00)
    await pier.fill(li, senior=3_00, green=2_00)
    ride = await pier.ride(li, 10_00)
    in_fund = await pier.city.available(li.bucket, pier.fund.id)
    await pier.flag(li.bucket, li.id, add=FROZEN)
    await pier.flag(li.bucket, await pier.purse_account(li, "senior"), add=CLOSED)
    refund = await pier.give_back(ride.id, 5_00)
    assert await pier.in_flight(li) == 2_50
    assert await pier.city.available(li.bucket, pier.fund.id) == in_fund + 1_50
    assert await pier.holds(li) == (45_00, 0, 1_00)
    _, rest = await pier.refunds.find(pier.operator.id, ride.id)
    assert (rest.refunds[0].held, rest.left) == (2_50, 5_00)
    assert pier.city.verified() == []
    await pier.refunds.move_held_on()
    assert await pier.in_flight(li) == 2_50

    await pier.flag(li.bucket, li.id, remove=FROZEN)
    await asyncio.gather(*(pier.refunds.move_held_on() for _ in range(4)))
    assert (await pier.in_flight(li), (await pier.holds(li))[0]) == (0, 47_50)
    history = await pier.city.payments.history(pier.city.viewer(li), "en", limit=2, cursor=None)
    assert [(one.title, one.amount, one.href) for one in history.items] == [
        ("Refund: Ferry across", 2_50, f"/payments/{refund.id}"),
        ("Refund: Ferry across", 1_00, f"/payments/{refund.id}"),
    ]

    closed = await pier.ride(wang, 10_00)
    await pier.flag(wang.bucket, wang.id, add=CLOSED)
    await pier.give_back(closed.id)
    await pier.refunds.move_held_on()
    assert await pier.in_flight(wang) == 10_00
    assert pier.city.verified() == []


async def test_citizen_sees_what_was_given_back_at_once(pier: Pier):
    (li, stranger) = await pier.city.register(2, 50_00)
    await pier.fill(li, senior=3_00)
    ride = await pier.ride(li, 10_00)
    refund = await pier.give_back(ride.id, 5_00)
    viewer = pier.city.viewer(li)
    history = await pier.city.payments.history(viewer, "en", limit=1, cursor=None)
    assert [(one.title, one.icon, one.amount) for one in history.items] == [("Refund: Ferry across", "undo-2", 5_00)]
    receipt = await pier.city.payments.receipt(viewer, ride.id, "en")
    assert ([one.refund.id for one in receipt.refunds], receipt.rest) == ([refund.id], 5_00)
    own = await pier.city.payments.receipt(viewer, refund.id, "en")
    assert (own.payment.status, own.description.title) == (Status.REFUND, "Refund: Ferry across")
    assert [(part.name, part.amount) for part in own.parts] == [("Senior purse", 1_50), ("Wallet balance", 3_50)]
    with pytest.raises(PaymentUnknown):
        await pier.city.payments.receipt(pier.city.viewer(stranger), refund.id, "en")
    listed, _ = await pier.city.payments.list_payments(viewer, limit=10, cursor=None)
    assert [one.id for one in listed] == [ride.id]
    plain = await pier.city.pay(stranger, f"ferry-{pier.operator.id}", 7_00)
    alone = await pier.give_back(plain.id, 2_00)
    assert (alone.shares, alone.paid_by[0].source, alone.balance) == ((), Source.BALANCE, 45_00)
    assert (await pier.refunds.find(pier.operator.id, alone.id))[1].left == 0


async def test_refunds_are_counted_once_on_the_day_on_which_they_were_given(pier: Pier):
    (li,) = await pier.city.register(1, 50_00)
    ride = await pier.ride(li, 10_00)
    first = service_day(pier.city.clock.now())
    await pier.give_back(ride.id, 1_00)
    tallies = pier.tallies()
    assert await tallies.catch_up() == 1
    await pier.give_back(ride.id, 2_00)
    pier.city.clock.turn(timedelta(days=1))
    await pier.give_back(ride.id, 3_00)
    await asyncio.gather(*(pier.tallies().catch_up() for _ in range(3)))
    today = await tallies.day(pier.operator.id, first)
    later = await tallies.day(pier.operator.id, first + timedelta(days=1))
    assert [(day.paid.amount, day.refunded.number, day.refunded.amount) for day in (today, later)] == [
        (10_00, 2, 3_00),
        (0, 1, 3_00),
    ]
    assert pier.city.verified() == []


async def test_refund_that_dies_before_its_commit_is_given_once_by_its_repeat(
    pier: Pier, monkeypatch: pytest.MonkeyPatch
):
    (li,) = await pier.city.register(1, 50_00)
    ride = await pier.ride(li, 10_00)
    before = await counted(pier)
    write = refund_engine._write

    async def dies(*args: object) -> None:
        await write(*args)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(refund_engine, "_write", dies)
    with pytest.raises(KeyboardInterrupt):
        await pier.give_back(ride.id, 3_00, key="k")
    assert await counted(pier) == before
    monkeypatch.setattr(refund_engine, "_write", write)
    first = await pier.give_back(ride.id, 3_00, key="k")
    assert (await pier.give_back(ride.id, 3_00, key="k")).id == first.id
    assert (await pier.holds(li))[0] == 43_00


@pytest.mark.parametrize(
    ("tampering", "check"),
    [
        ("UPDATE payments SET amount = amount + 1 WHERE status = 11", "payments.refunds"),
        ("UPDATE payments SET names = id WHERE status = 11", "payments.refunds"),
        ("DELETE FROM payments WHERE status = 11", "payments.refunds"),
        ("DELETE FROM refunds", "payments.refunds"),
        ("UPDATE transfers SET names = 0 WHERE kind = 5", "payments.refunds"),
        ("UPDATE transfers SET amount = amount * 3 WHERE kind = 5", "payments.refunds"),
        ("UPDATE transfers SET credit = 6 WHERE kind = 5", "payments.refunds"),
        ("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE kind = 20", "payments.refunds"),
        ("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = 7", "payments.refunds"),
        ("UPDATE refund_days SET amount = amount + 1", "payments.tallies"),
        ("DELETE FROM refund_days", "payments.tallies"),
    ],
)
async def test_refunds_that_do_not_agree_are_named(pier: Pier, tampering: str, check: str):
    (li,) = await pier.city.register(1, 50_00)
    ride = await pier.ride(li, 10_00)
    await pier.give_back(ride.id, 4_00)
    await pier.tallies().catch_up()
    assert pier.city.verified() == []
    with psycopg.connect(pier.city.access.owner_dsn) as connection:
        connection.execute(tampering.encode())
    assert any(check in finding for finding in pier.city.verified())
