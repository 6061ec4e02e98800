"""The plug is pulled in the middle of a rush: nothing is lost, nothing doubled, and it pays again by itself."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page, expect

from haihe.base.i18n import translator
from tests.cities import until
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import sign_in_staff

PULLED_MS_MAX = 30_000
DONE_MS_MAX = 180_000
PULLING = "en"
"""In this language the plug is really pulled; the others look at what is left of it."""


def figures(page: Page) -> list[int]:
    """Read acknowledged, lost and doubled; -1 for what is not counted yet."""
    texts = page.locator(".figure .big").all_inner_texts()[:3]
    return [int(re.sub(r"\D", "", text) or -1) for text in texts]


def newest(city: DemoCity) -> int:
    return _ask(city, "SELECT coalesce(max(id), 0) FROM payments", ())


def paid_since(city: DemoCity, payment: int) -> int:
    """Count, as the database's owner, what was paid after a payment."""
    return _ask(city, "SELECT count(*) FROM payments WHERE id > %s AND status = 0 AND channel <> 9", (payment,))


def _ask(city: DemoCity, query: str, values: tuple[int, ...]) -> int:
    with psycopg.connect(city.running.access().owner_dsn) as connection:
        row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", [PULLING, "zh", "ru"])
def test_the_plug_is_pulled_and_nothing_is_lost(
    browsing: Browsing, city: DemoCity, measured: Callable[[str], None], language: str
):
    say, desk = translator(language), browsing.desk(language)
    desk.goto("/console")
    sign_in_staff(desk, say, city.clerk("city-manager"))
    desk.get_by_role("navigation", name=say("Console")).get_by_text(say("Pull the plug")).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text(say("Pull the plug"))
    if language == PULLING:
        _pull(desk, city)
        measured(f"paid again {desk.locator('.figure .big').nth(3).inner_text()} after the database was killed")
    if desk.locator("[data-step=DONE]").count():
        assert figures(desk)[1:] == [0, 0]
        assert desk.get_by_text(say("Nothing lost, nothing doubled")).is_visible()


def _pull(desk: Page, city: DemoCity) -> None:
    """Pull it, press a second time in vain, and add up behind its back."""
    before = newest(city)
    button = desk.locator("[data-plug-form] button")
    expect(button).to_be_enabled()
    button.click()
    desk.locator("[data-step=PAYING], [data-step=PULLED]").wait_for()
    expect(button).to_be_disabled()
    second = desk.context.new_page()
    second.goto("/console/plug")
    second.locator("[data-plug-form]").evaluate("form => form.submit()")
    second.get_by_role("heading", name="It is running").wait_for()
    desk.locator("[data-step=PULLED]").wait_for(timeout=PULLED_MS_MAX)
    assert figures(desk)[0] > 0
    desk.locator("[data-step=DONE]").wait_for(timeout=DONE_MS_MAX)
    until(lambda: city.running.get("/readyz").status_code == 200, "ready again")
    acknowledged, lost, doubled = figures(desk)
    assert (lost, doubled) == (0, 0)
    assert acknowledged == paid_since(city, before) > 0
