from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pytest

from haihe.base.throttle import DOOR_RATES, MISS_TRIES
from haihe.sectors.utilities.supplies import ACCOUNTS_MAX
from tests.sector_pages import Visitor, visiting
from tests.sectors.utilities.town import Town

WRONG = {"zh": "客户号", "en": "looks like 1200345678", "ru": "1200345678"}


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text.partition("<main")[2])).split())


async def send(visitor: Visitor, path: str, **fields: Any) -> httpx.Response:
    """Send a form from a page that surely has one."""
    await visitor.open("/bills/add")
    return await visitor.send(path, **fields)


async def add(visitor: Visitor, company: int, number: str, **more: str) -> tuple[int, str]:
    await visitor.open("/bills/add")
    answer = await visitor.send("/bills/add", company=str(company), number=number, **more)
    return answer.status_code, plain(answer.text)


@pytest.mark.parametrize("language", ["zh", "en", "ru"])
async def test_account_is_looked_up_with_three_answers_and_a_masked_holder(town: Town, language: str):
    await town.bill("1200000001")
    await town.home("1200000002")
    (citizen,) = await town.city.register(1)
    async with visiting(town.city, citizen=citizen, language=language) as visitor:
        status, text = await add(visitor, town.power.id, "12000")
        assert status == 422
        assert WRONG[language] in text
        assert (await add(visitor, town.power.id, "1200000009"))[0] == 404
        assert (await add(visitor, 7, "1200000001"))[0] == 422
        status, with_bill = await add(visitor, town.power.id, " 1200 000001")
        assert status == 200
        assert "王*" in with_bill
        assert "113" in with_bill
        status, without = await add(visitor, town.power.id, "1200000002")
        assert status == 200
        assert "113" not in without
        assert "1200000001" not in plain((await visitor.open("/bills")).text)
        assert (await add(visitor, town.power.id, "1200000001", add="true"))[0] == 303
        listed = plain((await visitor.open("/bills")).text)
        assert "1200000001" in listed
        assert "113" in listed


async def test_look_ups_are_throttled_but_misspelt_numbers_are_not_counted(town: Town):
    (citizen,) = await town.city.register(1)
    async with visiting(town.city, citizen=citizen) as visitor:
        for _ in range(DOOR_RATES["look_up"].tries + 5):
            assert (await add(visitor, town.power.id, "12"))[0] == 422
        for _ in range(DOOR_RATES["look_up"].tries // MISS_TRIES):
            assert (await add(visitor, town.power.id, "1200000009"))[0] == 404
        assert (await add(visitor, town.power.id, "1200000009"))[0] == 429


async def test_nobody_collects_accounts(town: Town):
    (citizen,) = await town.city.register(1)
    await town.home("1200000001")
    await town.billing.dues.follow(citizen.id, 4, list(range(1, ACCOUNTS_MAX + 1)))
    async with visiting(town.city, citizen=citizen) as visitor:
        assert (await add(visitor, town.power.id, "1200000001", add="true"))[0] == 409


async def test_several_bills_are_paid_at_once_and_twice_pressed_pays_once(town: Town):
    first, second = await town.bill("1200000001"), await town.bill("1200000002", used=100)
    (citizen,) = await town.city.register(1)
    for due in (first, second):
        await town.follow(due, citizen)
    async with visiting(town.city, citizen=citizen) as visitor:
        assert "162.20" in plain((await visitor.open("/bills")).text)
        page = await visitor.open(f"/bills/pay?bill={first.id}&bill={second.id}")
        assert "162.20" in plain(page.text)
        form: Any = {"key": visitor.hidden("key"), "bill": [str(first.id), str(second.id)]}
        once, twice = [await send(visitor, "/bills/pay", **form) for _ in range(2)]
        receipts = [re.findall(r'href="(/payments/\d+)"', answer.text) for answer in (once, twice)]
        assert len(receipts[0]) == 2
        assert receipts[0] == receipts[1]
        assert "113.20" in plain((await visitor.open(receipts[0][0])).text)
        afterwards = plain((await visitor.open("/bills")).text)
        assert "Nothing is due" in afterwards
        assert "Paid bills" in afterwards
        other_page: Any = {**form, "key": "of another page"}
        answer = await send(visitor, "/bills/pay", **other_page)
        assert plain(answer.text).count("already been paid") == 2
    assert await town.city.balance(citizen) == 1_000_00 - 162_20
    assert town.city.verified() == []


async def test_too_little_money_is_said_before_anything_is_paid(town: Town):
    first, second = await town.bill("1200000001"), await town.bill("1200000002", used=100)
    (citizen,) = await town.city.register(1, 150_00)
    for due in (first, second):
        await town.follow(due, citizen)
    async with visiting(town.city, citizen=citizen) as visitor:
        page = await visitor.open(f"/bills/pay?bill={first.id}&bill={second.id}")
        assert "12.20 more is needed" in plain(page.text)
        assert "/top-up?next=/bills/pay%3Fbill" in page.text
        form: Any = {"key": visitor.hidden("key"), "bill": [str(first.id), str(second.id)]}
        answer = await visitor.send("/bills/pay", **form)
        assert answer.status_code == 402
        assert await town.city.balance(citizen) == 150_00
        await visitor.open(f"/bills/pay?bill={first.id}")
        await visitor.send("/bills/pay", key=visitor.hidden("key"), bill=str(first.id))
    assert await town.city.balance(citizen) == 150_00 - 113_20


async def test_one_bill_that_ended_does_not_stop_the_other(town: Town):
    first, second = await town.bill("1200000001"), await town.bill("1200000002", used=100)
    citizen, roommate = await town.city.neighbours()
    for due in (first, second):
        await town.follow(due, citizen, roommate)
    async with visiting(town.city, citizen=citizen) as visitor:
        await visitor.open(f"/bills/pay?bill={first.id}&bill={second.id}")
        await town.city.pay(roommate, f"bill-{first.id}")
        form: Any = {"key": visitor.hidden("key"), "bill": [str(first.id), str(second.id)]}
        text = plain((await visitor.send("/bills/pay", **form)).text)
        assert "1 bill paid" in text
        assert "already been paid" in text
        page = await visitor.open(f"/bills/pay?bill={first.id}")
        assert "already been paid" in plain(page.text)
    assert await town.city.balance(citizen) == 1_000_00 - 49_00


async def test_bills_and_accounts_of_others_are_not_there(town: Town):
    due = await town.bill()
    citizen, owner = await town.city.register(2)
    await town.follow(due, owner)
    async with visiting(town.city, citizen=citizen) as visitor:
        for path in (f"/bills/pay?bill={due.id}", f"/s/bill-{due.id}", f"/bills/accounts/{due.subject}"):
            assert (await visitor.open(path)).status_code == 404
        for path in ("/bills/pay?bill=x", "/bills/pay?bill=99999999999999999999", "/bills/accounts/0"):
            assert (await visitor.open(path)).status_code == 404
        assert (await visitor.open("/bills/pay")).status_code == 303
        assert (await send(visitor, "/bills/pay", key="k", bill=str(due.id))).status_code == 404
        assert (await send(visitor, "/bills/pay", key="k")).status_code == 422
    async with visiting(town.city, citizen=owner) as visitor:
        assert "113.20" in plain((await visitor.open(f"/bills/accounts/{due.subject}")).text)
        await visitor.send(f"/bills/accounts/{due.subject}/remove")
        assert (await visitor.open(f"/bills/accounts/{due.subject}")).status_code == 404
    async with visiting(town.city) as visitor:
        for path in ("/bills", "/bills/add", "/bills/pay"):
            assert (await visitor.open(path)).status_code == 303


async def test_company_enters_readings_and_sees_its_money_by_period(town: Town):
    account = await town.home()
    async with visiting(town.city, staff=("manager", town.power.id)) as visitor:
        await visitor.open("/console/utility")
        wrong = {"number": account.number, "read_on": town.last_month.isoformat(), "value": "999"}
        answer = await visitor.send("/console/utility/readings", **wrong)
        assert answer.status_code == 409
        assert "lower than the last reading, 1,000" in plain(answer.text)
        for field, value in (("read_on", "31.10."), ("value", "-1"), ("number", "")):
            assert (await visitor.send("/console/utility/readings", **{**wrong, field: value})).status_code == 422
        answer = await visitor.send("/console/utility/readings", **{**wrong, "value": "1230"})
        assert "The bill is issued" in plain(answer.text)
        assert plain(answer.text).count("¥113.20") >= 3
        (due,) = await town.bills(account)
        assert (await visitor.open(f"/console/utility?number={account.number}")).status_code == 303
        assert (await visitor.open("/console/utility?number=1299999999")).status_code == 404
        assert "1,230" in plain((await visitor.open(f"/console/utility/accounts/{account.id}")).text)
        await visitor.open(f"/console/utility/bills/{due.id}")
        unsure = await visitor.send(f"/console/utility/bills/{due.id}", reason="figures transposed")
        assert unsure.status_code == 422
        done = await visitor.send(f"/console/utility/bills/{due.id}", reason="figures transposed", sure="true")
        assert done.status_code == 303
        assert "figures transposed" in plain((await visitor.open(f"/console/utility/bills/{due.id}")).text)
    async with visiting(town.city, staff=("accountant", town.power.id)) as visitor:
        assert (await visitor.open("/console/utility")).status_code == 200
        assert (await visitor.open("/console/utility/import")).status_code == 403
        assert (await visitor.send("/console/utility/readings", **wrong)).status_code == 403
    async with visiting(town.city, staff=("manager", town.water.id)) as visitor:
        for path in (f"/console/utility/accounts/{account.id}", f"/console/utility/bills/{due.id}"):
            assert (await visitor.open(path)).status_code == 404


@pytest.mark.parametrize("language", ["zh", "en", "ru"])
async def test_list_of_readings_is_taken_and_its_faults_are_named(town: Town, language: str):
    account, day = await town.home(), town.last_month.isoformat()
    async with visiting(town.city, staff=("manager", town.power.id), language=language) as visitor:
        await visitor.open("/console/utility/import")
        lines = f"number,date,value\n{account.number},{day},1230\n1200000077,{day},5\n{account.number},{day}\n"
        text = plain((await visitor.send("/console/utility/import", list=lines)).text)
        said = {"zh": "没有这个客户号", "en": "no such customer number", "ru": "нет такого"}
        assert said[language] in text
        assert len(await town.bills(account)) == 1
        later = plain((await visitor.send("/console/utility/import", list=f"x,{day},5", first_line="1001")).text)
        assert "1001" in later
        assert (await visitor.send("/console/utility/import")).status_code == 200
        for ending in ("\n", "\r", "\u2028"):
            assert (await visitor.send("/console/utility/import", list=ending * 2_001)).status_code == 413
            await visitor.open("/console/utility/import")


async def test_season_is_issued_from_the_console(town: Town):
    await town.account(town.heating, "017-0345-02", "heating", area_milli=85_500)
    async with visiting(town.city, staff=("manager", town.heating.id)) as visitor:
        await visitor.open("/console/utility")
        text = plain((await visitor.send("/console/utility/issue")).text)
        assert "1 new bill" in text
        assert "¥2,137.50" in text
        assert "0 new bills" in plain((await visitor.send("/console/utility/issue")).text)
    async with visiting(town.city, staff=("manager", town.power.id)) as visitor:
        await visitor.open("/console/utility")
        assert (await visitor.send("/console/utility/issue")).status_code == 409
