from __future__ import annotations

import os

from playwright.sync_api import Locator, Page, expect

from haihe.base.i18n import money, translator
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import DemoCity
from tests.journeys.test_pages import shapes, violations
from tests.journeys.walks import top_up
from tests.pictures import in_a_row, keep, look

LANGUAGE = "ru"
STOPS_MAX = 60
"""More stops than the Tab key makes on any of these pages."""
IS_HERE = "element => element === document.activeElement"


def test_fare_is_paid_with_the_keyboard_alone_in_large_type_and_simple_mode(browsing: Browsing, city: DemoCity):
    say, citizen, bus = translator(LANGUAGE), city.newcomer(LANGUAGE), city.bus()
    phone = browsing.phone(LANGUAGE, citizen=citizen)
    phone.goto("/top-up")
    top_up(phone, say, 20)
    phone.locator("[data-state=done]").wait_for()

    phone.goto("/me/display")
    walk_to(phone, phone.locator("input[name=percent]:checked"))
    phone.keyboard.press("ArrowDown")
    phone.keyboard.press("ArrowDown")
    walk_to(phone, phone.locator("input[name=simple]"))
    phone.keyboard.press("Space")
    walk_to(phone, phone.locator("main .button.big"))
    phone.keyboard.press("Enter")
    phone.wait_for_url(lambda url: url.endswith("/"))
    expect(phone.locator("html")).to_have_class("large type-150")
    expect(phone.locator(".balance")).to_have_text(money(20_00, LANGUAGE))
    pictures = [fine(phone)]

    walk_to(phone, phone.locator('.big-tiles a[href="/scan"]'))
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/scan")
    walk_to(phone, phone.locator("input[name=text]"))
    phone.keyboard.type(bus.code)
    phone.keyboard.press("Enter")
    phone.wait_for_url(f"**{bus.path}")
    pictures.append(fine(phone))
    walk_to(phone, phone.locator("form.thumb button"))
    phone.keyboard.press("Enter")
    phone.locator("[data-age]").wait_for()
    pictures.append(fine(phone))
    assert city.balance(citizen) == 20_00 - bus.fare

    phone.context.clear_cookies(name="display")
    phone.goto("/")
    expect(phone.locator("html")).not_to_have_class("large type-150")
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row(pictures, height=900), "everyone")


def walk_to(page: Page, target: Locator) -> None:
    """Press Tab until the focus is there, as somebody does who has no pointer."""
    for _ in range(STOPS_MAX):
        if target.evaluate(IS_HERE):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never comes to {target}")


def fine(page: Page):
    """See that nothing sticks out and nobody is shut out; take a picture."""
    page.wait_for_timeout(500 if os.environ.get(SCREENSHOTS) else 0)
    found = {**violations(page), **shapes(page)}
    assert not found, found
    return look(page)
