from __future__ import annotations

import json

from playwright.sync_api import expect

from haihe.base.i18n import translator
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import PASSCODE, press

NEW_PASSCODE = "314159"


def test_notice_appears_on_the_open_page_in_the_inbox_and_on_the_phone(browsing: Browsing, city: DemoCity):
    say, citizen = translator("ru"), city.newcomer("ru")
    phone, other = browsing.phone("ru", citizen=citizen), browsing.phone("ru", citizen=citizen)
    phone.goto("/")
    expect(phone.locator("[data-unread]")).to_have_text("1")  # the welcome
    with phone.expect_response("**/notices/events"):
        pass
    other.goto("/me")
    other.locator("#old").fill(PASSCODE)
    other.locator("#passcode").fill(NEW_PASSCODE)
    other.locator("#passcode_again").fill(NEW_PASSCODE)
    press(other, say("Change the passcode"))

    expect(phone.locator("[data-fresh]")).to_contain_text(say("Passcode changed"))
    expect(phone.locator("[data-unread]")).to_have_text("2")
    phone.locator(".bell").click()
    phone.wait_for_url("**/notices")
    titles = phone.locator(".told strong")
    expect(titles).to_have_text([say("Passcode changed"), say("Welcome to the city")])
    press(phone, say("Mark all as read"))
    expect(phone.locator(".unread")).to_have_count(0)
    phone.goto("/")
    expect(phone.locator("[data-unread]")).to_be_hidden()

    lines = [json.loads(line) for line in city.running.home.sms.read_text().splitlines()]
    assert [line["text"] for line in lines if line["phone"] == citizen.phone and not line["code"]] == [
        f"{say('Passcode changed')}. {say('If this was not you, freeze your wallet at once.')}"
    ]
