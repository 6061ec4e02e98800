"""Sending money to a citizen: the form, the confirmation, what became of it, on both phones."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from demo.services import made_up
from tests.journeys.scene import Scene, Way, at, citizen_at
from tests.journeys.walks import press


def asked(scene: Scene, *, phone: str, amount: str, note: str = "") -> Page:
    """Fill in the first step and go on."""
    page = at(scene.citizen(), "/send")
    page.locator("#phone").fill(phone)
    page.locator("#amount").fill(amount)
    page.locator("#note").fill(note)
    press(page, scene.say("Continue"))
    return page


def nobody(scene: Scene) -> Page:
    page = asked(scene, phone=made_up.phone(), amount="1")
    page.locator("#phone[aria-invalid]").wait_for()
    return page


def too_little(scene: Scene) -> Page:
    page = asked(scene, phone=scene.browsing.city.pair(scene.language)[1].phone, amount="9999")
    page.locator(".notice.bad").wait_for()
    return page


def confirmed(scene: Scene) -> Page:
    page = asked(scene, phone=scene.browsing.city.pair(scene.language)[1].phone, amount="201", note="午饭 🍜")
    page.locator("#passcode").wait_for()
    return page


def sent(scene: Scene) -> Page:
    _, recipient = scene.browsing.city.pair(scene.language)
    page = asked(scene, phone=recipient.phone, amount="0.01", note="1")
    page.locator('form[action="/send/confirm"] .big').click()
    page.wait_for_url("**/transfers/*")
    return page


def received(scene: Scene) -> Page:
    address = sent(scene).url
    _, recipient = scene.browsing.city.pair(scene.language)
    return at(scene.browsing.phone(scene.language, citizen=recipient, reduced_motion="reduce"), address)


def postings(scene: Scene) -> Page:
    page = sent(scene)
    press(page, scene.say("Follow the money: the postings"))
    page.wait_for_url("**/postings")
    return page


PLACES: Final[dict[str, Way]] = {
    "send": citizen_at("/send"),
    "send, nobody has this number": nobody,
    "send, too little money": too_little,
    "send, confirm": confirmed,
    "sent": sent,
    "received": received,
    "sent, its postings": postings,
}
