"""The bus company's console, and the driver's screen."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import STREAM_OPENS_MS, Scene, Way, at, manager_at
from tests.journeys.walks import press


def console_line(scene: Scene) -> Page:
    page = at(scene.manager(), "/console/transit")
    page.get_by_role("link", name=scene.bus.line, exact=True).click()
    page.wait_for_url("**/lines/*")
    return page


def console_sheet(scene: Scene) -> Page:
    page = console_line(scene)
    press(page, scene.say("Print stickers"))
    page.locator(".sticker").first.wait_for()
    return page


def console_sheet_emvco(scene: Scene) -> Page:
    page = console_sheet(scene)
    press(page, "EMVCo")
    page.locator(".notice").wait_for()
    return page


def console_sticker(scene: Scene) -> Page:
    return at(scene.manager(), f"/console/transit/stickers/{scene.bus.code}")


def console_sticker_unsure(scene: Scene) -> Page:
    page = console_sticker(scene)
    page.locator("#reason").fill("damaged")
    press(page, scene.say("Revoke and make a new one"))
    page.locator(".error").wait_for()
    return page


def console_screen(scene: Scene) -> Page:
    page = console_line(scene)
    page.get_by_role("row", name=scene.bus.plate).get_by_role("button").click()
    page.locator(".sticker").wait_for()
    return page


def driver_ready(scene: Scene) -> Page:
    page = scene.driver()
    with page.expect_response("**/events*"):
        page.reload()
    page.wait_for_timeout(STREAM_OPENS_MS)
    return page


def driver_paid(scene: Scene) -> Page:
    scene.browsing.city.pays(scene.browsing.city.citizen(), scene.bus, companion=True)
    scene.driver().locator(".is-paid").wait_for()
    return scene.driver()


def driver_offline(scene: Scene) -> Page:
    page = driver_ready(scene)
    page.context.set_offline(True)
    page.locator(".is-off").wait_for()
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('offline'))")
    return page


def driver_unpaired(scene: Scene) -> Page:
    return at(scene.guest(), f"/terminal/{scene.bus.terminal}")


PLACES: Final[dict[str, Way]] = {
    "console day": manager_at("/console/transit"),
    "console line": console_line,
    "console sheet": console_sheet,
    "console sheet for EMVCo": console_sheet_emvco,
    "console sticker": console_sticker,
    "console sticker, not sure": console_sticker_unsure,
    "console, nothing here": manager_at("/console/transit/lines/1"),
    "driver's screen": driver_ready,
    "driver's screen, paid": driver_paid,
    "driver's screen, offline": driver_offline,
    "driver's screen, not paired": driver_unpaired,
    "console, screen paired": console_screen,
}
