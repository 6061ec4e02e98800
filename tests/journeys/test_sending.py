from __future__ import annotations

import os

import pytest
from PIL.Image import Image
from playwright.sync_api import Page, expect

from haihe.base.i18n import money, signed_money, translator
from haihe.base.vault import mask_name
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import facts, press
from tests.pictures import in_a_row, keep, look

AMOUNT = 12_50
NOTES = {"zh": "午饭", "en": "Lunch", "ru": "Обед"}
FADE_MS = 500
ROW_HEIGHT = 760


@pytest.mark.parametrize("language", NOTES)
def test_citizen_sends_money_and_both_phones_show_it(browsing: Browsing, city: DemoCity, language: str):
    say, (sender, recipient) = translator(language), city.pair(language)
    had = city.balance(sender), city.balance(recipient)
    phone = browsing.phone(language, citizen=sender)
    phone.goto("/")
    phone.locator('.quick a[href="/send"]').click()
    phone.wait_for_url("**/send")
    phone.locator("#phone").fill(recipient.phone)
    phone.locator("#amount").fill("12.50")
    phone.locator("#note").fill(NOTES[language])
    pictures = [picture(phone)]
    press(phone, say("Continue"))

    masked = mask_name(recipient.name)
    expect(phone.locator("[data-recipient]")).to_have_text(masked)
    assert recipient.name not in phone.content()
    pictures.append(picture(phone))
    phone.locator('form[action="/send/confirm"] .big').click()
    phone.wait_for_url("**/transfers/*")
    phone.locator("[data-state=arrived]").wait_for()
    pictures.append(picture(phone))
    shown = facts(phone)
    assert (shown[say("Recipient")], shown[say("Amount")]) == (masked, money(AMOUNT, language))
    assert shown[say("New balance")] == money(had[0] - AMOUNT, language)

    press(phone, say("Follow the money: the postings"))
    expect(phone.locator(".total")).to_contain_text(money(AMOUNT, language))
    in_history(phone, say("Sent to {name}", name=masked), signed_money(-AMOUNT, language))
    other = browsing.phone(language, citizen=recipient)
    other.goto("/")
    assert other.locator(".balance").inner_text() == money(had[1] + AMOUNT, language)
    in_history(other, say("From {name}", name=mask_name(sender.name)), signed_money(AMOUNT, language))
    other.locator(".rows a").first.click()
    other.locator("[data-state=received]").wait_for()
    seen = facts(other)
    assert (seen[say("Sender")], seen[say("Note")]) == (mask_name(sender.name), NOTES[language])
    assert seen[say("Transfer number")] == shown[say("Transfer number")]
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row([*pictures, picture(other)], height=ROW_HEIGHT), f"sending-{language}")


def in_history(phone: Page, title: str, amount: str) -> None:
    """See that the newest line of the history is this one."""
    phone.goto("/history")
    newest = phone.locator(".rows li").first
    expect(newest.locator("strong")).to_have_text(title)
    expect(newest.locator(".amount")).to_have_text(amount)


def picture(page: Page) -> Image:
    """Take a picture when the fade between two pages is over."""
    page.wait_for_timeout(FADE_MS if os.environ.get(SCREENSHOTS) else 0)
    return look(page)
