"""The batch: one request paid once, neighbours unharmed, refusals remembered."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from haihe.base.batching import Gatherer
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag
from haihe.ops.verify import verify
from haihe.payments.engine import Order
from haihe.payments.errors import KeyReused
from haihe.payments.model import Payment, Status
from tests.payments.conftest import BUCKET, FARE, LI, OPERATOR, WANG, Street


def paid(answer: Payment | BaseException) -> Payment:
    assert isinstance(answer, Payment)
    return answer


async def test_a_payment_moves_the_price_and_answers_the_balance_after_it(street: Street, owner_dsn: str) -> None:
    [answer] = await street.pay(street.order(LI, "a"))
    assert (paid(answer).status, paid(answer).amount, paid(answer).balance) == (Status.PAID, FARE, 8_00)
    assert await street.balance(OPERATOR) == FARE
    assert street.sector.recorded == [[paid(answer).id]]
    assert verify(owner_dsn).findings == ()


async def test_the_same_key_gets_the_same_payment_and_moves_nothing_more(street: Street) -> None:
    [first] = await street.pay(street.order(LI, "a"))
    [again] = await street.pay(street.order(LI, "a"))
    assert again == first
    assert await street.balance(LI) == 8_00


async def test_the_same_key_twice_in_one_list_is_one_payment(street: Street) -> None:
    first, again = await street.pay(street.order(LI, "a"), street.order(LI, "a"))
    assert first == again
    assert await street.balance(LI) == 8_00


async def test_the_same_key_for_another_request_is_refused(street: Street) -> None:
    await street.pay(street.order(LI, "a"))
    [answer] = await street.pay(street.order(LI, "a", code="other"))
    assert isinstance(answer, KeyReused)


async def test_the_same_key_of_another_payer_is_another_key(street: Street) -> None:
    first, second = await street.pay(street.order(LI, "a"), street.order(WANG, "a"))
    assert paid(first).id != paid(second).id


async def test_too_little_money_is_remembered_until_a_new_key(street: Street, owner_dsn: str) -> None:
    await street.pay(street.order(WANG, "a"))
    [poor] = await street.pay(street.order(WANG, "b"))
    assert (paid(poor).status, paid(poor).balance) == (Status.INSUFFICIENT_FUNDS, 1_00)
    [again] = await street.pay(street.order(WANG, "b"))
    assert again == poor
    assert verify(owner_dsn).findings == ()


async def test_one_payer_many_times_in_a_list_is_served_in_order_until_the_money_ends(
    street: Street, owner_dsn: str
) -> None:
    answers = [paid(answer) for answer in await street.pay(*(street.order(LI, str(n)) for n in range(7)))]
    assert [answer.balance for answer in answers] == [8_00, 6_00, 4_00, 2_00, 0, 0, 0]
    assert [answer.status for answer in answers] == [Status.PAID] * 5 + [Status.INSUFFICIENT_FUNDS] * 2
    assert verify(owner_dsn).findings == ()


async def test_who_is_not_admitted_pays_nothing_and_is_remembered(street: Street, owner_dsn: str) -> None:
    street.sector.unwelcome = {WANG}
    first, second = await street.pay(street.order(LI, "a"), street.order(WANG, "a"))
    assert (paid(first).status, paid(second).status, paid(second).names) == (Status.PAID, Status.ALREADY_PAID, 16)
    street.sector.unwelcome = set()
    [again] = await street.pay(street.order(WANG, "a"))
    assert paid(again).id == paid(second).id
    assert await street.balance(WANG) == 3_00
    assert verify(owner_dsn).findings == ()


async def test_one_request_that_cannot_be_recorded_never_harms_its_neighbour(street: Street, owner_dsn: str) -> None:
    street.sector.cursed = {WANG}
    good, bad = await street.pay(street.order(LI, "a"), street.order(WANG, "a"))
    assert paid(good).status is Status.PAID
    assert isinstance(bad, RuntimeError)
    assert (await street.balance(LI), await street.balance(WANG)) == (8_00, 3_00)
    street.sector.cursed = set()
    [later] = await street.pay(street.order(WANG, "a"))
    assert paid(later).status is Status.PAID
    assert verify(owner_dsn).findings == ()


@pytest.mark.parametrize(
    ("who", "flag", "status"),
    [
        (LI, AccountFlag.FROZEN, Status.ACCOUNT_FROZEN),
        (LI, AccountFlag.CLOSED, Status.ACCOUNT_CLOSED),
        (OPERATOR, AccountFlag.FROZEN, Status.PAYEE_UNAVAILABLE),
        (OPERATOR, AccountFlag.CLOSED, Status.PAYEE_UNAVAILABLE),
    ],
)
async def test_frozen_and_closed_accounts_are_refused(
    street: Street, who: int, flag: AccountFlag, status: Status
) -> None:
    async with street.database.transaction() as connection:
        await ledger.set_flags(connection, BUCKET, who, add=flag)
    [answer] = await street.pay(street.order(LI, "a"))
    assert paid(answer).status is status
    assert await street.balance(LI) == 10_00


async def test_concurrent_requests_with_one_key_are_one_payment(street: Street, owner_dsn: str) -> None:
    answers = await asyncio.gather(*(street.pay(street.order(LI, "a")) for _ in range(20)))
    assert len({paid(answer).id for [answer] in answers}) == 1
    assert await street.balance(LI) == 8_00
    assert verify(owner_dsn).findings == ()


async def test_what_arrives_during_a_batch_forms_the_next(street: Street) -> None:
    sizes: list[int] = []

    async def run(bucket: int, orders: list[Order]) -> list[Payment | BaseException]:
        sizes.append(len(orders))
        return list(await street.engine.run(bucket, orders))

    gatherer: Gatherer[Order, Payment] = Gatherer(run, flights_max=1)  # type: ignore[arg-type]
    answers = await asyncio.gather(
        *(gatherer.submit(BUCKET, street.order(who, str(n))) for n in range(2) for who in (LI, WANG))
    )
    assert sizes == [1, 3]
    assert [answer.status for answer in answers].count(Status.PAID) == 3


@pytest.mark.parametrize("table", ["payments", "payment_keys"])
def test_payment_rows_are_never_updated_or_deleted(street: Street, app_dsn: str, table: str) -> None:
    for statement in (f"UPDATE {table} SET bucket = 0", f"DELETE FROM {table}"):
        with psycopg.connect(app_dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
