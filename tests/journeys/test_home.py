"""The citizen's home: what is due, the tiles, the search; a bill is paid from there and stands in the one history."""

from __future__ import annotations

import os

import pytest
from PIL.Image import Image
from playwright.sync_api import Page, expect

from haihe.base.errors import Translate
from haihe.base.i18n import money, signed_money, translator
from tests.journeys.browsing import DESK, PHONE, Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import facts, pay, press
from tests.pictures import in_a_row, keep, look

FADE_MS = 500
ROW_HEIGHT = 760
SECTORS = {"/transit", "/bills", "/campus", "/health", "/education", "/social", "/pay"}
WORDS = {"zh": "居民用电", "en": "ELECTRIC", "ru": "электр"}
"""What people type who look for their electricity."""
BILL = 'a[href^="/s/bill-"]'


@pytest.mark.parametrize("language", WORDS)
def test_citizen_sees_what_is_due_finds_a_service_pays_a_bill_and_has_it_in_the_history(
    browsing: Browsing, city: DemoCity, language: str
):
    say, citizen = translator(language), city.debtor()
    before = city.balance(citizen)
    phone = browsing.phone(language, citizen=citizen)
    phone.goto("/")
    tiles = {one.get_attribute("href") for one in phone.locator(".tiles-grid a").all()}
    assert tiles == SECTORS
    pictures = [picture(phone)]

    search(phone, say, WORDS[language])
    pictures.append(picture(phone))
    phone.locator('.rows a[href="/bills"]').first.click()
    phone.wait_for_url("**/bills")

    phone.goto("/")
    bill = phone.locator(BILL).first
    if not bill.is_visible():
        phone.locator("details.rest summary").click()
    href, title = str(bill.get_attribute("href")), bill.locator("strong").inner_text()
    owed = bill.locator(".amount").inner_text()
    bill.click()
    phone.wait_for_url("**" + href)
    assert phone.locator(".sum").inner_text() == owed
    expect(phone.locator(".titlebar a")).to_have_attribute("href", "/")
    pictures.append(picture(phone))
    pay(phone)
    spent = before - city.balance(citizen)
    assert money(spent, language) == owed
    press(phone, say("Done"))
    expect(phone.locator(f'a[href="{href}"]')).to_have_count(0)
    history_and_receipt(phone, say, title, signed_money(-spent, language), money(before - spent, language))
    say_that_it_is_paid(phone, say, href)
    if os.environ.get(SCREENSHOTS):
        desk = browsing.desk(language)
        desk.context.add_cookies(phone.context.cookies())  # type: ignore[arg-type]  # what Playwright gives it also takes
        desk.goto("/")
        keep(in_a_row([*pictures, picture(desk)], height=ROW_HEIGHT), f"citizen-{language}")


def search(phone: Page, say: Translate, words: str) -> None:
    """Search from the home screen with the keyboard alone."""
    phone.get_by_role("searchbox", name=say("Search services")).focus()
    phone.keyboard.type(words)
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/services?q=*")
    expect(phone.get_by_role("status")).to_be_visible()


def history_and_receipt(phone: Page, say: Translate, title: str, moved: str, left: str) -> None:
    phone.goto("/history")
    newest = phone.locator(".rows a").first
    assert newest.locator("strong").inner_text() == title
    assert newest.locator(".amount").inner_text() == moved
    newest.click()
    phone.wait_for_url("**/payments/*")
    assert facts(phone)[say("Balance afterwards")] == left


def say_that_it_is_paid(phone: Page, say: Translate, href: str) -> None:
    """The same page once more: nothing to pay, but the receipt."""
    phone.goto(href)
    expect(phone.get_by_role("heading", name=say("Already paid"))).to_be_visible()
    press(phone, say("Show the receipt"))
    phone.wait_for_url("**/payments/*")


@pytest.mark.parametrize("language", WORDS)
def test_home_holds_at_twice_the_size_of_letters(browsing: Browsing, city: DemoCity, language: str):
    """200 % of 390 and of 1440 px are 195 and 720 px: nothing sticks out, and every way is still there."""
    phone = browsing.phone(language, citizen=city.debtor(), reduced_motion="reduce")
    phone.goto("/")
    for size in (PHONE, DESK):
        phone.set_viewport_size({"width": size["width"] // 2, "height": size["height"] // 2})
        assert phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        expect(phone.locator(".quick a")).to_have_count(4)
    assert phone.evaluate("document.getAnimations().length") == 0


def picture(page: Page) -> Image:
    """Take a picture when the fade between two pages is over."""
    page.wait_for_timeout(FADE_MS if os.environ.get(SCREENSHOTS) else 0)
    return look(page)
