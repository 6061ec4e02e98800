"""Notices, and a person's rights over the own data."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, citizen_at, guest_at, poor_at
from tests.journeys.walks import press


def export_refused(scene: Scene) -> Page:
    page = at(scene.citizen(), "/me/export")
    page.locator("#passcode").fill("000000")
    press(page, scene.say("Download"))
    page.locator("#passcode[aria-invalid]").wait_for()
    return page


def erase_code(scene: Scene) -> Page:
    page = at(scene.poor(), "/me/erase")
    press(page, scene.say("Send code"))
    page.locator("#code").wait_for()
    return page


PLACES: Final[dict[str, Way]] = {
    "notices": poor_at("/notices"),
    "how I am told": citizen_at("/me/notices"),
    "who looked at my data": citizen_at("/me/access"),
    "take my data along": citizen_at("/me/export"),
    "take my data along, refused": export_refused,
    "erase me, money left": citizen_at("/me/erase"),
    "erase me, code": erase_code,
    "erased": guest_at("/erased"),
}
