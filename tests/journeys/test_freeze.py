"""Story W8 on two phones: one is lost, the other freezes the wallet; the next scan is refused at once."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Page

from haihe.base.i18n import translator
from haihe.payments.errors import AccountFrozen
from haihe.web.guards import SESSION_COOKIE
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import PASSCODE, press, sign_in, type_demo_code


def token_of(phone: Page) -> str:
    """Read the token by which a phone is signed in."""
    return next(cookie["value"] for cookie in phone.context.cookies() if cookie["name"] == SESSION_COOKIE)


def test_lost_phone_is_stopped_from_another_one_and_the_owner_releases_the_wallet(browsing: Browsing, city: DemoCity):
    say, owner, bus = translator("zh"), city.newcomer("zh"), city.bus()
    city.puts_in(owner, 50_00)
    lost, other = browsing.phone("zh"), browsing.phone("zh")
    for phone, wish in ((lost, bus.path), (other, "/me/freeze")):
        phone.goto(wish)
        sign_in(phone, say, owner.phone)
    lost.locator("form.thumb button").wait_for()

    press(other, say("Freeze my wallet now"))
    other.get_by_text(say("Your wallet is frozen.")).wait_for()
    lost.locator("form.thumb button").click()
    lost.wait_for_url("**/sign-in?next=*")
    owner = replace(owner, token=token_of(other))
    assert city.balance(owner) == 50_00

    sign_in(lost, say, owner.phone)
    lost.locator("form.thumb button").click()
    lost.get_by_text(say(AccountFrozen.text)).wait_for()
    lost.locator("a[href='/me/freeze']").wait_for()
    assert city.balance(owner) == 50_00

    press(other, say("Send code"))
    type_demo_code(other)
    other.locator("#passcode").fill(PASSCODE)
    press(other, say("Release my wallet"))
    other.get_by_text(say("Your wallet is released.")).wait_for()
    lost.goto(bus.path)
    lost.locator("form.thumb button").click()
    lost.locator("[data-age]").wait_for()
    assert city.balance(owner) == 50_00 - bus.fare
