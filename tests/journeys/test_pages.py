"""What every page has to pass in every language: accessible, fitting, translated."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from haihe.base.settings import PROJECT
from haihe.web.display import PERCENTS, Display
from tests.conftest import PROVE
from tests.journeys.browsing import DESK, PHONE, browse
from tests.journeys.demo_city import DemoCity
from tests.journeys.places import MAIN, PLACES
from tests.journeys.scene import Scene

AXE: Final = PROJECT / "assets" / "dev" / "node_modules" / "axe-core" / "axe.min.js"
CHECKS: Final = Path(__file__).with_name("checks.js")
WIDTHS: Final = (320, PHONE["width"], DESK["width"])
NOWHERE: Final = "about:blank"
LANGUAGES: Final = ("zh", "en", "ru")
LATIN: Final = re.compile(r"[A-Za-z]{2,}")
NO_ENGLISH: Final = {
    "SMS",
    "ZIP",
    "JSON",
    "EMVCo",
    "II",
    "III",
    "QR",
    "ID",
    "haihe",
    "import",
    "gtfs",
    "vehicles",
    "https",
}
"""Words in Latin letters that are the same in every language, and the names of our commands."""
HALF_FILLED: Final = re.compile(r"%\(|\{\w*\}|\bNone\b")
is_proved = bool(os.environ.get(PROVE))


@pytest.fixture(scope="module")
def scenes(browser: Browser, city: DemoCity) -> Iterator[dict[str, Scene]]:
    """One scene in each language."""
    with browse(browser, city) as browsing:
        browsing.expect("net::ERR_", "Failed to load resource")
        yield {language: Scene(browsing, language) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PLACES)
def test_page_is_accessible_fits_and_speaks_one_language(scenes: dict[str, Scene], name: str, language: str):
    page = PLACES[name](scenes[language])
    usual = page.viewport_size
    assert usual
    assert page.url != NOWHERE
    found = misfits(page, language)
    if is_judged(name, language):
        found |= violations(page)
    if name in MAIN or is_proved:
        page.emulate_media(color_scheme="dark")
        found |= {f"dark: {rule}": where for rule, where in violations(page).items()}
        page.emulate_media(color_scheme="light")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": usual["height"]})
        found |= {f"{width} px: {what}": where for what, where in shapes(page).items()}
        if is_proved:
            found |= {f"{width} px: {rule}": where for rule, where in violations(page).items()}
    found |= enlarged(page)
    page.set_viewport_size(usual)
    scenes[language].stop_filming()
    put_down(page)
    assert not found, "\n".join(f"{what}: {where}" for what, where in found.items())


def put_down(page: Page) -> None:
    """Leave a page that the next one who needs it opens anew: dozens that move and listen take the machine from the others."""
    if not page.is_closed() and not page.locator("body.terminal").count():
        page.goto(NOWHERE)


def is_judged(name: str, language: str) -> bool:
    """Tell whether axe looks at a page in a language: at every page in one, the languages in turn; in all of them in `make prove`."""
    return is_proved or name in MAIN or LANGUAGES[list(PLACES).index(name) % len(LANGUAGES)] == language


BROKEN: Final = """<html lang="ru"><title>Page</title><main id="main"><h1>Хайхэ</h1>
<button></button><p>Осталось {count}</p><p>Left over</p><p style="width: 700px">Широко</p>
<p style="width: 60px; overflow: hidden; white-space: nowrap">Этот текст длиннее, чем для него есть места</p></main>"""


def test_page_that_is_wrong_in_every_way_fails_every_check(browser: Browser):
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.set_content(BROKEN)
    assert "button-name" in violations(page)
    assert set(shapes(page)) == {"sticks out", "cut off", "wider than the screen"}
    assert misfits(page, "ru") == {"English": ["Page", "Осталось {count}", "Left over"], "gaps": ["Осталось {count}"]}
    context.close()


@cache
def axe() -> str:
    return AXE.read_text()


def violations(page: Page) -> dict[str, list[Any]]:
    """Ask axe; the places of each broken rule."""
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(axe())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return {rule["id"]: [node["target"] for node in rule["nodes"]] for rule in found["violations"]}


def enlarged(page: Page) -> dict[str, list[str]]:
    """Find what sticks out of a citizen's page on a phone in the largest type."""
    if not page.locator("body.citizen").count():
        return {}
    page.set_viewport_size(PHONE)
    page.evaluate(f"document.documentElement.className = '{Display(max(PERCENTS)).classes}'")
    found = {f"large type: {what}": where for what, where in shapes(page).items()}
    page.evaluate("document.documentElement.className = ''")
    return found


def shapes(page: Page) -> dict[str, list[str]]:
    """Find what sticks out of the page or is cut off."""
    seen = page.evaluate(CHECKS.read_text())
    found = {"sticks out": seen["sticksOut"], "cut off": seen["cutOff"]}
    if seen["wider"] > 0:
        found["wider than the screen"] = [f"by {seen['wider']} px"]
    return {what: where for what, where in found.items() if where}


def misfits(page: Page, language: str) -> dict[str, list[str]]:
    """Find English that was left over, and texts whose gaps were not filled."""
    texts = page.evaluate(CHECKS.read_text())["texts"]
    found = {"gaps": [text for text in texts if HALF_FILLED.search(text)]}
    if language != "en":
        found["English"] = [text for text in texts if set(LATIN.findall(text)) - NO_ENGLISH]
    return {what: where for what, where in found.items() if where}
