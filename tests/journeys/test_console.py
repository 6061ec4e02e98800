from __future__ import annotations

from playwright.sync_api import Page, expect

from haihe.base.i18n import money, number, translator
from tests.journeys.browsing import WAIT_MS, Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import enter_console

Rides = dict[tuple[str, str], tuple[int, int]]


def test_bus_company_sees_the_days_rides_and_money_as_they_were_paid(browsing: Browsing, city: DemoCity):
    for bus in (city.bus(), city.bus()):
        city.pays(city.citizen(), bus)
    paid = city.rides_today()
    office = browsing.desk("ru")
    enter_console(office, translator("ru"), city.staff("accountant"))
    lines = by_line(paid)
    assert {line: told for line, told in table(office, numbers_from=2).items() if told[0] != "0"} == written(lines)
    together = (
        number(sum(count for count, _ in paid.values()), "ru"),
        money(sum(fen for _, fen in paid.values()), "ru"),
    )
    assert tuple(cell.inner_text() for cell in office.locator("tr.total td.n").all()[-2:]) == together

    links = {link.inner_text(): link.get_attribute("href") or "" for link in office.locator("tbody th a").all()}
    for line in lines:
        office.goto(links[line])
        buses = {plate: told for (of, plate), told in paid.items() if of == line}
        assert {plate: told for plate, told in table(office, numbers_from=0).items() if told[0] != "0"} == written(
            buses
        )


def by_line(paid: Rides) -> dict[str, tuple[int, int]]:
    lines: dict[str, tuple[int, int]] = {}
    for (line, _), (count, fen) in paid.items():
        before = lines.get(line, (0, 0))
        lines[line] = (before[0] + count, before[1] + fen)
    return lines


def written(told: dict[str, tuple[int, int]]) -> dict[str, tuple[str, str]]:
    """Write counts and fares as the page does."""
    return {name: (number(count, "ru"), money(fen, "ru")) for name, (count, fen) in told.items()}


def table(office: Page, *, numbers_from: int) -> dict[str, tuple[str, str]]:
    """Read rides and fares by the first column of the page's table."""
    rows = office.locator("tbody tr:not(.total)").all()
    return {
        row.locator("th").inner_text().split("\n")[0]: (
            row.locator("td.n").nth(-2).inner_text(),
            row.locator("td.n").nth(-1).inner_text(),
        )
        for row in rows
    }


def test_driver_of_the_company_sees_no_money(browsing: Browsing, city: DemoCity):
    office = browsing.desk("en")
    office.goto("/console")
    staff = city.staff("driver")
    office.locator("#login").fill(staff["login"])
    office.locator("#password").fill(staff["password"])
    office.get_by_role("button", name="Sign in").click()
    office.wait_for_url("**/console")
    office.goto("/console/transit")
    assert "¥" not in office.locator("body").inner_text()


def test_console_fills_its_figures_while_it_stands_open(browsing: Browsing, city: DemoCity):
    office = browsing.desk("en")
    office.clock.install()
    enter_console(office, translator("en"), city.staff("manager"))
    before = office.locator(".figures .big").first.inner_text()
    city.pays(city.citizen(), city.bus())
    office.clock.run_for(11_000)
    expect(office.locator(".figures .big").first).to_have_text(str(int(before) + 1), timeout=WAIT_MS)


def test_pairing_a_bus_anew_shuts_out_the_screen_that_was_paired_before(browsing: Browsing, city: DemoCity):
    bus = city.own_bus()
    driver = browsing.driver(bus)
    office = browsing.desk("en")
    enter_console(office, translator("en"), city.staff("manager"))
    office.get_by_role("link", name=bus.line, exact=True).click()
    office.get_by_role("row", name=bus.plate).get_by_role("button", name="Pair anew").click()
    link = office.get_by_role("link", name="Open here").get_attribute("href")
    driver.reload()
    driver.get_by_text("This screen is not paired.").wait_for()
    driver.goto(link or "")
    driver.locator("[data-stage]").wait_for()
