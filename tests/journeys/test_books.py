"""One fen followed: from a citizen's receipt to its postings, to the operator's till, to a trial balance that sums to zero."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import Page

from haihe.base.errors import Translate
from haihe.base.i18n import money, translator
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import press, sign_in_staff


@pytest.mark.parametrize("language", ["zh", "en", "ru"])
def test_fen_is_followed_from_the_receipt_to_the_till_and_everything_sums_to_zero(
    browsing: Browsing, city: DemoCity, language: str
):
    say = translator(language)
    citizen, bus = city.citizen(), city.bus()
    payment = city.pays(citizen, bus)

    phone = browsing.phone(language, citizen=citizen)
    phone.goto("/history")
    press(phone, say("Statement of a period"))
    phone.locator(f'a[href="/payments/{payment}"]').click()
    phone.wait_for_url(f"**/payments/{payment}")
    phone.locator("details.postings > summary").click()
    postings = phone.locator("details.postings")
    assert postings.get_by_text(say("Your wallet")).is_visible()
    assert postings.locator("tr.total td.n").all_inner_texts() == [money(bus.fare, language)] * 2
    sealed = postings.locator(".hash code").inner_text()

    desk = browsing.desk(language)
    office(desk, say, city.staff("accountant"))
    desk.locator('a[href$="/accounts/till"]').click()
    desk.locator("#number").fill(payment)
    press(desk, say("Show"))
    desk.locator(f'a[href$="/postings/{payment}"]').click()
    desk.wait_for_url(f"**/postings/{payment}")
    assert desk.locator(".hash code").inner_text() == sealed
    assert citizen.name not in desk.locator("#main").inner_text()

    city_desk = browsing.desk(language)
    office(city_desk, say, city.clerk("city-auditor"))
    press(city_desk, say("Trial balance"))
    difference = city_desk.locator("dl.facts > div", has_text=say("Debits minus credits")).locator("dd")
    assert difference.inner_text() == money(0, language)
    buckets = city_desk.locator("tr.total").nth(1).locator("td.n").all_inner_texts()
    assert set(buckets) == {money(0, language)}
    with city_desk.expect_download() as file:
        press(city_desk, say("File (CSV)"))
    assert file.value.path().read_text(encoding="utf-8").splitlines()[-1].endswith(",0.00")


def office(desk: Page, say: Translate, staff: Mapping[str, str]) -> None:
    """Sign in to the console and open the books."""
    desk.goto("/console")
    sign_in_staff(desk, say, staff)
    desk.get_by_role("navigation", name=say("Console")).get_by_text(say("Books")).click()
    desk.wait_for_url("**/console/books")
