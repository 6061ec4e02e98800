"""Who comes to the pages of one language, and the ways by which they come: what `places` is written with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from playwright.sync_api import Page

from haihe.base.errors import Translate
from haihe.base.i18n import translator
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import Bus, Citizen
from tests.journeys.walks import enter_console, sign_in_staff, top_up

LOW_INCOME: Final = 3
"""The place in demo.json of someone who has no contribution to pay (demo/tianjin/social.toml)."""
STREAM_OPENS_MS: Final = 300
"""So long after its first byte a terminal's page surely knows that it is connected."""


@dataclass
class Scene:
    """One language's visitors, each with a page that is used again and again, and what they did before."""

    browsing: Browsing
    language: str
    topped_up: str = ""
    """Where the rich newcomer's top-up is shown."""
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
        self.topped_up = phone.url
        return phone

    @cached_property
    def owner(self) -> Citizen:
        """Someone who owes bills; what a helper is shown of them moves no money."""
        one = self.browsing.city.listed["citizens"][0]
        return Citizen(one["name"], one["phone"], one["passcode"], one["token"])

    @cached_property
    def mandate(self) -> tuple[Citizen, str]:
        """Somebody whom the owner has asked to act, with a child; and the tie."""
        helper = self.browsing.city.newcomer()
        rights = {"rights": ["pay_bills", "see_balance", "top_up"], "month_max": 50_000}
        return helper, self.browsing.city.invites(self.owner, helper, "helper", **rights)

    @cached_property
    def child(self) -> str:
        """The child of the helper."""
        return self.browsing.city.has_child(self.mandate[0])

    def helper(self) -> Page:
        """The phone of somebody with a child, whom the owner has asked to act."""
        helper, _ = self.mandate
        return self._page("helper", lambda: self.browsing.phone(self.language, citizen=helper, reduced_motion="reduce"))

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

    def patient(self) -> Page:
        """The phone of someone with a clinic bill and a child at school, both to be paid."""
        one = self.browsing.city.listed["citizens"][0]
        who = Citizen(one["name"], one["phone"], one["passcode"], one["token"])
        return self._page("patient", lambda: self.browsing.phone(self.language, citizen=who, reduced_motion="reduce"))

    def supported(self) -> Page:
        """The phone of someone with low income."""
        one = self.browsing.city.listed["citizens"][LOW_INCOME]
        who = Citizen(one["name"], one["phone"], one["passcode"], one["token"])
        return self._page("supported", lambda: self.browsing.phone(self.language, citizen=who, reduced_motion="reduce"))

    def staff_of(self, login: str) -> Page:
        """The desk of someone with this login."""
        return self._page(login, lambda: self._desk(login))

    def _desk(self, login: str) -> Page:
        office = self.browsing.desk(self.language, reduced_motion="reduce")
        office.goto("/console")
        sign_in_staff(
            office, self.say, next(one for one in self.browsing.city.listed["staff"] if one["login"] == login)
        )
        office.wait_for_url("**/console")
        return office

    def till(self) -> Page:
        """The bakery's first till."""
        terminal = self.browsing.city.terminals("shop")[0]
        return self._page("till", lambda: self.browsing.till(terminal, self.language, reduced_motion="reduce"))

    def validator(self) -> Page:
        """The validator of a bus."""
        (terminal,) = self.browsing.city.terminals("validator")
        return self._page("validator", lambda: self.browsing.till(terminal, self.language, reduced_motion="reduce"))

    def stop_filming(self) -> None:
        """Close the validator: a page that films takes the machine from all that come after it."""
        if filming := self._pages.pop("validator", None):
            filming.goto("about:blank")
            filming.context.close()
            self.browsing.contexts.remove(filming.context)

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
    return lambda scene: at(scene.guest(), path)


def citizen_at(path: str) -> Way:
    return lambda scene: at(scene.citizen(), path)


def poor_at(path: str) -> Way:
    return lambda scene: at(scene.poor(), path)


def manager_at(path: str) -> Way:
    return lambda scene: at(scene.manager(), path)


def patient_at(path: str) -> Way:
    return lambda scene: at(scene.patient(), path)


def staff_at(login: str, path: str) -> Way:
    return lambda scene: at(scene.staff_of(login), path)


def at(page: Page, path: str) -> Page:
    page.goto(path)
    return page
