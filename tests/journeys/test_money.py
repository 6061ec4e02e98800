"""Money goes to the own card and comes straight from it, in a browser (chosen in Chinese)."""

from __future__ import annotations

from playwright.sync_api import expect

from haihe.base.i18n import money, signed_money, translator
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import PASSCODE, press, top_up

LANGUAGE = "zh"
TOPPED_UP, WITHDRAWN = 20_00, 12_50


def test_citizen_pays_from_a_card_and_withdraws_the_rest_of_the_wallet(browsing: Browsing, city: DemoCity):
    say, newcomer, bus = translator(LANGUAGE), city.newcomer(LANGUAGE), city.bus()
    phone = browsing.phone(LANGUAGE, citizen=newcomer)
    phone.goto("/top-up")
    top_up(phone, say, TOPPED_UP // 100)
    phone.locator("[data-state=done]").wait_for()

    phone.goto(bus.path)
    press(phone, say("Pay straight from a bank card"))
    phone.wait_for_url(f"**{bus.path}/card")
    phone.locator("form.thumb button").click()
    phone.locator("[data-age]").wait_for()
    assert city.balance(newcomer) == TOPPED_UP

    phone.goto("/me")
    press(phone, say("Withdraw money"))
    phone.locator("#amount").fill("12.50")
    phone.locator("#passcode").fill(PASSCODE)
    phone.locator("form .big").click()
    phone.locator("[data-state=done]").wait_for()
    assert city.balance(newcomer) == TOPPED_UP - WITHDRAWN

    phone.goto("/history")
    titles = phone.locator(".rows li strong")
    expect(titles.first).to_have_text(say("Withdrawal to bank card"))
    expect(phone.locator(".rows li .amount").first).to_have_text(signed_money(-WITHDRAWN, LANGUAGE))
    phone.locator(".rows a").first.click()
    expect(phone.locator(".sum")).to_have_text(money(WITHDRAWN, LANGUAGE))
    phone.goto("/history")
    press(phone, say("Statement of a period"))
    phone.locator("main nav a").first.click()
    expect(phone.locator("main")).to_contain_text(signed_money(-WITHDRAWN, LANGUAGE))
