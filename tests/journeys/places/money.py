"""Money in and out: withdrawals, the automatic top-up, paying straight from a card."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at
from tests.journeys.walks import PASSCODE, press


def withdraw(scene: Scene) -> Page:
    return at(scene.rich_newcomer, "/withdraw")


def withdrawn(scene: Scene) -> Page:
    page = withdraw(scene)
    page.locator("#amount").fill("0.5")
    page.locator("#passcode").fill(PASSCODE)
    page.locator("form .big").click()
    page.locator("[data-state=done]").wait_for()
    return page


def agreed(scene: Scene) -> Page:
    page = at(scene.rich_newcomer, "/top-up/automatic")
    page.locator("#below").fill("1")
    page.locator("#passcode").fill(PASSCODE)
    page.locator("form .big").click()
    page.locator(".facts").wait_for()
    return page


def by_card(scene: Scene) -> Page:
    return at(scene.rich_newcomer, scene.bus.path + "/card")


def statement_of_a_month(scene: Scene) -> Page:
    page = at(scene.rich_newcomer, "/history")
    press(page, scene.say("Statement of a period"))
    page.locator("main nav a").first.click()
    return page


PLACES: Final[dict[str, Way]] = {
    "withdraw": withdraw,
    "withdrawn": withdrawn,
    "automatic top-up, agreed": agreed,
    "fare, from a card": by_card,
    "statement of a month": statement_of_a_month,
}
