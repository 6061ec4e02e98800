"""The console's payments: found by number, day and amount, page by page; refunded once however often it is pressed; own ones only."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from haihe.base.clock import service_day
from haihe.payments import pages
from haihe.payments.errors import CursorInvalid
from haihe.payments.model import Payment
from haihe.payments.refunds import pages as refund_pages, search as searching
from haihe.payments.refunds.search import Page, Wish, read_cursor, search
from haihe.web.assembly import assemble
from haihe.web.guards import STAFF_COOKIE
from haihe.web.part import Part
from tests.bus_pages import Door, Visitor
from tests.grounds import BASE_URL
from tests.payments.refunds.conftest import Pier


@asynccontextmanager
async def console(
    pier: Pier, *, role: str = "manager", organisation: int = 0, lang: str = "en"
) -> AsyncIterator[Visitor]:
    """Sign in to the console as somebody of the operator, or of another organisation."""
    leaving = asyncio.Event()
    services = {"payments": pier.city.payments, "people": pier.city.ground.people}
    parts = [
        Part("payments", templates=pages.TEMPLATES, dependencies=services),
        refund_pages.part(pier.refunds),
    ]
    app = assemble(parts, doorkeeper=Door(), form_key="k" * 64, leaving=leaving)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    cookies = {STAFF_COOKIE: f"{role}-{organisation or pier.operator.id}"}
    headers = {"Accept-Language": lang}
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, cookies=cookies, headers=headers) as client:
        yield Visitor(client, leaving)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/console/payments/(\d+)"', page)]


async def test_manager_refunds_a_part_and_pressing_twice_refunds_once(pier: Pier):
    (li,) = await pier.city.register(1, 50_00)
    await pier.fill(li, senior=3_00)
    ride = await pier.ride(li, 10_00)
    here = f"/console/payments/{ride.id}"
    async with console(pier) as desk:
        page = await desk.get(here)
        assert hidden(page.text, "key")
        assert 'value="10.00"' in page.text
        assert li.masked_name in page.text
        assert li.name not in page.text
        for typed, said in (
            ("0", "Please enter an amount like 12.50"),
            ("-1", "Please enter an amount like 12.50"),
            ("1.234", "Please enter an amount like 12.50"),
            ("10.01", "Of this payment ¥10.00 can still be refunded."),
            ("", "Please fill this in"),
        ):
            wrong = await desk.post(f"{here}/refunds", page, key="k", amount=typed, reason="Late")
            assert (wrong.status_code, said in wrong.text) == (422, True), typed
        unsaid = await desk.post(f"{here}/refunds", page, key="k", amount="1", reason=" ")
        assert unsaid.status_code == 422

        asked = await desk.post(f"{here}/refunds", page, key=hidden(page.text, "key"), amount="5", reason="Late")
        assert "Refund ¥5.00?" in asked.text
        assert ("¥1.50" in asked.text, "¥3.50" in asked.text, "Senior purse" in asked.text) == (True, True, True)
        assert await pier.till() == 10_00
        form = {name: hidden(asked.text, name) for name in ("key", "amount", "reason", "do")}
        answers = [await desk.post(f"{here}/refunds", asked, **form) for _ in range(3)]
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert await pier.till() == 5_00
        done = await desk.get(answers[0].headers["location"])
        assert "Refunded: ¥5.00" in done.text
        assert 'value="5.00"' in done.text
        other = await desk.post(f"{here}/refunds", asked, **{**form, "amount": "4"})
        assert (other.status_code, "already used for another refund" in other.text) == (422, True)
        given = await desk.get(f"/console/payments/{numbers(done.text)[-1]}")
        assert ("Late" in given.text, "Where it went" in given.text) == (True, True)


async def test_only_who_may_and_only_the_own_organisation(pier: Pier):
    (li,) = await pier.city.register(1, 50_00)
    ride = await pier.ride(li, 10_00)
    stranger = await pier.city.organisation("stranger", "shop")
    here = f"/console/payments/{ride.id}"
    form = {"key": "k", "amount": "1", "reason": "x", "do": "refund"}
    for role, organisation, seen, allowed in (
        ("manager", 0, 200, 303),
        ("accountant", 0, 200, 303),
        ("cashier", 0, 403, 403),
        ("driver", 0, 403, 403),
        ("manager", stranger.id, 404, 404),
    ):
        async with console(pier, role=role, organisation=organisation) as desk:
            page = await desk.get(here)
            token = page if seen == 200 else await desk.get("/console/payments")
            answer = await desk.post(f"{here}/refunds", token, **form)
            assert page.status_code == seen, role
            assert answer.status_code in {allowed, 403}, role
    async with console(pier, organisation=stranger.id) as desk:
        page = await desk.get("/console/payments")
        assert (await desk.post(f"{here}/refunds", page, **form)).status_code == 404
        assert (await desk.get("/console/payments/1" + "0" * 30)).status_code == 404
    assert await pier.till() == 9_00


async def test_payments_are_found_by_number_day_and_amount_and_filters_combine(pier: Pier):
    (li, wang) = await pier.city.register(2, 100_00)
    today = service_day(pier.city.clock.now())
    first = await pier.ride(li, 2_00)
    other = await pier.ride(wang, 3_00)
    pier.city.clock.turn(timedelta(days=1))
    second = await pier.ride(li, 2_00)
    refund = await pier.give_back(second.id, 50)
    await pier.tallies().catch_up()
    tomorrow = today + timedelta(days=1)
    async with console(pier) as desk:
        for query, expected in (
            ("", [second.id, other.id, first.id]),
            ("amount=2", [second.id, first.id]),
            (f"until={today}", [other.id, first.id]),
            (f"since={tomorrow}&amount=2.00", [second.id]),
            (f"until={today}&amount=7", []),
            ("what=refunds", [refund.id]),
            (f"what=refunds&until={today}", []),
            ("since=nonsense", [second.id, other.id, first.id]),
        ):
            assert numbers((await desk.get(f"/console/payments?{query}")).text) == expected, query
        assert "¥0.50" in (await desk.get("/console/payments?amount=2")).text
        found = await desk.get(f"/console/payments?number={other.id}")
        assert (found.status_code, found.headers["location"]) == (303, f"/console/payments/{other.id}")
        for query, status in (("number=12", 422), ("number=x", 422), ("amount=1.234", 422), ("cursor=x", 400)):
            assert (await desk.get(f"/console/payments?{query}")).status_code == status
    for lang in ("zh", "ru"):
        async with console(pier, lang=lang) as desk:
            assert numbers((await desk.get("/console/payments")).text) == [second.id, other.id, first.id]


@pytest.mark.parametrize("at_once", [1, 2_000])
async def test_pages_meet_every_payment_once_whatever_comes_in_between(
    pier: Pier, monkeypatch: pytest.MonkeyPatch, at_once: int
):
    monkeypatch.setattr(searching, "PAGE_ROWS", 3)
    monkeypatch.setattr(searching, "AT_ONCE", at_once)
    monkeypatch.setattr(searching, "LOOKS_MAX", 2)
    people = await pier.city.register(4, 100_00)
    made: list[Payment] = []
    for turn in range(14):
        pier.city.clock.turn(timedelta(hours=turn % 3 * 5))
        made.append(await pier.ride(people[turn % 4], 1_00 if turn % 2 else 2_00))
    await pier.tallies().catch_up()
    day = service_day(pier.city.clock.now())
    for amount in (0, 2_00):
        wish = Wish(pier.operator.id, searching.FIRST_DAY, day, amount)
        met: list[int] = []
        page = await search(pier.city.database, wish)
        while True:
            met += ids(page)
            if page.next_cursor is None:
                break
            page = await search(pier.city.database, wish, cursor=page.next_cursor)
        expected = sorted(((one.paid_at, one.id) for one in made if amount in {0, one.amount}), reverse=True)
        assert met == [identity for _, identity in expected]


def ids(page: Page) -> list[int]:
    return [line.payment.id for line in page.lines]


@pytest.mark.parametrize(
    "text", ["", "1", "-1", "1-", "x-1", "1-x", "٣-1", "1-" + "9" * 19, "9" * 19 + "-1", "1" * 20 + "-1"]
)
def test_cursor_that_the_city_did_not_make_is_refused(text: str):
    with pytest.raises(CursorInvalid):
        read_cursor(text)
