"""Somebody without a phone pays in cash at the counter, gets a paper card, and pays with it until it is revoked."""

from __future__ import annotations

import os

from PIL.Image import Image
from playwright.sync_api import Page, expect

from haihe.base.i18n import money, translate, translator
from haihe.base.vault import mask_name
from haihe.counter.refusals import REFUSALS
from tests import camera as films
from tests.camera import Camera
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import facts, photograph, press, sign_in_staff
from tests.pictures import in_a_row, keep, look

LANGUAGE = "zh"
FADE_MS = 500
CASH, PRICE, DAILY = 50_00, 12_50, 20_00
ANSWERED = "Failed to load resource: the server responded with a status of 4"


def test_paper_card_is_issued_filled_paid_with_and_revoked(browsing: Browsing, city: DemoCity, camera: Camera):
    browsing.expect(ANSWERED)
    say, elder = translator(LANGUAGE), city.newcomer(LANGUAGE)
    desk = browsing.desk(LANGUAGE)
    desk.goto("/console")
    sign_in_staff(desk, say, city.clerk("service-clerk"))
    desk.get_by_role("navigation", name=say("Console")).get_by_text(say("Service counter"), exact=True).click()
    desk.locator("#number").fill(elder.phone)
    press(desk, say("Find"))
    expect(desk.locator("h1")).to_have_text(mask_name(elder.name))
    assert elder.name not in desk.content()
    visit = desk.url

    desk.locator("#amount").fill("50")
    submit(desk, "cash")
    submit(desk, "take")
    desk.wait_for_url("**/console/service/cash/*")
    assert facts(desk)[say("Amount")] == money(CASH, LANGUAGE)
    receipt = picture(desk)
    assert city.balance(elder) == CASH

    desk.goto(visit)
    submit(desk, "send")
    desk.locator("#code").fill(city.sms_to(elder.phone))
    submit(desk, "code")
    expect(desk.locator("h1")).to_have_text(elder.name)
    proved = picture(desk)
    desk.locator("#daily").fill("20")
    press(desk, say("Issue a card"))
    desk.wait_for_url("**/paper-card")
    code = str(desk.locator("[data-paper-code]").get_attribute("data-paper-code"))
    camera.sees(films.still(photograph(desk, ".paper-card .qr")))
    printed = picture(desk)

    till = browsing.till(city.terminals("shop")[0], LANGUAGE)
    till.locator("#amount").fill("12.50")
    till.locator("[data-open-camera]").click()
    expect(till.locator("[data-price]")).to_have_text(money(PRICE, LANGUAGE))
    assert mask_name(elder.name) in till.locator("[data-who-now]").inner_text()
    assert city.balance(elder) == CASH - PRICE
    refuse(till, code, "limit_reached")

    desk.goto(visit)
    submit(desk, "revoke")
    expect(desk.locator(".notice.good")).to_be_visible()
    refuse(till, code, "paper_card_revoked")
    assert city.balance(elder) == CASH - PRICE

    phone = browsing.phone(LANGUAGE, citizen=elder)
    phone.goto("/history")
    expect(phone.locator(".rows li").first.locator("small")).to_contain_text(say("Paper card"))
    expect(phone.locator(".rows li").nth(1).locator("strong")).to_have_text(say("Cash paid in at a counter"))
    phone.locator(".rows a").first.click()
    assert facts(phone)[say("Paid with")] == say("Paper card")
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row([proved, printed, receipt], height=760), "paper-card")


def picture(page: Page) -> Image:
    """Take a picture when the fade between two pages is over."""
    page.wait_for_timeout(FADE_MS if os.environ.get(SCREENSHOTS) else 0)
    return look(page)


def submit(page: Page, do: str) -> None:
    """Press the button of the form that does this."""
    page.locator(f'form:has(input[name=do][value="{do}"]) button').click()


def refuse(till: Page, code: str, refusal: str) -> None:
    """Type what is above the day's rest; the till says why it is not paid."""
    till.locator("#amount").fill("12.50")
    till.locator("#code").fill(code)
    till.keyboard.press("Enter")
    title = next(title for one, title, _ in REFUSALS if one == refusal)
    expect(till.locator("[data-state]")).to_have_text(translate(LANGUAGE, title))
