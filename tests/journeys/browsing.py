"""Phones, desks and driver's screens: pages of one browser that report what they complain about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Response, ViewportSize

from haihe.web.guards import SESSION_COOKIE
from haihe.web.language import LANGUAGE_COOKIE
from tests.journeys.demo_city import Bus, Citizen, DemoCity

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESK: Final[ViewportSize] = {"width": 1440, "height": 900}
TABLET: Final[ViewportSize] = {"width": 1024, "height": 700}
LOCALES: Final[Mapping[str, str]] = {"zh": "zh-CN", "en": "en-GB", "ru": "ru-RU"}
WAIT_MS: Final = 20_000
"""A busy machine is given time; what has to be quick is measured by itself."""
SPIES: Final = Path(__file__).parent / "spies.js"
HARMLESS: Final = ("Transition was (aborted|skipped)",)
"""Chromium says so when the next tap comes before its own fade between two pages has begun."""
ANSWERED: Final = "Failed to load resource: the server responded with a status of"


@dataclass
class Watch:
    """What a browser's pages complained about, and what of it was meant to happen."""

    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=lambda: list(HARMLESS))
    refused_pages: set[str] = field(default_factory=set)

    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(re.search(one, text) for one in self.expected)]

    def attach(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"error in {page.url}: {error}"))
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        """Chromium also logs a page that is itself a refusal: that one is seen and judged by the journey."""
        page = message.location.get("url", "").partition("#")[0]
        own_refusal = message.text.startswith(ANSWERED) and page in self.refused_pages
        if message.type in {"error", "warning"} and not own_refusal:
            self.complaints.append(f"{message.type} on {message.location.get('url')}: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} from {response.url}")
        elif response.status >= 400 and response.request.is_navigation_request():
            self.refused_pages.add(response.url.partition("#")[0])


@dataclass
class Browsing:
    """Opens pages, each in a browser of its own as far as cookies go."""

    browser: Browser
    city: DemoCity
    watch: Watch = field(default_factory=Watch)
    contexts: list[BrowserContext] = field(default_factory=list)

    def phone(self, language: str = "en", *, citizen: Citizen | None = None, **more: object) -> Page:
        """Take a phone into the hand, signed in if a citizen is given."""
        page = self.open(language, PHONE, has_touch=True, **more)
        if citizen:
            self._keep(page, SESSION_COOKIE, citizen.token)
            self._keep(page, LANGUAGE_COOKIE, language)
        return page

    def desk(self, language: str = "en", **more: object) -> Page:
        """Sit down at a desk."""
        return self.open(language, DESK, **more)

    def driver(self, bus: Bus, language: str = "en", **more: object) -> Page:
        """Open a bus's screen through its pairing link, and begin the shift: only then it may sound."""
        page = self.open(language, TABLET, **more)
        page.goto(bus.pairing_url)
        page.locator("[data-shift] button").click()
        page.locator("[data-sound-on]").wait_for()
        return page

    def till(self, terminal: Mapping[str, str], language: str = "en", **more: object) -> Page:
        """Open a till or a validator through its pairing link, and begin the shift."""
        page = self.open(language, TABLET, **more)
        page.goto(terminal["url"])
        page.locator("[data-shift] button").click()
        page.locator("[data-sound-on]").wait_for()
        return page

    def open(self, language: str, size: ViewportSize, **more: object) -> Page:
        context = self.browser.new_context(
            **{"base_url": self.city.base_url, "locale": LOCALES[language], "viewport": size, **more}  # type: ignore[arg-type]
        )
        self.contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        context.grant_permissions(["camera"], origin=self.city.base_url)
        context.add_init_script(path=SPIES)
        context.on("page", self.watch.attach)
        return context.new_page()

    def expect(self, *complaints: str) -> None:
        """Say that complaints like these (regular expressions) belong to the journey."""
        self.watch.expected += complaints

    def _keep(self, page: Page, name: str, value: str) -> None:
        page.context.add_cookies([{"name": name, "value": value, "url": self.city.base_url}])


def _leave(context: BrowserContext) -> None:
    """Leave every page first: a context that still streams or films has been seen not to close."""
    for page in context.pages:
        with suppress(Error):
            page.goto("about:blank", timeout=WAIT_MS)


@contextmanager
def browse(browser: Browser, city: DemoCity) -> Iterator[Browsing]:
    """Open a browsing that closes its pages at the end; nobody complained meanwhile, or it fails."""
    browsing = Browsing(browser, city)
    try:
        yield browsing
    finally:
        for context in browsing.contexts:
            _leave(context)
            context.close()
    complaints = browsing.watch.unexpected()
    assert not complaints, "\n".join(complaints)
