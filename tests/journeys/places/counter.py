"""Tills, the validator, and the console page of shops."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import STREAM_OPENS_MS, Scene, Way, at, staff_at

STAYS_REFUSED: Final = "() => { const wait = setTimeout; globalThis.setTimeout = (work, ms, ...more) => ms === 2000 ? 0 : wait(work, ms, ...more); }"
"""Otherwise the validator would be ready again before anybody has looked."""


def till_ready(scene: Scene) -> Page:
    page = scene.till()
    with page.expect_response("**/events*"):
        page.reload()
    page.wait_for_timeout(STREAM_OPENS_MS)
    return page


def till_paid(scene: Scene) -> Page:
    code = at(scene.citizen(), "/pay").locator("[data-code]").get_attribute("data-code")
    page = till_ready(scene)
    page.locator("#amount").fill("1.20")
    page.locator("#code").fill(code or "")
    page.keyboard.press("Enter")
    page.locator(".is-paid").wait_for()
    scene.citizen().locator("[data-age]").wait_for()
    return page


def till_refused(scene: Scene) -> Page:
    page = till_ready(scene)
    page.locator("#amount").fill("0")
    page.keyboard.press("Enter")
    page.locator(".is-refused").wait_for()
    return page


def validator_ready(scene: Scene) -> Page:
    """It films all the time, and a page that films is better not reloaded."""
    page = scene.validator()
    page.locator("video").wait_for(state="visible")
    page.wait_for_timeout(STREAM_OPENS_MS)
    return page


def validator_refused(scene: Scene) -> Page:
    page = validator_ready(scene)
    page.evaluate(STAYS_REFUSED)
    page.locator("#code").fill("1")
    page.keyboard.press("Enter")
    page.locator(".is-refused").wait_for()
    return page


def shop_sticker(scene: Scene) -> Page:
    page = at(scene.staff_of("bakery-manager"), "/console/shop")
    page.locator("table a").first.click()
    page.locator(".sticker").wait_for()
    return page


def shop_screen(scene: Scene) -> Page:
    page = at(scene.staff_of("stall-manager"), "/console/shop")
    page.locator("table button").first.click()
    page.locator(".sticker").wait_for()
    return page


PLACES: Final[dict[str, Way]] = {
    "till": till_ready,
    "till, paid": till_paid,
    "till, refused": till_refused,
    "validator": validator_ready,
    "validator, refused": validator_refused,
    "console shop": staff_at("bakery-manager", "/console/shop"),
    "console shop sticker": shop_sticker,
    "console shop screen paired": shop_screen,
}
