"""Coming in, home, money in, one's own data: what everybody has."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from demo.services import made_up
from tests.journeys.scene import Scene, Way, at, citizen_at, guest_at, patient_at, poor_at
from tests.journeys.walks import press, type_demo_code


def sign_in_code(scene: Scene) -> Page:
    page = at(scene.guest(), "/sign-in")
    page.locator("#phone").fill(made_up.phone())
    press(page, scene.say("Send code"))
    page.locator("#code").fill("000000")
    press(page, scene.say("Sign in"))
    page.locator("#code[aria-invalid]").wait_for()
    return page


def sign_in_refused(scene: Scene) -> Page:
    page = at(scene.guest(), "/sign-in")
    page.locator("#phone").fill("12345")
    press(page, scene.say("Send code"))
    page.locator("#phone[aria-invalid]").wait_for()
    return page


def register_refused(scene: Scene) -> Page:
    page = at(scene.guest(), "/register?made-up=1")
    page.locator("#id_number").fill("123")
    press(page, scene.say("Send code"))
    page.locator("#id_number[aria-invalid]").wait_for()
    return page


def register_code(scene: Scene) -> Page:
    page = at(scene.guest(), "/register?made-up=1")
    press(page, scene.say("Send code"))
    page.locator("#code").wait_for()
    return page


def register_passcode(scene: Scene) -> Page:
    page = register_code(scene)
    type_demo_code(page)
    press(page, scene.say("Continue"))
    page.locator("#passcode").fill("123456")
    page.locator("#passcode_again").fill("123456")
    press(page, scene.say("Open my wallet"))
    page.locator("#passcode[aria-invalid]").wait_for()
    return page


def first_home(scene: Scene) -> Page:
    return at(scene.poor(), "/")


def home_with_dues(scene: Scene) -> Page:
    page = at(scene.patient(), "/")
    page.locator("details.rest summary").click()
    return page


def card_refused(scene: Scene) -> Page:
    page = at(scene.poor(), "/cards")
    page.locator("#card").fill("6299990000000000001")
    page.locator("#passcode").fill("271828")
    press(page, scene.say("Add the card"))
    page.locator("#card[aria-invalid]").wait_for()
    return page


def topped_up(scene: Scene) -> Page:
    phone = scene.rich_newcomer
    return at(phone, scene.topped_up)


def top_up_with_passcode(scene: Scene) -> Page:
    return at(scene.rich_newcomer, "/top-up?amount=500")


def cards(scene: Scene) -> Page:
    return at(scene.rich_newcomer, "/cards")


def passcode_refused(scene: Scene) -> Page:
    page = at(scene.citizen(), "/me")
    for field_name in ("old", "passcode", "passcode_again"):
        page.locator(f"#{field_name}").fill("111111")
    press(page, scene.say("Change the passcode"))
    page.locator("[aria-invalid]").first.wait_for()
    return page


def class_confirmed(scene: Scene) -> Page:
    """The class after one office more has confirmed the newcomer, on a card of whose bank could be asked."""
    page = at(scene.rich_newcomer, "/me/class")
    page.get_by_role("button", name=scene.say("Ask")).first.click()
    page.wait_for_url("**/me/class?checked=*")
    return page


PLACES: Final[dict[str, Way]] = {
    "welcome": guest_at("/"),
    "sign in": guest_at("/sign-in"),
    "sign in, wrong phone": sign_in_refused,
    "sign in, wrong code": sign_in_code,
    "register": guest_at("/register"),
    "register, wrong ID number": register_refused,
    "register, code": register_code,
    "register, weak passcode": register_passcode,
    "offline": guest_at("/offline"),
    "home": citizen_at("/"),
    "home of a newcomer": first_home,
    "home with dues": home_with_dues,
    "services": guest_at("/services"),
    "services found": patient_at("/services?q=%E7%94%B5"),
    "services, nothing found": patient_at("/services?q=000000"),
    "top up without a card": poor_at("/top-up"),
    "top up with passcode": top_up_with_passcode,
    "topped up": topped_up,
    "cards": cards,
    "cards, refused": card_refused,
    "me": citizen_at("/me"),
    "me, passcode refused": passcode_refused,
    "benefits": patient_at("/me/benefits"),
    "benefits, none": poor_at("/me/benefits"),
    "limits of a newcomer": poor_at("/me/limits"),
    "limits": citizen_at("/me/limits"),
    "class of a newcomer": poor_at("/me/class"),
    "class, confirmed": class_confirmed,
}
