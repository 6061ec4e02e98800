"""Every page of the city and how one comes to it, for the checks that all of them have to pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from playwright.sync_api import Page

from demo.services import made_up
from haihe.base.errors import Translate
from haihe.base.i18n import translator
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import Bus, Citizen
from tests.journeys.walks import enter_console, press, sign_in_staff, top_up, type_demo_code

NOBODYS_CODE: Final = "2222222222222222"
STREAM_OPENS_MS: Final = 300
"""So long after its first byte the driver's screen surely knows that it is connected."""


@dataclass
class Scene:
    """One language's visitors, each with a page that is used again and again, and what they did before."""

    browsing: Browsing
    language: str
    _pages: dict[str, Page] = field(default_factory=dict)

    @property
    def say(self) -> Translate:
        return translator(self.language)

    @cached_property
    def bus(self) -> Bus:
        return self.browsing.city.own_bus()

    @cached_property
    def rider(self) -> Citizen:
        return self.browsing.city.citizen()

    @cached_property
    def payment(self) -> str:
        """A ride that was just paid; its bus answers a second scan."""
        return self.browsing.city.pays(self.rider, self.bus)

    @cached_property
    def rich_newcomer(self) -> Page:
        """The phone of someone with a card and one top-up."""
        phone = self.browsing.phone(self.language, citizen=self.browsing.city.newcomer(), reduced_motion="reduce")
        phone.goto("/top-up")
        top_up(phone, self.say, 20)
        phone.locator("[data-state=done]").wait_for()
        return phone

    def guest(self) -> Page:
        return self._page("guest", lambda: self.browsing.phone(self.language, reduced_motion="reduce"))

    def citizen(self) -> Page:
        return self._page(
            "citizen", lambda: self.browsing.phone(self.language, citizen=self.rider, reduced_motion="reduce")
        )

    def poor(self) -> Page:
        newcomer = self.browsing.city.newcomer
        return self._page(
            "poor", lambda: self.browsing.phone(self.language, citizen=newcomer(), reduced_motion="reduce")
        )

    def manager(self) -> Page:
        return self._page("manager", self._office)

    def driver(self) -> Page:
        return self._page("driver", lambda: self.browsing.driver(self.bus, self.language, reduced_motion="reduce"))

    def _office(self) -> Page:
        office = self.browsing.desk(self.language, reduced_motion="reduce")
        enter_console(office, self.say, self.browsing.city.staff("manager"))
        return office

    def _page(self, who: str, make: Callable[[], Page]) -> Page:
        if who not in self._pages:
            self._pages[who] = make()
        return self._pages[who]


Way = Callable[[Scene], Page]


def guest_at(path: str) -> Way:
    return lambda scene: _at(scene.guest(), path)


def citizen_at(path: str) -> Way:
    return lambda scene: _at(scene.citizen(), path)


def manager_at(path: str) -> Way:
    return lambda scene: _at(scene.manager(), path)


def _at(page: Page, path: str) -> Page:
    page.goto(path)
    return page


def sign_in_code(scene: Scene) -> Page:
    page = _at(scene.guest(), "/sign-in")
    page.locator("#phone").fill(made_up.phone())
    press(page, scene.say("Send code"))
    page.locator("#code").fill("000000")
    press(page, scene.say("Sign in"))
    page.locator("#code[aria-invalid]").wait_for()
    return page


def sign_in_refused(scene: Scene) -> Page:
    page = _at(scene.guest(), "/sign-in")
    page.locator("#phone").fill("12345")
    press(page, scene.say("Send code"))
    page.locator("#phone[aria-invalid]").wait_for()
    return page


def register_refused(scene: Scene) -> Page:
    page = _at(scene.guest(), "/register?made-up=1")
    page.locator("#id_number").fill("123")
    press(page, scene.say("Send code"))
    page.locator("#id_number[aria-invalid]").wait_for()
    return page


def register_code(scene: Scene) -> Page:
    page = _at(scene.guest(), "/register?made-up=1")
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


def fare(scene: Scene) -> Page:
    return _at(scene.citizen(), scene.bus.path)


def fare_too_dear(scene: Scene) -> Page:
    return _at(scene.poor(), scene.bus.path)


def paid(scene: Scene) -> Page:
    return _at(scene.citizen(), f"/payments/{scene.payment}?fresh=1")


def receipt(scene: Scene) -> Page:
    return _at(scene.citizen(), f"/payments/{scene.payment}")


def already_paid(scene: Scene) -> Page:
    assert scene.payment
    page = fare(scene)
    page.locator("form.thumb button").click()
    page.locator("input[name=companion]").wait_for(state="attached")
    return page


def code_that_is_foreign(scene: Scene) -> Page:
    return _at(scene.citizen(), "/scan?text=https%3A%2F%2Fpay.example.org")


def first_home(scene: Scene) -> Page:
    return _at(scene.poor(), "/")


def first_history(scene: Scene) -> Page:
    return _at(scene.poor(), "/history")


def card_refused(scene: Scene) -> Page:
    page = _at(scene.poor(), "/cards")
    page.locator("#card").fill("6299990000000000001")
    press(page, scene.say("Add the card"))
    page.locator("#card[aria-invalid]").wait_for()
    return page


def topped_up(scene: Scene) -> Page:
    scene.rich_newcomer.reload()
    return scene.rich_newcomer


def top_up_with_passcode(scene: Scene) -> Page:
    return _at(scene.rich_newcomer, "/top-up?amount=500")


def cards(scene: Scene) -> Page:
    return _at(scene.rich_newcomer, "/cards")


def passcode_refused(scene: Scene) -> Page:
    page = _at(scene.citizen(), "/me")
    for field_name in ("old", "passcode", "passcode_again"):
        page.locator(f"#{field_name}").fill("111111")
    press(page, scene.say("Change the passcode"))
    page.locator("[aria-invalid]").first.wait_for()
    return page


def console_door_refused(scene: Scene) -> Page:
    page = _at(scene.guest(), "/console")
    sign_in_staff(page, scene.say, {"login": f"nobody-{scene.language}", "password": "wrong"})
    page.locator("[aria-invalid]").wait_for()
    return page


def console_line(scene: Scene) -> Page:
    page = _at(scene.manager(), "/console/transit")
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
    return _at(scene.manager(), f"/console/transit/stickers/{scene.bus.code}")


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
    return _at(scene.guest(), f"/terminal/{scene.bus.terminal}")


MAIN: Final = ("home", "scan", "fare", "paid", "history", "console day")
"""Those that are also looked at in the dark at every run; all are in `make prove`."""

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
    "scan": citizen_at("/scan"),
    "scan, foreign code": code_that_is_foreign,
    "unknown code": citizen_at(f"/s/{NOBODYS_CODE}"),
    "nothing here": citizen_at("/nowhere"),
    "fare": fare,
    "fare, too little money": fare_too_dear,
    "paid": paid,
    "already paid": already_paid,
    "receipt": receipt,
    "history": citizen_at("/history"),
    "history of a newcomer": first_history,
    "top up without a card": lambda scene: _at(scene.poor(), "/top-up"),
    "top up with passcode": top_up_with_passcode,
    "topped up": topped_up,
    "cards": cards,
    "cards, refused": card_refused,
    "me": citizen_at("/me"),
    "me, passcode refused": passcode_refused,
    "console door": guest_at("/console"),
    "console door, refused": console_door_refused,
    "console": manager_at("/console"),
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
