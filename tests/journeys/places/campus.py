"""The campus."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, patient_at, poor_at, staff_at


def campus_service(key: str, *, member: bool) -> Way:
    """Choose a service of the campus in its list, as a student or as somebody without a card."""

    def way(scene: Scene) -> Page:
        page = at(scene.patient() if member else scene.poor(), f"/campus/services?at=haigu-university&q={key}")
        page.locator('a[href^="/s/campus-"]', has_text=key).click()
        page.wait_for_url("**/s/campus-*")
        return page

    return way


def campus_till_paired(scene: Scene) -> Page:
    page = at(scene.staff_of("haigu-manager"), "/console/campus")
    page.locator("form[action$='/till'] button").first.click()
    page.locator(".sticker").wait_for()
    return page


PLACES: Final[dict[str, Way]] = {
    "campus": patient_at("/campus"),
    "campus without a card": poor_at("/campus"),
    "campus services": patient_at("/campus/services"),
    "campus services of a group": patient_at("/campus/services?group=canteens"),
    "campus services found": patient_at("/campus/services?q=2"),
    "campus services, nothing found": patient_at("/campus/services?q=000000"),
    "campus service": campus_service("registry.transcript-en", member=True),
    "campus service for members": campus_service("exams.cet4", member=False),
    "console campus": staff_at("haigu-manager", "/console/campus"),
    "console campus services": staff_at("jinwan-manager", "/console/campus/services"),
    "console campus stickers": staff_at("haigu-manager", "/console/campus/stickers"),
    "console campus till paired": campus_till_paired,
}
