"""A shop gives back a part of what was paid, and the payer's history shows it at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from haihe.base.errors import Translate
from haihe.base.i18n import money, translator
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import Citizen, DemoCity
from tests.journeys.walks import facts, pay, press, sign_in_staff

LANGUAGES = ("zh", "en", "ru")
PRICE, BACK = 12_50, 5_00
REASONS = {"zh": "少了一个面包", "en": "One loaf was missing", "ru": "Не хватило одной булки"}
SHOTS = os.environ.get("HAIHE_REFUND_SHOTS", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_shop_refunds_a_part_and_the_payer_sees_it_at_once(browsing: Browsing, city: DemoCity, language: str):
    say, payer = translator(language), city.citizen()
    before = city.balance(payer)
    phone = browsing.phone(language, citizen=payer)
    number = buys_bread(phone, city)
    desk = browsing.desk(language)
    desk.goto("/console")
    sign_in_staff(desk, say, city.clerk("bakery-manager"))
    refunded_before = refunded_today(desk, say)
    gives_back(desk, say, number, language)
    assert city.balance(payer) == before - PRICE + BACK
    sees_it(phone, payer, say, number, language)
    assert refunded_today(desk, say) != refunded_before


def refunded_today(desk: Page, say: Translate) -> str:
    """Read what the organisation's day says."""
    desk.goto("/console/today")
    return desk.locator("article.figure", has_text=say("Refunded")).inner_text()


def buys_bread(phone: Page, city: DemoCity) -> str:
    """Pay by the sticker at the till; give the receipt's number."""
    terminal = city.terminals("shop")[0]
    phone.goto(city.sticker(terminal["code"])["url"])
    phone.locator("#amount").fill("12.50")
    pay(phone)
    return phone.url.partition("?")[0].rpartition("/")[2]


def gives_back(desk: Page, say: Translate, number: str, language: str) -> None:
    """Find the payment by its number, refuse more than it was, look at the split, give it back."""
    desk.get_by_role("navigation", name=say("Console")).get_by_text(say("Payments and refunds"), exact=True).click()
    desk.wait_for_url("**/console/payments")
    expect(desk.locator(f'a[href="/console/payments/{number}"]')).to_be_visible()
    picture(desk, f"payments-{language}")
    desk.locator("#number").fill(number)
    press(desk, say("Search"))
    desk.wait_for_url(f"**/console/payments/{number}")
    assert desk.locator("#amount").input_value() == "12.50"
    desk.locator("#amount").fill("12.51")
    desk.locator("#reason").fill(REASONS[language])
    press(desk, say("Continue"))
    desk.locator("#amount[aria-invalid]").wait_for()
    desk.locator("#amount").fill("5")
    press(desk, say("Continue"))
    picture(desk, f"preview-{language}")
    desk.locator('input[name="do"][value="refund"]').wait_for(state="attached")
    desk.locator("form button.danger").click()
    desk.wait_for_url("**?done=*")
    expect(desk.locator(".notice.good")).to_contain_text(money(BACK, language))
    assert facts(desk)[say("Can still be refunded")] == money(PRICE - BACK, language)
    picture(desk, f"refunded-{language}")


def sees_it(phone: Page, payer: Citizen, say: Translate, number: str, language: str) -> None:
    """The newest line of the history is the refund; its receipt and the payment's say the rest."""
    phone.goto("/history")
    newest = phone.locator("ul.rows li").first
    expect(newest).to_contain_text(money(BACK, language))
    picture(phone, f"history-{language}")
    newest.locator("a").click()
    phone.wait_for_url("**/payments/*")
    shown = facts(phone)
    assert (shown[say("Reason")], shown[say("Refunded to")]) == (REASONS[language], payer.name)
    assert phone.locator(".sum").inner_text() == money(BACK, language)
    picture(phone, f"refund-{language}")
    press(phone, say("To the payment"))
    phone.wait_for_url(f"**/payments/{number}")
    assert facts(phone)[say("Remains paid")] == money(PRICE - BACK, language)
    expect(phone.locator("section[aria-labelledby=refunds]")).to_contain_text(REASONS[language])
    picture(phone, f"receipt-{language}")
    phone.goto(f"/payments/{number}?fresh=1")
    expect(phone.locator("section[aria-labelledby=refunds]")).to_be_visible()


def picture(page: Page, name: str) -> None:
    """Take pictures in the light and in the dark, if asked to."""
    if SHOTS:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=str(Path(SHOTS) / f"{name}-{scheme}.png"), full_page=True)
        page.emulate_media(color_scheme="light")
