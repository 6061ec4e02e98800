from __future__ import annotations

import os
from datetime import UTC, date, datetime

from PIL.Image import Image
from playwright.sync_api import Page, expect

from demo.services import made_up
from haihe.base.i18n import money, signed_money, translator
from tests.families import id_number
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import facts, pay, press, top_up
from tests.pictures import in_a_row, keep, look

LANGUAGE = "zh"
CHILD_YEARS = 9
ROW_HEIGHT = 900


def test_child_pays_by_itself_and_is_stopped_where_its_guardian_has_said(browsing: Browsing, city: DemoCity):
    """A guardian registers a child, tops its wallet up, limits its month; the child pays on a phone of its own, up to the limit."""
    say, parent = translator(LANGUAGE), city.newcomer(LANGUAGE)
    first, second = city.bus(), city.bus()
    limit = first.fare + second.fare - 1
    phone = browsing.phone(LANGUAGE, citizen=parent)
    phone.goto("/top-up")
    top_up(phone, say, 100)
    phone.locator("[data-state=done]").wait_for()

    phone.goto("/me")
    press(phone, say("Family and helpers"))
    press(phone, say("Register a child"))
    name = made_up.name()
    phone.locator("#name").fill(name)
    phone.locator("#id_number").fill(id_number(date(datetime.now(UTC).year - CHILD_YEARS, 1, 15)))
    press(phone, say("Register the child"))
    expect(phone.locator("h1")).to_have_text(name)
    phone.locator("#amount").fill("60")
    press(phone, say("Give it to the child"))
    expect(phone.locator("[data-balance]")).to_have_text(money(60_00, LANGUAGE))
    phone.locator("#limit").fill(f"{limit / 100:.2f}")
    press(phone, say("Set the limit"))
    expect(phone.locator("#limit")).to_have_value(f"{limit / 100:.2f}")
    assert facts(phone)[say("Left this month")] == money(limit, LANGUAGE)
    pictures = [picture(phone)]

    press(phone, say("Give the child a phone of its own"))
    code = phone.locator("[data-code]").get_attribute("data-code") or ""
    pictures.append(picture(phone))
    own = browsing.phone(LANGUAGE)
    own.goto("/sign-in")
    press(own, say("I am a child"))
    own.locator("#code").fill(code)
    press(own, say("Sign in"))
    expect(own.locator(".balance")).to_have_text(money(60_00, LANGUAGE))
    own.goto(first.path)
    pay(own)
    own.goto(second.path)
    own.locator("form.thumb button").click()
    expect(own.locator(".notice.bad")).to_contain_text(
        say("This would be more than what was agreed for your wallet. Nothing was paid.")
    )
    pictures.append(picture(own))

    phone.goto("/family")
    press_row(phone, name)
    expect(phone.locator(".rows .amount").first).to_have_text(signed_money(-first.fare, LANGUAGE))
    assert facts(phone)[say("Spent this month")] == money(first.fare, LANGUAGE)
    assert facts(phone)[say("Left this month")] == money(limit - first.fare, LANGUAGE)
    pictures.append(picture(phone))
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row(pictures, height=ROW_HEIGHT), "family")


def press_row(page: Page, text: str) -> None:
    page.locator("a.row", has_text=text).click()


def picture(page: Page) -> Image:
    """Take a picture when the fade between two pages is over."""
    page.wait_for_timeout(500 if os.environ.get(SCREENSHOTS) else 0)
    return look(page)
