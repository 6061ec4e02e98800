"""An administrator takes on an accountant, whom the manager confirms; she sets up her second factor, and a large refund needs both."""

from __future__ import annotations

import os
import secrets
import time
from base64 import b32decode
from collections.abc import Mapping
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from demo.services import made_up
from haihe.base.errors import Translate
from haihe.base.i18n import money, translate, translator
from haihe.organisations.totp import STEP_S, code_of
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import PASSCODE, press, sign_in_staff

LANGUAGE = "zh"
PRICE = 590_00
LOGIN, PASSWORD = "bakery-second-accountant", "a password of her own"
SHOTS = os.environ.get("HAIHE_STAFF_SHOTS", "")


def test_large_refund_is_given_by_two_people(browsing: Browsing, city: DemoCity):
    say = translator(LANGUAGE)
    admin, manager, newcomer = (browsing.desk(LANGUAGE) for _ in range(3))
    temporary = takes_on(admin, say, city)
    enters(manager, say, city.clerk("bakery-manager"))
    decides(manager, say, say("A role for a colleague"))
    enters(newcomer, say, {"login": LOGIN, "password": temporary})
    settles_her_sign_in(newcomer, say, temporary)
    number = somebody_buys_a_cake(city)
    asks_for_a_refund(newcomer, say, number)
    decides(manager, say, say("A refund"))
    manager.goto(f"/console/payments/{number}")
    expect(manager.locator("ul.rows li:has(a)", has_text=money(PRICE, LANGUAGE))).to_be_visible()
    admin.goto("/console/audit?action=refund_given")
    expect(admin.locator("tbody tr").first).to_contain_text("refund_given")
    picture(admin, "audit")
    admin.goto("/console/rights")
    picture(admin, "rights")
    admin.goto("/console/payments")
    expect(admin.locator("body")).to_contain_text(say("Your role does not allow this."))


def enters(page: Page, say: Translate, clerk: Mapping[str, str]) -> None:
    page.goto("/console")
    sign_in_staff(page, say, clerk)
    page.wait_for_url("**/console")


def takes_on(page: Page, say: Translate, city: DemoCity) -> str:
    """Add an accountant; give the temporary password, which does not work yet."""
    enters(page, say, city.clerk("bakery-administrator"))
    expect(page.locator(".notice.warn")).to_contain_text(say("Please set up a second factor"))
    page.get_by_role("navigation", name=say("Console")).get_by_text(say("Our staff"), exact=True).click()
    page.wait_for_url("**/console/staff")
    page.locator("#name").fill("何会计")
    page.locator("#login").fill(LOGIN)
    page.locator("#role").select_option("accountant")
    picture(page, "staff")
    press(page, say("Add"))
    page.locator("#given-password").wait_for()
    picture(page, "given")
    return page.locator("#given-password").inner_text()


def decides(page: Page, say: Translate, title: str) -> None:
    """Look at what a colleague asked for, and approve it."""
    page.goto("/console/approvals")
    page.locator("#main ul.rows a", has_text=title).first.click()
    page.wait_for_url("**/console/approvals/*")
    picture(page, f"decide-{title}")
    press(page, say("Approve"))
    page.locator("header p", has_text=say("Approved")).wait_for()


def settles_her_sign_in(page: Page, say: Translate, temporary: str) -> None:
    """Choose a password, set up the second factor, and sign in with both."""
    press(page, say("My sign-in"))
    page.locator("#password").fill(temporary)
    page.locator("#new").fill(PASSWORD)
    press(page, say("Change the password"))
    page.wait_for_url("**?done=password")
    picture(page, "me")
    press(page, say("Set up"))
    secret = b32decode(page.locator("#secret").inner_text())
    picture(page, "factor")
    step = int(time.time()) // STEP_S
    page.locator("#code").fill(code_of(secret, step))
    page.locator("#password").fill(PASSWORD)
    press(page, say("Set up"))
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    picture(page, "recovery")
    page.get_by_role("button", name=say("Sign out")).click()
    page.wait_for_url("**/console/sign-in")
    sign_in_staff(page, say, {"login": LOGIN, "password": PASSWORD})
    page.locator("#code").fill("000000")
    press(page, say("Sign in"))
    page.locator("#code[aria-invalid]").wait_for()
    page.locator("#code").fill(code_of(secret, step + 1))
    picture(page, "step")
    press(page, say("Sign in"))
    page.wait_for_url("**/console")


def somebody_buys_a_cake(city: DemoCity) -> str:
    """Pay at the bakery's till, without a browser; give the receipt's number."""
    terminal, payer = city.terminals("shop")[0], city.newcomer()
    headers = {"Authorization": f"Bearer {payer.token}"}
    with (
        httpx.Client(base_url=city.base_url, headers=headers, timeout=20, trust_env=False) as wallet,
        httpx.Client(base_url=city.base_url, timeout=20, trust_env=False) as till,
    ):
        card = wallet.post("/api/cards", json={"number": made_up.card(), "passcode": PASSCODE}).raise_for_status()
        body = {"amount": PRICE, "card": card.json()["id"], "passcode": PASSCODE}
        wallet.post("/api/top-ups", json=body, headers={"Idempotency-Key": secrets.token_hex(8)}).raise_for_status()
        shown = wallet.post("/api/payment-codes", json={}).raise_for_status().json()["code"]
        till.get(terminal["url"], follow_redirects=True).raise_for_status()
        charge = {"code": shown, "amount": PRICE}
        answer = till.post(
            f"/terminal/{terminal['id']}/charge", json=charge, headers={"Idempotency-Key": secrets.token_hex(8)}
        )
        return str(answer.raise_for_status().json()["id"])


def asks_for_a_refund(page: Page, say: Translate, number: str) -> None:
    """Begin a refund that is too large for one person."""
    page.goto(f"/console/payments/{number}")
    page.locator("#reason").fill("蛋糕做坏了")
    press(page, say("Continue"))
    expect(page.locator(".notice.warn")).to_contain_text(
        translate(LANGUAGE, "Above %(most)s of one payment, a colleague has to approve the refund.").partition("%")[0]
    )
    picture(page, "ask")
    press(page, say("Ask for approval"))
    page.wait_for_url("**/console/approvals/*")
    expect(page.get_by_role("button", name=say("Approve"), exact=True)).to_have_count(0)
    page.get_by_role("button", name=say("Withdraw"), exact=True).wait_for()


def picture(page: Page, name: str) -> None:
    """Take pictures in the light and in the dark, if asked to."""
    if SHOTS:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=str(Path(SHOTS) / f"{name}-{scheme}.png"), full_page=True)
        page.emulate_media(color_scheme="light")
