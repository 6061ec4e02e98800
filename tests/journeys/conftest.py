"""One real city and one real browser for all journeys.

Journeys come last: the browser's driver keeps its event loop marked as running, which no asynchronous test may meet, and
whatever is wrong elsewhere is then known sooner. Where several workers share the tests (`make test`), each has a city and a browser
of its own, and the longest file is begun first, so that none waits for another at the end.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from haihe.ops.verify import verify
from tests.browser import browser_options, find_browser, is_required
from tests.camera import Camera
from tests.cities import RunningCity, short_homes
from tests.journeys.browsing import Browsing, browse
from tests.journeys.demo_city import DemoCity

HERE = Path(__file__).parent
FAILED = HERE / "failed"
LONGEST = HERE / "test_pages.py"
MEASURED = "measured"
SCREENSHOTS = "HAIHE_SCREENSHOTS"
"""Set to 1, the journeys also make the pictures of the documents anew; that is no check, so otherwise it is not even skipped."""
QUIET = ("--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-sync")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "picture: makes pictures for docs/pictures, only with HAIHE_SCREENSHOTS=1")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the journeys, and put them behind everything else, the longest first."""
    if not os.environ.get(SCREENSHOTS):
        items[:] = [item for item in items if not item.get_closest_marker("picture")]
    for item in items:
        if is_journey(item) and not item.get_closest_marker("prove"):
            item.add_marker("journey")
    items.sort(key=lambda item: (is_journey(item), item.path != LONGEST))


def is_journey(item: pytest.Item) -> bool:
    return HERE in item.path.parents


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep what a failed journey saw last."""
    report: Any = yield
    if report.when == "call" and report.failed:
        browser: Browser | None = getattr(item, "funcargs", {}).get("browser")
        pages = [page for context in browser.contexts for page in context.pages] if browser else []
        keep_what_was_seen(item.name, pages)
    return report  # type: ignore[no-any-return]


def keep_what_was_seen(name: str, pages: list[Page]) -> None:
    """Write picture and text of every open page into tests/journeys/failed."""
    for number, page in enumerate(pages):
        FAILED.mkdir(exist_ok=True)
        place = FAILED / f"{re.sub(r'[^A-Za-z0-9-]+', '_', name)}-{number}"
        try:
            text = page.locator("body").inner_text(timeout=2_000)
            page.screenshot(path=place.with_suffix(".png"), timeout=5_000)
        except Error as error:
            text = str(error)
        place.with_suffix(".txt").write_text(f"{page.url}\n{page.title()}\n\n{text}\n")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the journeys measured, whether they passed or not."""
    reports = [one for many in terminalreporter.stats.values() for one in many if isinstance(one, pytest.TestReport)]
    for name, text in [found for report in reports if report.when == "call" for found in report.user_properties]:
        if name == MEASURED:
            terminalreporter.write_line(f"measured: {text}")


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Have a measurement printed at the end of the run: it goes with the test's report, from whichever worker."""
    return lambda text: record_property(MEASURED, text)


@pytest.fixture(scope="session")
def city() -> Iterator[DemoCity]:
    """A demo city that was founded for the journeys; after all of them nothing in it may break a law of the money."""
    with short_homes() as make:
        running = RunningCity(make())
        try:
            yield DemoCity(running.start().ready())
            assert verify(running.access().owner_dsn).findings == ()
        finally:
            running.close()


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    """The browser's camera."""
    return Camera(tmp_path_factory.mktemp("camera") / "film.mjpeg")


@pytest.fixture(scope="session")
def browser(camera: Camera) -> Iterator[Browser]:
    """Chromium with a fake camera; without one the journeys are skipped, or fail where it is required."""
    program = find_browser()
    if program is None:
        if is_required():
            pytest.fail("no browser here, and HAIHE_REQUIRE_BROWSER=1")
        pytest.skip("no browser here")
    options = [*browser_options(), *camera.options(), *QUIET]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def remembering_browser(browser: Browser) -> Iterator[Browser]:
    """Chromium as people have it: it keeps the pages one leaves in memory, which a browser for tests usually does not."""
    chromium = browser.browser_type.launch(
        executable_path=find_browser(), args=browser_options(), ignore_default_args=["--disable-back-forward-cache"]
    )
    yield chromium
    chromium.close()


@pytest.fixture
def browsing(browser: Browser, city: DemoCity, camera: Camera) -> Iterator[Browsing]:
    """Phones, desks and screens; a journey fails when one of their pages complains."""
    camera.sees_nothing()
    with browse(browser, city) as opened:
        yield opened
