"""The search for services: found in any language, with price and hours, leading to where it is paid."""

from __future__ import annotations

import pytest

from haihe.catalogue.finding import TEXT_CHARACTERS_MAX
from haihe.web.part import Link
from tests.web.stand_ins import visiting


async def test_service_is_found_in_every_language_with_price_and_hours():
    async with visiting(signed_in=False) as visit:
        pages = [
            (await visit.client.get("/services", params={"q": words, "lang": lang})).text
            for lang, words in (("zh", "午餐"), ("en", "LUNCH"), ("ru", "обед столовой"))
        ]
    for page, name in zip(pages, ("食堂午餐", "Canteen lunch", "Обед в столовой"), strict=True):
        assert name in page
    assert "¥12.00" in pages[1]
    assert "Open now" in pages[1]
    assert "Jinhe University" in pages[1]


async def test_closed_service_says_when_it_opens_and_an_old_one_that_it_is_not_offered():
    async with visiting() as visit:
        closed = (await visit.client.get("/services?q=supper")).text
        gone = (await visit.client.get("/services?q=gas+lamp")).text
    assert "Closed, opens at 17:00" in closed
    assert "¥15.00" in closed
    assert "Not offered today" in gone


async def test_prices_that_depend_are_told_in_words():
    async with visiting() as visit:
        pages = [
            (await visit.client.get("/services", params={"q": words})).text for words in ("card", "locker", "power")
        ]
    assert "Any amount" in pages[0]
    assert "From ¥2.00" in pages[1]
    assert "By use" in pages[2]
    assert "By quantity" in pages[2]


async def test_service_leads_to_where_it_is_paid_and_otherwise_says_that_it_is_paid_at_the_place():
    async with visiting() as visit:
        linked = (await visit.client.get("/services?q=heating")).text
        unlinked = (await visit.client.get("/services?q=lunch")).text
    assert 'class="row" href="/bills"' in linked
    assert "pay at the place" not in linked
    assert 'class="row" href' not in unlinked
    assert "pay at the place" in unlinked


async def test_nothing_found_is_said_and_helped():
    async with visiting(tiles=(Link("/bills", "zap", "Bills", "amber"),)) as visit:
        page = (await visit.client.get("/services", params={"q": "<b>zzz</b>"})).text
        empty = (await visit.client.get("/services")).text
    assert "Nothing is called “&lt;b&gt;zzz&lt;/b&gt;”" in page
    assert 'href="/bills"' in page
    assert "Nothing is called" not in empty
    assert 'href="/bills"' in empty


async def test_programs_get_the_same_services():
    async with visiting(signed_in=False) as visit:
        answer = await visit.client.get("/api/services", params={"q": "canteen"}, headers={"accept-language": "en"})
        heating = (await visit.client.get("/api/services?q=heating")).json()["items"]
        described = (await visit.client.get("/api/openapi.json")).json()["paths"]
    found = {one["key"]: one for one in answer.json()["items"]}
    assert "get" in described["/api/services"]
    assert list(found) == ["card-deposit", "canteen-lunch", "canteen-supper"]
    assert found["canteen-lunch"]["price"] == {"rule": "fixed", "amount": 12_00}
    assert found["card-deposit"]["price"] == {"rule": "open", "amount": None}
    assert (found["canteen-lunch"]["open"], found["canteen-supper"]["open"]) == (True, False)
    assert found["canteen-supper"]["opens_at"] == "2026-11-23T09:00:00+00:00"
    assert [one["href"] for one in heating] == ["/bills"]


@pytest.mark.parametrize("text", ["x" * (TEXT_CHARACTERS_MAX + 1), "\x00"])
async def test_text_that_nobody_types_is_refused_to_programs(text):
    async with visiting() as visit:
        answer = await visit.client.get("/api/services", params={"q": text})
        page = await visit.client.get("/services", params={"q": text})
    assert answer.status_code == 400
    assert page.status_code in {200, 400}


async def test_closed_service_leads_nowhere_yet_but_programs_may_know_where_it_will():
    async with visiting() as visit:
        page = (await visit.client.get("/services?q=supper")).text
        (item,) = (await visit.client.get("/api/services?q=supper")).json()["items"]
    assert 'class="row" href' not in page
    assert item["href"] == "/s/campus-2"
