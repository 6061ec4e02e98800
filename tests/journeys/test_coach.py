from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from PIL.Image import Image
from playwright.sync_api import Page, expect

from haihe.base.clock import service_day
from haihe.base.i18n import money, translator
from tests import camera as films
from tests.camera import Camera
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import facts, pay, photograph, press, sign_in_staff
from tests.pictures import in_a_row, keep, look

DEPARTURES = {"zh": 0, "en": 1, "ru": 2}
"""For each language another coach of tomorrow."""
BY_DISTANCE, SURCHARGE = 27_65, 2_44
"""Tianjin to Beijing: 128 km x 0.18 x 1.2, and a toll of 55.00 / (45 seats x 50 %)."""
START = {"zh": "天津站", "en": "Tianjin Railway Station", "ru": "Тяньцзинь, вокзал"}
END = {"zh": "北京四惠", "en": "Beijing Sihui", "ru": "Пекин, Сыхуэй"}
VALID_TONES, REFUSED_TONES = [880, 1320], [440, 330]
FADE_MS = 500
ROW_HEIGHT = 760


@pytest.mark.parametrize("language", DEPARTURES)
def test_ticket_is_bought_and_the_driver_takes_it_once(
    browsing: Browsing, city: DemoCity, camera: Camera, language: str
):
    say = translator(language)
    phone, pictures = browsing.phone(language, citizen=city.citizen()), []
    choose(phone, language)
    assert facts(phone)[say("Together")] == money(BY_DISTANCE + SURCHARGE, language)
    assert {money(BY_DISTANCE, language), money(SURCHARGE, language)} <= set(facts(phone).values())
    pictures.append(picture(phone))
    press(phone, say("Order"))
    phone.wait_for_url("**/s/coach-*")
    assert facts(phone)[say("Motorway surcharge")] == money(SURCHARGE, language)
    pay(phone)
    press(phone, say("Show my ticket"))
    phone.wait_for_url("**/transit/tickets/*")
    pictures.append(picture(phone))
    code = phone.locator(".code").inner_text()

    driver, office = at_work(browsing, city, "coach-driver", language), browsing.desk(language)
    sign_in(office, city, "coach-manager", language)
    to_the_coach(driver, language)
    if language == "zh":
        camera.sees(films.walking_up(photograph(phone, ".coach-ticket .qr")))
        press(driver, say("Start the camera"))
    else:
        type_code(driver, code)
    driver.locator("[data-verdict=valid]").wait_for()
    pictures.append(picture(driver))
    assert [tone["hertz"] for tone in driver.evaluate("tones")] == VALID_TONES
    expect(phone.locator(".coach-ticket.is-used")).to_be_visible()

    if language == "zh":
        camera.sees_nothing()
    driver.evaluate("tones.length = 0")
    type_code(driver, code)
    driver.locator("[data-verdict=used]").wait_for()
    assert [tone["hertz"] for tone in driver.evaluate("tones")] == REFUSED_TONES

    to_the_coach(office, language, checks=False)
    expect(office.locator("tbody tr")).to_have_count(1)
    expect(office.locator(".figures")).to_contain_text(money(BY_DISTANCE + SURCHARGE, language))
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row([*pictures, picture(office)], height=ROW_HEIGHT), f"coach-{language}")


def tomorrow() -> str:
    return (service_day(datetime.now(UTC)) + timedelta(days=1)).isoformat()


def choose(phone: Page, language: str) -> None:
    """From the home screen to a coach of tomorrow."""
    phone.goto("/")
    phone.locator('.tiles-grid a[href="/transit"]').click()
    phone.wait_for_url("**/transit")
    phone.locator("#from").select_option(label=START[language])
    phone.locator("#to").select_option(label=END[language])
    phone.locator("#day").fill(tomorrow())
    press(phone, translator(language)("Show coaches"))
    phone.locator('a[href^="/transit/coaches/"]').nth(DEPARTURES[language]).click()
    phone.wait_for_url("**/transit/coaches/*")


def at_work(browsing: Browsing, city: DemoCity, login: str, language: str) -> Page:
    """Take a driver's phone into the hand, signed in to the console."""
    phone = browsing.phone(language)
    sign_in(phone, city, login, language)
    return phone


def sign_in(page: Page, city: DemoCity, login: str, language: str) -> None:
    page.goto("/console")
    sign_in_staff(page, translator(language), next(one for one in city.listed["staff"] if one["login"] == login))
    page.wait_for_url("**/console")


def to_the_coach(page: Page, language: str, *, checks: bool = True) -> None:
    """Open the page of one of tomorrow's coaches to Beijing, and there the check of tickets."""
    page.goto(f"/console/coach?day={tomorrow()}")
    way = f"{START[language]} → {END[language]}"
    page.locator("tbody tr", has_text=way).nth(DEPARTURES[language]).get_by_role("link").click()
    page.wait_for_url("**/console/coach/runs/*")
    if checks:
        press(page, translator(language)("Check tickets"))
        page.wait_for_url("**/console/coach/check/*")


def type_code(driver: Page, code: str) -> None:
    driver.locator("#text").fill(code)
    driver.locator("[data-check] button").click()


def picture(page: Page) -> Image:
    """Take a picture when the fade between two pages is over."""
    page.wait_for_timeout(FADE_MS if os.environ.get(SCREENSHOTS) else 0)
    return look(page)
