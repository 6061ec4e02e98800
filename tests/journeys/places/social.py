"""Contributions."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from demo.services import made_up
from tests.journeys.scene import Scene, Way, at, patient_at, staff_at
from tests.journeys.walks import press


def contribution(scene: Scene) -> Page:
    page = at(scene.patient(), "/social")
    page.locator('form[action="/social/enrol"] button, a.pay').first.click()
    page.wait_for_url("**/s/contribution-*")
    return page


def relative_unknown(scene: Scene) -> Page:
    page = at(scene.patient(), "/social/relatives")
    page.locator("#name").fill(made_up.name())
    page.locator("#id_number").fill(made_up.id_number())
    press(page, scene.say("Add"))
    page.locator("#id_number[aria-invalid]").wait_for()
    return page


def covered_without_paying(scene: Scene) -> Page:
    """The page of someone with low income, who is covered from the first visit on."""
    page = at(scene.supported(), "/social")
    if page.locator('[data-state="choice"]').count():
        press(page, scene.say("Enrol"))
    page.locator('[data-state="covered"]').wait_for()
    return page


def console_contribution(scene: Scene) -> Page:
    covered_without_paying(scene)
    page = at(scene.staff_of("social-manager"), "/console/social")
    page.locator('a[href^="/console/social/contributions/"]').first.click()
    page.wait_for_url("**/contributions/*")
    return page


PLACES: Final[dict[str, Way]] = {
    "social": patient_at("/social"),
    "social, covered without paying": covered_without_paying,
    "contribution": contribution,
    "relatives": patient_at("/social/relatives"),
    "relatives, unknown": relative_unknown,
    "console contributions": staff_at("social-manager", "/console/social"),
    "console contribution": console_contribution,
}
