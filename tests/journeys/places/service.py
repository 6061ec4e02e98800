"""The service counter and paper cards."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, poor_at, staff_at
from tests.journeys.walks import PASSCODE, press

CLERK: Final = "service-clerk"


def found(scene: Scene) -> Page:
    """A person before the clerk, who is not proved yet."""
    page = at(scene.staff_of(CLERK), "/console/service")
    page.locator("#number").fill(scene.browsing.city.newcomer(scene.language).phone)
    press(page, scene.say("Find"))
    page.wait_for_url("**/visits/*")
    return page


def nobody_found(scene: Scene) -> Page:
    page = at(scene.staff_of(CLERK), "/console/service")
    page.locator("#number").fill("13900000000")
    press(page, scene.say("Find"))
    page.locator("#number[aria-invalid]").wait_for()
    return page


def proved(scene: Scene) -> Page:
    page = found(scene)
    page.locator('form:has(input[name=do][value="send"]) button').click()
    page.locator("#code").fill(page.locator("#demo-code").inner_text())
    page.locator('form:has(input[name=do][value="code"]) button').click()
    page.locator("#daily").wait_for()
    return page


def counted(scene: Scene) -> Page:
    page = found(scene)
    page.locator("#amount").fill("5")
    page.locator('form:has(input[name=do][value="cash"]) button').click()
    page.locator('input[name=do][value="take"]').wait_for(state="attached")
    return page


def receipt(scene: Scene) -> Page:
    page = counted(scene)
    page.locator('form:has(input[name=do][value="take"]) button').click()
    page.wait_for_url("**/console/service/cash/*")
    return page


def printed_at_the_counter(scene: Scene) -> Page:
    page = proved(scene)
    press(page, scene.say("Issue a card"))
    page.locator("[data-paper-code]").wait_for()
    return page


def own_card(scene: Scene) -> Page:
    page = at(scene.poor(), "/me/paper-card")
    if page.locator("input[value=issue]").count():
        page.locator("#passcode").fill(PASSCODE)
        press(page, scene.say("Issue a card"))
    page.locator("input[value=revoke]").wait_for(state="attached")
    return page


def own_card_printed(scene: Scene) -> Page:
    return at(own_card(scene), "/me/paper-card/print")


PLACES: Final[dict[str, Way]] = {
    "service counter": staff_at(CLERK, "/console/service"),
    "service counter, nobody found": nobody_found,
    "service counter, a person": found,
    "service counter, a person who is proved": proved,
    "service counter, cash to be counted": counted,
    "service counter, receipt of cash": receipt,
    "service counter, paper card": printed_at_the_counter,
    "service counter, cash of the day": staff_at("service-manager", "/console/service/cash"),
    "no paper card": poor_at("/me/paper-card"),
    "own paper card": own_card,
    "own paper card, printed": own_card_printed,
}
