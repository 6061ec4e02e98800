from __future__ import annotations

import pytest

from haihe.base.i18n import clock, money, translator
from tests import camera as filming
from tests.camera import Camera
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import Citizen, DemoCity
from tests.journeys.walks import enter_console, facts, pay, photograph, press, register, top_up

SEEN_MS_MAX = 5_000
"""On a calm machine it is a tenth of a second; what was measured is printed."""
PAID_TONES = [880, 1320]


@pytest.mark.parametrize("language", ["zh"])
def test_newcomer(browsing: Browsing, city: DemoCity, camera: Camera, language: str):
    say = translator(language)
    bus = city.bus(fare=200)
    office = browsing.desk(language)
    enter_console(office, say, city.staff("manager"))
    office.goto(f"/console/transit/stickers/{bus.code}")
    camera.sees(filming.walking_up(photograph(office, ".sticker")))
    driver = browsing.driver(bus, language)

    phone = browsing.phone(language)
    phone.goto("/")
    press(phone, say("Open a wallet"))
    number = register(phone, say)
    phone.goto("/top-up")
    top_up(phone, say, 100)
    press(phone, say("To the start page"))
    assert phone.locator(".balance").inner_text() == money(10000, language)
    phone.goto("/scan")
    phone.wait_for_url("**" + bus.path)
    pay(phone)
    print(facts(phone), number)
    driver.locator(".is-paid").wait_for()
    print(driver.evaluate("[greenAt, tones]"), phone.evaluate("sessionStorage.getItem('pressed-at')"))
    phone.screenshot(path="/tmp/j-paid.png"); driver.screenshot(path="/tmp/j-driver.png")
