"""What the city shows to everybody."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, guest_at


def city_table(scene: Scene) -> Page:
    page = at(scene.guest(), "/city")
    page.locator("details.more summary").click()
    page.locator("details.more table").wait_for()
    return page


PLACES: Final[dict[str, Way]] = {
    "city": guest_at("/city"),
    "city, as a table": city_table,
}
