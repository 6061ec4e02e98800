"""The pages that protect a wallet: devices, passkeys, freezing, a forgotten passcode."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, citizen_at, poor_at
from tests.journeys.walks import press


def frozen(scene: Scene) -> Page:
    """Somebody's wallet of whom no other page is seen, frozen, with the way to release it."""
    phone = scene.browsing.phone(
        scene.language, citizen=scene.browsing.city.newcomer(scene.language), reduced_motion="reduce"
    )
    press(at(phone, "/me/freeze"), scene.say("Freeze my wallet now"))
    press(phone, scene.say("Send code"))
    phone.locator("#passcode").wait_for()
    return phone


def forgotten(scene: Scene) -> Page:
    page = at(scene.poor(), "/me/forgotten")
    press(page, scene.say("Send code"))
    page.locator("#id_number").wait_for()
    return page


def lost_phone(scene: Scene) -> Page:
    return at(scene.guest(), "/sign-in?next=/me/freeze")


PLACES: Final[dict[str, Way]] = {
    "devices": poor_at("/me/devices"),
    "devices of the demo": citizen_at("/me/devices"),
    "passkeys": poor_at("/me/passkeys"),
    "freeze": poor_at("/me/freeze"),
    "frozen": frozen,
    "passcode forgotten": poor_at("/me/forgotten"),
    "passcode forgotten, ways": forgotten,
    "sign in to freeze": lost_phone,
}
