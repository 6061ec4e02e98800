from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from haihe.base.errors import Refusal
from haihe.payments.dues.model import DueStatus
from haihe.sectors.utilities import billing as billing_module, store
from haihe.sectors.utilities.bodies import read_body
from haihe.sectors.utilities.model import NewAccount, Row, Taken
from tests.sectors.utilities.town import Town


async def refused(town: Town, *rows: Row, company: int = 0) -> list[tuple[int, str]]:
    taken = await town.billing.take(company or town.power.id, rows)
    return [(fault.line, fault.refusal.code) for fault in taken.faults]


async def test_reading_makes_the_bill_of_its_month_itemised_by_step(town: Town):
    account = await town.home()
    taken = await town.read(account, town.last_month, 1_230)
    assert (taken.billed, taken.amount, taken.faults) == (1, 113_20, ())
    (due,) = await town.bills(account)
    body = read_body(due)
    assert (due.period, due.amount, due.organisation) == (f"{town.last_month:%Y-%m}", 113_20, town.power.id)
    assert [(item.quantity_milli, item.price, item.amount) for item in body.items] == [
        (220_000, 49, 107_80),
        (10_000, 54, 5_40),
    ]
    assert (body.read_from, body.read_to, body.value_to) == (town.month_before, town.last_month, 1_230_000)
    assert due.due_on == town.today + timedelta(days=20)
    assert town.city.verified() == []


async def test_same_readings_twice_or_at_once_bill_once(town: Town):
    account = await town.home()
    first, *others = await asyncio.gather(*(town.read(account, town.last_month, 1_230) for _ in range(4)))
    assert sorted(one.billed for one in (first, *others)) == [0, 0, 0, 1]
    again = await town.read(account, town.last_month, 1_230)
    assert again == Taken(known=1)
    assert len(await town.bills(account)) == 1


async def test_households_with_low_income_have_15_kwh_free_and_no_bill_below(town: Town):
    due = await town.bill(low_income=True)
    assert due.amount == 205 * 49 + 10 * 54
    other = await town.home("1200000002", low_income=True)
    taken = await town.read(other, town.last_month, 1_015)
    assert (taken.billed, taken.recorded) == (0, 1)
    assert await town.bills(other) == []
    assert town.city.verified() == []


async def test_water_counts_what_was_used_in_the_year(town: Town):
    account = await town.account(town.water, "S00000001", "water")
    begin, end = date(2026, 9, 30), date(2026, 10, 31)
    await town.read(account, begin, 678, carried=178)
    assert (await town.read(account, end, 688)).amount == 59_40


async def test_heating_is_billed_once_a_season_by_area_with_its_deadline(town: Town):
    account = await town.account(town.heating, "017-0345-02", "heating", area_milli=85_500)
    await town.account(town.heating, "017-0345-03", "heating")  # of unknown area
    assert await town.billing.issue(town.heating.id) == 1
    assert await town.billing.issue(town.heating.id) == 0
    (due,) = await town.bills(account)
    assert due.amount == 2_137_50
    assert due.due_on >= town.today + timedelta(days=15)
    with pytest.raises(Refusal) as refusal:
        await town.billing.issue(town.power.id)
    assert refusal.value.code == "nothing_to_issue"
    assert town.city.verified() == []


async def test_faults_are_listed_with_their_lines_and_spoil_nothing_else(town: Town):
    await town.home("1200000001")
    await town.home("1200000002")
    heated = await town.account(town.heating, "017-0345-02", "heating", area_milli=85_500)
    day = town.last_month
    assert await refused(
        town,
        Row(2, "1200000001", day, 1_230_000),
        Row(3, "1200000002", day, 999_999),
        Row(4, "S00000001", day, 5),
        Row(5, "1200000099", day, 5),
        Row(6, "1200000002", town.today + timedelta(days=1), 2_000_000),
        Row(7, "1200000001", day + timedelta(days=1), 1_230_000),
        Row(8, "1200000001", day, 1_231_000),
        Row(9, "1200000002", date(2001, 1, 1), 1),
    ) == [
        (3, "value_lower"),
        (4, "number_wrong"),
        (5, "account_unknown"),
        (6, "date_in_future"),
        (8, "date_not_after_last"),
        (9, "date_not_after_last"),
    ]
    assert await refused(town, Row(1, "017-0345-02", day, 5), company=heated.organisation) == [(1, "not_metered")]
    # Another company's customer number is as unknown as nobody's.
    assert await refused(town, Row(1, "S00000001", day, 5), company=town.water.id) == [(1, "account_unknown")]
    assert town.city.verified() == []


async def test_day_without_a_tariff_makes_no_bill(town: Town):
    account = await town.account(town.power, "1200000001", "electricity")
    await town.read(account, date(2001, 1, 31), 1_000)
    assert await refused(town, Row(1, account.number, date(2001, 2, 28), 1_100_000)) == [(1, "not_offered")]
    assert await town.bills(account) == []


async def test_every_chunk_of_readings_takes_the_same_few_statements(town: Town, monkeypatch: pytest.MonkeyPatch):
    service = town.city.ground.catalogue.by_key(town.power.id, "electricity")
    assert service
    numbers = [f"12{place:08d}" for place in range(600)]
    await town.billing.open_accounts(
        [NewAccount(organisation=town.power.id, service=service.id, number=number, holder="李*") for number in numbers]
    )
    await town.billing.take(town.power.id, [Row(1, number, town.month_before, 0) for number in numbers])
    executed: list[object] = []
    execute = psycopg.AsyncConnection.execute

    async def counting(connection: Any, query: Any, *more: Any, **options: Any) -> Any:
        executed.append(query)
        return await execute(connection, query, *more, **options)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", counting)
    monkeypatch.setattr(billing_module, "CHUNK_ROWS", 250)
    for part, chunks in ((numbers[:100], 1), (numbers[100:], 2)):
        executed.clear()
        taken = await town.billing.take(town.power.id, [Row(1, one, town.last_month, 230_000) for one in part])
        assert (taken.billed, taken.amount) == (len(part), len(part) * 113_20)
        assert len(executed) == 5 * chunks


async def test_wrong_bill_is_withdrawn_with_its_reading_and_the_right_one_taken(town: Town):
    due = await town.bill(used=2_300)
    await town.billing.withdraw(town.power.id, due.id, staff=7, reason="figures transposed")
    async with town.city.database.connection() as connection:
        account = (await store.by_ids(connection, [due.subject]))[due.subject]
        reasons = await store.reasons(connection, [due.id])
    assert reasons[due.id][1] == "figures transposed"
    right = await town.read(account, town.last_month, 1_230)
    assert (right.billed, right.amount) == (1, 113_20)
    newest, withdrawn = await town.bills(account)
    assert (newest.status, withdrawn.status) == (DueStatus.OPEN, DueStatus.WITHDRAWN)
    assert town.city.verified() == []


async def test_only_an_open_bill_of_the_newest_reading_and_the_own_company_is_withdrawn(town: Town):
    due = await town.bill()
    (payer,) = await town.city.register(1)
    await town.follow(due, payer)

    async def code(company: int, bill: int) -> str:
        with pytest.raises(Refusal) as refusal:
            await town.billing.withdraw(company, bill, staff=7, reason="wrong")
        return refusal.value.code

    async with town.city.database.connection() as connection:
        account = (await store.by_ids(connection, [due.subject]))[due.subject]
    assert await code(town.water.id, due.id) == "not_found"
    if town.today.day > 1:
        await town.read(account, town.today, 1_400)
        assert await code(town.power.id, due.id) == "not_the_newest"
    await town.city.pay(payer, f"bill-{due.id}")
    assert await code(town.power.id, due.id) == "not_open"


async def test_first_reading_that_was_wrong_is_withdrawn(town: Town):
    account = await town.home()
    await town.billing.withdraw_reading(town.power.id, account.id, staff=7, reason="wrong meter")
    taken = await town.read(account, town.month_before, 500)
    assert (taken.recorded, taken.faults) == (1, ())
    assert (await town.read(account, town.last_month, 730)).amount == 113_20
    with pytest.raises(Refusal):
        await town.billing.withdraw_reading(town.power.id, account.id, staff=7, reason="has a bill")
    assert town.city.verified() == []
