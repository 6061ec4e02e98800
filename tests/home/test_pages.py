"""The citizen's first screen, the scanner and the page without a network."""

from __future__ import annotations

from datetime import timedelta

import pytest

from haihe.web.part import Link
from tests.web.stand_ins import CODE, NOW, entry, owed, purse, unlinked, visiting


async def test_stranger_is_welcomed_and_shown_both_doors():
    async with visiting(signed_in=False) as visit:
        page = (await visit.client.get("/")).text
    assert "One wallet for the whole city" in page
    assert 'href="/register"' in page
    assert 'href="/sign-in"' in page


async def test_citizen_sees_balance_and_recent_payments():
    async with visiting() as visit:
        visit.payments.entries = (entry(1), unlinked(entry(2, amount=300_00)))
        page = (await visit.client.get("/")).text
    assert "¥1,000.00" in page
    assert 'href="/payments/1"' in page
    assert "−¥2.00" in page
    assert "+¥300.00" in page
    assert 'href="/payments/2"' not in page


async def test_new_citizen_is_told_what_to_do_first():
    async with visiting() as visit:
        assert "No payments yet" in (await visit.client.get("/")).text


async def test_sectors_bring_their_tiles():
    async with visiting(tiles=(Link("/transit", "bus", "Bus", "river"),)) as visit:
        page = (await visit.client.get("/")).text
    assert 'href="/transit" class="tone-river"' in page
    assert 'href="/pay" class="tone-"' in page


async def test_what_is_due_stands_there_with_its_sum_and_the_most_urgent_first():
    async with visiting() as visit:
        visit.payments.due = (
            owed(1, days=-2, amount=100_00),
            owed(2, days=0),
            owed(3, days=4),
            owed(4, days=9, expires_at=NOW + timedelta(hours=1)),
        )
        page = (await visit.client.get("/")).text
    assert "¥364.60" in page  # 100.00 + 3 × 88.20
    at_once, _, later = page.partition('<details class="rest"')
    assert [f"/s/bill-{number}" in at_once for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert "/s/bill-4" in later
    for said in ("Due today", "Due by Nov 27", "Pay until Nov 23, 13:00"):
        assert said in page


async def test_late_bill_is_marked_by_words_and_a_sign_and_not_by_colour_alone():
    async with visiting() as visit:
        visit.payments.due = (owed(1, days=-2),)
        page = (await visit.client.get("/")).text
    late = page.partition('<span class="late">')[2].partition("</span>")[0]
    assert "<svg" in late
    assert "Overdue, was due Nov 21" in late


async def test_nothing_due_is_not_talked_about():
    async with visiting() as visit:
        assert "To pay" not in (await visit.client.get("/")).text


async def test_purses_with_something_in_them_stand_beside_the_balance():
    async with visiting() as visit:
        visit.purses.held = (purse(1, 168_00), purse(2, 0), purse(3, 5_00))
        page = (await visit.client.get("/")).text
    assert "Meal subsidy" in page
    assert "¥168.00" in page
    assert "Personal account" not in page
    assert "¥5.00" not in page


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        CODE.lower(),
        f"{CODE[:4]} {CODE[4:8]}-{CODE[8:]}",
        f"http://city.test/s/{CODE}",
        f" http://city.test/s/{CODE}/ ",
    ],
)
async def test_scanned_and_typed_codes_lead_to_the_stickers_page(text):
    async with visiting(signed_in=False) as visit:
        typed = await visit.client.get("/scan", params={"text": text})
        scanned = await visit.client.get("/scan/read", params={"text": text})
    assert (typed.status_code, typed.headers["location"]) == (303, f"/s/{CODE}")
    assert scanned.json() == {"href": f"/s/{CODE}"}


@pytest.mark.parametrize(
    "text", ["https://pay.example.org/s/" + CODE, "weixin://x", "hello", "", "https://[/s/x", "x" * 5000]
)
async def test_foreign_code_is_said_where_it_was_typed_or_scanned(text):
    async with visiting() as visit:
        typed = await visit.client.get("/scan", params={"text": text})
        scanned = await visit.client.get("/scan/read", params={"text": text}, headers={"accept": "application/json"})
    assert typed.status_code == 404
    assert "This is not a code of this city. Nothing was paid." in typed.text
    assert 'aria-invalid="true"' in typed.text
    assert (scanned.status_code, scanned.json()["code"]) == (404, "code_foreign")


async def test_typed_text_comes_back_as_text_and_not_as_markup():
    async with visiting() as visit:
        page = (await visit.client.get("/scan", params={"text": '"><b>x</b>'})).text
    assert "<b>x</b>" not in page


async def test_offline_page_knows_no_one():
    async with visiting() as visit:
        page = (await visit.client.get("/offline")).text
    assert "You are offline" in page
    assert "¥" not in page


async def test_signed_in_pages_are_not_kept_by_anyone():
    async with visiting() as visit:
        assert (await visit.client.get("/")).headers["cache-control"] == "private, no-cache"
