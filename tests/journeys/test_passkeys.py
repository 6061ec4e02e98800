"""Passkeys in a real browser with a virtual authenticator; at localhost, since an address of numbers has none."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from haihe.base.i18n import money, translator
from haihe.payments.errors import ConfirmationNeeded
from haihe.web.guards import SESSION_COOKIE
from haihe.web.language import LANGUAGE_COOKIE
from tests.journeys.browsing import PHONE, Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import press, sign_in

ONE_FACTOR = 1_000_00
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def at_localhost(browsing: Browsing, language: str) -> Page:
    """Take a phone that has a fingerprint reader, and reach the city by name."""
    here = browsing.city.base_url.replace("127.0.0.1", "localhost")
    phone = browsing.open(language, PHONE, has_touch=True, base_url=here)
    phone.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": here}])
    chip = phone.context.new_cdp_session(phone)
    chip.send("WebAuthn.enable")
    chip.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return phone


def dear_bill(phone: Page) -> tuple[str, int]:
    """Find a bill above what one factor pays: its page and what it costs, in fen."""
    phone.goto("/bills")
    bills = phone.locator(".picks > li")
    for place in range(bills.count()):
        fen = int(re.sub(r"\D", "", bills.nth(place).locator("label .amount").inner_text()))
        if fen > ONE_FACTOR:
            return f"/s/bill-{bills.nth(place).locator('input').get_attribute('value')}", fen
    raise AssertionError("nobody owes so much")


def test_passkey_signs_in_without_a_phone_and_confirms_what_one_factor_may_not_pay(browsing: Browsing, city: DemoCity):
    say, owner = translator("ru"), city.heated()
    phone = at_localhost(browsing, "ru")
    phone.goto("/sign-in?next=/me/passkeys")
    sign_in(phone, say, owner.phone)
    phone.locator("#name").fill("Мой телефон")
    phone.locator("#passcode").fill(owner.passcode)
    press(phone, say("Continue"))
    press(phone, say("Make the passkey"))
    phone.get_by_text(say("The passkey is added.")).wait_for()
    phone.get_by_text("Мой телефон").wait_for()

    phone.goto("/me")
    press(phone, say("Sign out"))
    phone.get_by_role("link", name=say("Open a wallet")).wait_for()
    phone.goto("/me")
    press(phone, say("Sign in with a passkey"))
    phone.wait_for_url("**/me")
    assert any(cookie.get("name") == SESSION_COOKIE for cookie in phone.context.cookies())

    before = city.balance(owner)
    page, price = dear_bill(phone)
    phone.goto(page)
    phone.locator("form.thumb button").click()
    phone.get_by_text(say(ConfirmationNeeded.text)).wait_for()
    expect(phone.locator("#passcode")).to_be_visible()
    assert city.balance(owner) == before
    press(phone, say("Confirm with a passkey"))
    phone.locator("[data-age]").wait_for()
    assert phone.locator(".sum").inner_text() == money(price, "ru")
    assert city.balance(owner) == before - price


def test_address_of_numbers_says_where_passkeys_work(browsing: Browsing, city: DemoCity):
    phone = browsing.phone(citizen=city.newcomer())
    phone.goto("/me/passkeys")
    phone.get_by_text("At this address browsers have no passkeys").wait_for()
    link = phone.locator("#main a[href*='localhost']")
    expect(link).to_have_attribute("href", city.base_url.replace("127.0.0.1", "localhost") + "/me/passkeys")
