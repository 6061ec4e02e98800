"""A newcomer meets the 1,000 yuan of class I, follows the way up, and pays."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from demo.services import made_up
from haihe.base.i18n import translate, translator
from haihe.web.guards import SESSION_COOKIE
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import PASSCODE, pay, press, register

LANGUAGE = "ru"


def token_of(phone: Page) -> str:
    return next(one["value"] for one in phone.context.cookies() if one["name"] == SESSION_COOKIE)


@contextmanager
def program(city: DemoCity, token: str = "") -> Iterator[Callable[[str, object], Any]]:
    """Do something without a browser."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(base_url=city.base_url, headers=headers, timeout=20, trust_env=False) as client:

        def post(path: str, body: object) -> Any:
            if body is None:
                return client.get(path, follow_redirects=True).raise_for_status().text
            key = {"Idempotency-Key": secrets.token_hex(8)}
            return client.post(path, json=body, headers=key).raise_for_status().json()

        yield post


def spend(city: DemoCity, token: str, terminal: Mapping[str, str]) -> None:
    """Have money, and pay 990 yuan of it in a shop: 400 by its printed code, 590 at its till."""
    with program(city, token) as wallet, program(city) as till:
        card = wallet("/api/cards", {"number": made_up.card(), "passcode": PASSCODE})
        wallet("/api/top-ups", {"amount": 2_000_00, "card": card["id"], "passcode": PASSCODE})
        wallet("/api/payments", {"code": terminal["code"], "amount": 400_00})
        till(terminal["url"].removeprefix(city.base_url), None)
        shown = wallet("/api/payment-codes", {})["code"]
        till(f"/terminal/{terminal['id']}/charge", {"code": shown, "amount": 590_00})


def test_newcomer_meets_the_limit_of_class_one_and_goes_the_way_up(browsing: Browsing, city: DemoCity):
    say, terminal = translator(LANGUAGE), city.terminals("shop")[3]
    phone = browsing.phone(LANGUAGE)
    phone.goto("/register")
    register(phone, say, sms_to=city.sms_to)
    spend(city, token_of(phone), terminal)

    phone.goto(city.sticker(terminal["code"])["url"])
    phone.locator("#amount").fill("20")
    phone.locator("form.thumb button").click()
    phone.get_by_text(say("Your payment limit is reached. Nothing was paid.")).wait_for()
    phone.get_by_text(say("My limits")).click()
    phone.wait_for_url("**/me/limits?next=*")
    expect(phone.locator("meter").first).to_have_attribute("value", "99000")
    phone.locator("a[href^='/me/class']").click()

    expect(phone.locator(".grade")).to_have_text(translate(LANGUAGE, "Class %(name)s") % {"name": "I"})
    phone.locator("form", has_text=say("Social insurance bureau")).get_by_role("button").click()
    phone.wait_for_url("**/me/class?checked=social*")
    expect(phone.locator(".grade")).to_have_text(translate(LANGUAGE, "Class %(name)s") % {"name": "II"})
    press(phone, say("Go on"))

    phone.locator("#amount").fill("20")
    pay(phone)
