"""Utility bills."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, patient_at, poor_at, staff_at
from tests.journeys.walks import press


def bill_choice(scene: Scene) -> Page:
    page = at(scene.patient(), "/bills")
    press(page, scene.say("Pay what is chosen"))
    page.locator("form.thumb").wait_for()
    return page


def bill_account(scene: Scene) -> Page:
    page = at(scene.patient(), "/bills")
    page.locator('a[href^="/bills/accounts/"]').first.click()
    page.wait_for_url("**/accounts/*")
    return page


def look_up(number: str, then: str) -> Way:
    """Type a customer number of the first company, and wait for what its answer has."""

    def way(scene: Scene) -> Page:
        page = at(scene.patient(), "/bills/add")
        page.locator("#number").fill(number)
        press(page, scene.say("Look it up"))
        page.locator(then).wait_for(state="attached")
        return page

    return way


def console_readings(scene: Scene) -> Page:
    page = at(scene.staff_of("power-manager"), "/console/utility/import")
    page.locator("#list").fill("1200000000,2016-01-31,5\n1299999999,2026-10-31,5\n12")
    press(page, scene.say("Take the readings"))
    page.locator("[data-part] tbody tr").first.wait_for()
    return page


def console_reading_refused(scene: Scene) -> Page:
    page = at(scene.staff_of("power-manager"), "/console/utility")
    page.locator("#number").fill("1299999999")
    page.locator("#read_on").fill("2017-01-31")
    page.locator("#value").fill("5")
    press(page, scene.say("Store and issue the bill"))
    page.locator("#number[aria-invalid]").wait_for()
    return page


def console_bill_account(scene: Scene) -> Page:
    return at(scene.staff_of("power-manager"), "/console/utility?number=1200000000")


def console_bill(scene: Scene) -> Page:
    page = console_bill_account(scene)
    page.locator('a[href*="/console/utility/bills/"]').first.click()
    page.wait_for_url("**/bills/*")
    return page


PLACES: Final[dict[str, Way]] = {
    "bills": patient_at("/bills"),
    "bills without accounts": poor_at("/bills"),
    "bills chosen": bill_choice,
    "bills, account": bill_account,
    "bills, account found": look_up("1200000005", "input[name=add]"),
    "bills, account unknown": look_up("1299999999", "#number[aria-invalid]"),
    "bills, add an account": patient_at("/bills/add"),
    "console bills": staff_at("power-manager", "/console/utility"),
    "console bills of a season": staff_at("heating-manager", "/console/utility"),
    "console bills, reading refused": console_reading_refused,
    "console readings from a list": console_readings,
    "console bills, account": console_bill_account,
    "console bill": console_bill,
}
