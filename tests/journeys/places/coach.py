"""Coaches."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, citizen_at, staff_at
from tests.journeys.walks import pay, press


def coach_found(scene: Scene) -> Page:
    page = at(scene.citizen(), "/transit")
    page.locator("#day").fill(page.locator("#day").get_attribute("max") or "")
    press(page, scene.say("Show coaches"))
    page.locator('a[href^="/transit/coaches/"]').first.wait_for()
    return page


def coach_ride(scene: Scene) -> Page:
    page = coach_found(scene)
    page.locator('a[href^="/transit/coaches/"]').first.click()
    page.wait_for_url("**/transit/coaches/*")
    return page


def coach_ticket(scene: Scene) -> Page:
    page = coach_ride(scene)
    press(page, scene.say("Order"))
    page.wait_for_url("**/s/coach-*")
    pay(page)
    press(page, scene.say("Show my ticket"))
    page.wait_for_url("**/transit/tickets/*")
    return page


def coach_refused(scene: Scene) -> Page:
    page = at(scene.citizen(), "/transit")
    page.locator("#to").select_option(index=0)
    page.locator("#from").select_option(label=page.locator("#to option").first.inner_text())
    press(page, scene.say("Show coaches"))
    page.locator(".notice.bad").wait_for()
    return page


def coach_passengers(scene: Scene) -> Page:
    page = at(scene.staff_of("coach-manager"), "/console/coach")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/console/coach/runs/*")
    return page


def coach_check(scene: Scene) -> Page:
    page = coach_passengers(scene)
    press(page, scene.say("Check tickets"))
    page.wait_for_url("**/console/coach/check/*")
    return page


def coach_check_unknown(scene: Scene) -> Page:
    page = coach_check(scene)
    page.locator("#text").fill("ABCD2345WXYZ")
    page.locator("[data-check] button").click()
    page.locator("[data-verdict=unknown]").wait_for()
    return page


PLACES: Final[dict[str, Way]] = {
    "transit": citizen_at("/transit"),
    "transit, coaches": coach_found,
    "transit, refused": coach_refused,
    "coach ride": coach_ride,
    "coach ticket": coach_ticket,
    "console coaches": staff_at("coach-manager", "/console/coach"),
    "console coach, passengers": coach_passengers,
    "console coach, which one": staff_at("coach-manager", "/console/coach/check"),
    "console coach, check": coach_check,
    "console coach, unknown ticket": coach_check_unknown,
}
