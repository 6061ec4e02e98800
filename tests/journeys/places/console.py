"""The console's door, and what every organisation has there."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, guest_at, manager_at, staff_at
from tests.journeys.walks import press, sign_in_staff


def console_door_refused(scene: Scene) -> Page:
    page = at(scene.guest(), "/console")
    sign_in_staff(page, scene.say, {"login": f"nobody-{scene.language}", "password": "wrong"})
    page.locator("[aria-invalid]").wait_for()
    return page


def console_payment(scene: Scene) -> Page:
    page = at(scene.staff_of("bakery-manager"), "/console/payments")
    page.locator('#main table a[href^="/console/payments/"]').first.click()
    page.locator("#reason").wait_for()
    return page


def console_refund_refused(scene: Scene) -> Page:
    page = console_payment(scene)
    page.locator("#amount").fill("0")
    page.locator("#reason").fill("–")
    press(page, scene.say("Continue"))
    page.locator("#amount[aria-invalid]").wait_for()
    return page


def console_refund_asked(scene: Scene) -> Page:
    page = console_payment(scene)
    page.locator("#amount").fill("0.10")
    page.locator("#reason").fill("–")
    press(page, scene.say("Continue"))
    page.locator("form button.danger").wait_for()
    return page


def console_posting(scene: Scene) -> Page:
    page = at(scene.staff_of("bakery-manager"), "/console/books/accounts/till")
    page.locator('#main table a[href^="/console/books/postings/"]').first.click()
    page.locator(".hash").wait_for()
    return page


def console_member(scene: Scene) -> Page:
    page = at(scene.staff_of("coach-administrator"), "/console/staff")
    page.locator('#main table a[href^="/console/staff/"]', has_text="郑").click()
    page.locator("#role").wait_for()
    return page


def console_request(scene: Scene) -> Page:
    """Ask for a role that needs a second person; the same is asked for once."""
    page = console_member(scene)
    page.locator("#role").select_option("auditor")
    press(page, scene.say("Give this role"))
    page.wait_for_url("**?done=asked")
    page.goto("/console/approvals")
    page.locator('#main a[href^="/console/approvals/"]').first.click()
    page.wait_for_url("**/console/approvals/*")
    return page


PLACES: Final[dict[str, Way]] = {
    "console rights": manager_at("/console/rights"),
    "console own sign-in": manager_at("/console/me"),
    "console second factor": staff_at("coach-manager", "/console/me/second-factor"),
    "console staff": staff_at("coach-administrator", "/console/staff"),
    "console member of staff": console_member,
    "console request": console_request,
    "console requests": staff_at("coach-manager", "/console/approvals"),
    "console audit log": staff_at("city-auditor", "/console/audit"),
    "console door": guest_at("/console"),
    "console door, refused": console_door_refused,
    "console": manager_at("/console"),
    "console today": manager_at("/console/today"),
    "console payments": manager_at("/console/payments"),
    "console payments, nothing found": manager_at("/console/payments?what=refunds&until=2017-01-01"),
    "console payment": console_payment,
    "console refund, refused": console_refund_refused,
    "console refund, asked once more": console_refund_asked,
    "console, campaigns": staff_at("city-manager", "/console/benefits"),
    "console, subsidies": staff_at("haigu-manager", "/console/benefits"),
    "console books": manager_at("/console/books"),
    "console statement": staff_at("bakery-manager", "/console/books/accounts/till"),
    "console statement, nothing found": staff_at("bakery-manager", "/console/books/accounts/till?kind=reversal"),
    "console statement, for printing": staff_at("bakery-manager", "/console/books/accounts/till/print"),
    "console posting": console_posting,
    "console books of the city": staff_at("city-auditor", "/console/books"),
    "console trial balance": staff_at("city-auditor", "/console/books/trial"),
    "console, a day of the past": manager_at("/console/today?day=2026-01-07"),
}
