from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from PIL.Image import Image
from playwright.sync_api import Locator, Page, expect

from haihe.base.errors import Translate
from haihe.base.i18n import money, translator
from haihe.sectors.social.rules import is_receipt_number
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import Citizen, DemoCity
from tests.journeys.walks import facts, pay, press, sign_in_staff
from tests.pictures import in_a_row, keep, look

CHILDREN = {"zh": 17, "en": 18, "ru": 19}
"""Places in demo.json: someone whose parent is on the list of relatives, for each language another one."""
BASIC = 170_00
FADE_MS = 500
ROW_HEIGHT = 760


@pytest.mark.parametrize("language", CHILDREN)
def test_citizen_pays_for_self_and_parent_and_the_bureau_sees_both(browsing: Browsing, city: DemoCity, language: str):
    say, child = translator(language), child_at(city, CHILDREN[language])
    before = city.balance(child)
    phone = browsing.phone(language, citizen=child)
    phone.goto("/")
    phone.locator('.tiles-grid a[href="/social"]').click()
    phone.wait_for_url("**/social")
    expect(phone.locator(".insured")).to_have_count(2)
    pictures = [picture(phone)]
    left_open = phone.context.new_page()
    left_open.goto("/social")

    receipts = []
    for place in (0, 1):
        choose(phone, place)
        asked = facts(phone)
        pay(phone)
        pictures += [picture(phone)] if place else []
        press(phone, say("Receipt"))
        told = facts(phone)
        assert told[say("Insured person")] == asked[say("Insured person")]
        assert told[say("Amount")] == money(BASIC, language)
        receipts.append(told[say("Official receipt number")])
        phone.goto("/social")
        expect(person(phone, place)).to_have_attribute("data-state", "covered")
    assert all(is_receipt_number(number) for number in receipts)
    assert len(set(receipts)) == 2
    pictures.append(picture(phone))
    refused_a_second_time(left_open, say, told[say("Year")])
    assert city.balance(child) == before - 2 * BASIC
    office = bureau_sees(browsing, city, language, receipts)
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row([*pictures, office], height=ROW_HEIGHT), f"social-{language}")


def child_at(city: DemoCity, place: int) -> Citizen:
    one = city.listed["citizens"][place]
    return Citizen(one["name"], one["phone"], one["passcode"], one["token"])


def person(phone: Page, place: int) -> Locator:
    return phone.locator(".insured").nth(place)


def choose(phone: Page, place: int) -> None:
    """Press the first tier's button of someone on the page."""
    person(phone, place).locator("form button").first.click()
    phone.wait_for_url("**/s/contribution-*")


def refused_a_second_time(left_open: Page, say: Translate, year: str) -> None:
    """A page that was left open still has its buttons; what they ask for is refused."""
    person(left_open, 1).locator("form button").last.click()
    text = say("This person is already covered for {year}. Nothing was taken a second time.", year=year)
    expect(left_open.locator(".notice.bad")).to_contain_text(text)


def bureau_sees(browsing: Browsing, city: DemoCity, language: str, receipts: Sequence[str]) -> Image:
    """The newest two contributions are those that were just paid; each leads to its receipt number and the ledger's batch."""
    say, office = translator(language), browsing.desk(language)
    office.goto("/console")
    sign_in_staff(office, say, city.clerk("social-accountant"))
    office.get_by_role("navigation", name=say("Console")).get_by_text(say("Contributions")).click()
    office.wait_for_url("**/console/social")
    seen = picture(office)
    found = set()
    for place in (0, 1):
        office.goto("/console/social")
        office.locator('a[href^="/console/social/contributions/"]').nth(place).click()
        office.wait_for_url("**/contributions/*")
        shown = facts(office)
        found.add(shown[say("Official receipt number")])
        assert shown[say("Amount moved")] == shown[say("Amount")] == money(BASIC, language)
        assert shown[say("Batch")].isdigit()
    assert found == set(receipts)
    return seen


def picture(page: Page) -> Image:
    """Take a picture when the fade between two pages is over."""
    page.wait_for_timeout(FADE_MS if os.environ.get(SCREENSHOTS) else 0)
    return look(page)
