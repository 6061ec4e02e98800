from __future__ import annotations

import asyncio

import pytest

from haihe.base.errors import Refusal
from haihe.payments.model import Payment
from haihe.payments.references import reference
from haihe.sectors.utilities.model import KIND
from tests.sectors.utilities.town import Town


async def code_of(work: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await work  # type: ignore[misc]
    return refusal.value.code


async def test_bill_is_paid_in_full_by_whoever_follows_its_account(town: Town):
    due = await town.bill()
    payer, stranger = await town.city.register(2)
    await town.follow(due, payer)
    code = reference(KIND, due.id)
    assert await code_of(town.city.pay(stranger, code)) == "due_unknown"
    assert await code_of(town.city.pay(payer, code, 50_00)) == "amount_fixed"
    payment = await town.city.pay(payer, code)
    assert (payment.amount, payment.payee) == (113_20, town.power.id)
    receipt = await town.city.payments.receipt(town.city.viewer(payer), payment.id, "en")
    assert ("220 kWh × ¥0.49", "¥107.80") in receipt.description.details
    assert await town.city.balance(payer) == 1_000_00 - 113_20
    assert await town.city.till(town.power.id) == 113_20
    assert await code_of(town.city.pay(payer, code)) == "already_settled"
    assert await code_of(town.city.pay(stranger, code)) == "due_unknown"
    assert town.city.verified() == []


async def test_neighbours_of_two_buckets_pay_the_same_bill_at_once_and_one_of_them_pays(town: Town):
    first, second = await town.city.neighbours()
    for place in range(5):
        due = await town.bill(f"12000001{place:02d}")
        await town.follow(due, first, second)
        answers = await asyncio.gather(
            *(town.city.pay(citizen, reference(KIND, due.id)) for citizen in (first, second, first, second)),
            return_exceptions=True,
        )
        paid = [one for one in answers if isinstance(one, Payment)]
        refused = [one.code for one in answers if isinstance(one, Refusal)]
        assert (len(paid), refused) == (1, ["already_settled"] * 3)
    assert await town.city.balance(first) + await town.city.balance(second) == 2 * 1_000_00 - 5 * 113_20
    assert await town.city.till(town.power.id) == 5 * 113_20
    assert town.city.verified() == []


async def test_bill_that_is_withdrawn_while_it_is_paid_ends_one_way(town: Town):
    (payer,) = await town.city.register(1)
    for place in range(5):
        due = await town.bill(f"12000001{place:02d}")
        await town.follow(due, payer)
        withdrawn, paid = await asyncio.gather(
            town.billing.withdraw(town.power.id, due.id, staff=7, reason="wrong"),
            town.city.pay(payer, reference(KIND, due.id)),
            return_exceptions=True,
        )
        assert isinstance(withdrawn, Refusal) != isinstance(paid, Refusal), (withdrawn, paid)
        if isinstance(paid, Refusal):
            assert paid.code == "no_longer_due"
    assert town.city.verified() == []


async def test_withdrawn_bill_takes_no_money(town: Town):
    due = await town.bill()
    (payer,) = await town.city.register(1)
    await town.follow(due, payer)
    await town.billing.withdraw(town.power.id, due.id, staff=7, reason="wrong")
    assert await code_of(town.city.pay(payer, reference(KIND, due.id))) == "no_longer_due"
    assert await town.city.balance(payer) == 1_000_00


async def test_check_names_bills_that_were_tampered_with(town: Town):
    due = await town.bill()
    async with town.city.database.connection() as connection:
        await connection.execute("UPDATE dues SET amount = amount + 1 WHERE id = %s", (due.id,))
    assert any(f"bill {due.id}: its lines do not make up its amount" in one for one in town.city.verified())


async def test_application_cannot_change_a_reading(town: Town):
    await town.bill()
    async with town.city.database.connection() as connection:
        for statement in ("UPDATE utility_readings SET value_milli = 0", "DELETE FROM utility_readings"):
            with pytest.raises(Exception, match="permission denied"):
                await connection.execute(statement)
