from __future__ import annotations

import signal

from playwright.sync_api import Page, expect

from haihe.base.i18n import translate
from tests.journeys.browsing import WAIT_MS, Browsing
from tests.journeys.demo_city import DemoCity

CUT_OFF = "net::ERR_|Failed to load resource"
RETRY_MS = 1_500
"""A little more than the screen waits between two attempts."""


def test_screen_that_was_offline_shows_every_ride_of_the_meantime_once(browsing: Browsing, city: DemoCity):
    browsing.expect(CUT_OFF)
    bus, riders = city.own_bus(), [city.citizen() for _ in range(3)]
    driver = browsing.driver(bus, "ru")
    city.pays(riders[0], bus)
    driver.locator("[data-payment]").wait_for()
    driver.context.set_offline(True)
    driver.locator("[data-stage].is-off").wait_for()
    assert driver.locator("[data-state]").inner_text() == translate("ru", "No connection")
    driver.wait_for_timeout(
        RETRY_MS
    )  # the browser leaves the old connection open; the screen drops it at its first retry
    missed = [city.pays(rider, bus) for rider in riders[1:]]
    driver.wait_for_timeout(RETRY_MS)
    assert driver.locator("[data-payment]").count() == 1
    driver.context.set_offline(False)
    driver.locator("[data-on]").wait_for(state="visible")
    for payment in missed:
        driver.locator(f"[data-payment='{payment}']").wait_for()
    driver.wait_for_timeout(RETRY_MS)  # whatever is told twice would be here by now
    assert shown(driver) == 3
    driver.reload()
    assert shown(driver) == 3


def shown(driver: Page) -> int:
    """Count the rides on the screen; each stands there once, and the count of the shift agrees."""
    rides = [row.get_attribute("data-payment") for row in driver.locator("[data-payment]").all()]
    assert len(set(rides)) == len(rides)
    assert driver.locator("[data-count]").inner_text() == str(len(rides))
    return len(rides)


def test_screen_survives_a_restart_of_the_city(browsing: Browsing, city: DemoCity):
    browsing.expect(CUT_OFF)
    bus, riders = city.own_bus(), [city.citizen() for _ in range(2)]
    driver = browsing.driver(bus, "zh")
    city.pays(riders[0], bus)
    driver.locator("[data-payment]").wait_for()
    try:
        city.running.send(signal.SIGTERM)
        driver.locator("[data-stage].is-off").wait_for()
        assert city.running.end() == 0
    finally:
        city.running.start().ready()
    city.pays(riders[1], bus)
    expect(driver.locator("[data-payment]")).to_have_count(2, timeout=WAIT_MS)
    driver.locator("[data-on]").wait_for(state="visible")
    assert shown(driver) == 2


def test_screen_of_one_bus_shows_no_ride_of_another(browsing: Browsing, city: DemoCity):
    mine, other = city.own_bus(), city.bus()
    driver = browsing.driver(mine)
    city.pays(city.citizen(), other)
    own = city.pays(city.citizen(), mine)
    driver.locator(f"[data-payment='{own}']").wait_for()
    assert driver.locator("[data-payment]").count() == 1


def test_screen_without_pairing_stays_shut(browsing: Browsing, city: DemoCity):
    page = browsing.desk("zh")
    page.goto(f"/terminal/{city.bus().terminal}")
    page.get_by_text(translate("zh", "This screen is not paired. Open it with the link from your office.")).wait_for()
