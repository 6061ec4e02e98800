"""School fees."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, patient_at, poor_at, staff_at
from tests.journeys.walks import press


def school_fee(scene: Scene) -> Page:
    page = at(scene.patient(), "/education")
    page.locator('a[href^="/s/fee-"]').first.click()
    page.locator("form.thumb").wait_for()
    return page


def console_fee_notice(scene: Scene) -> Page:
    page = at(scene.staff_of("school-manager"), "/console/school")
    page.locator("#main table a").first.click()
    page.wait_for_url("**/notices/*")
    return page


def console_fee_refused(scene: Scene) -> Page:
    page = at(scene.staff_of("school-manager"), "/console/school")
    page.locator("#amount").fill("0")
    press(page, scene.say("Issue to the class"))
    page.locator("#amount[aria-invalid]").wait_for()
    return page


PLACES: Final[dict[str, Way]] = {
    "education": patient_at("/education"),
    "education without children": poor_at("/education"),
    "school fee": school_fee,
    "console school": staff_at("school-manager", "/console/school"),
    "console school, refused": console_fee_refused,
    "console fee notice": console_fee_notice,
}
