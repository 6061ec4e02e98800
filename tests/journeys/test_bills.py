from __future__ import annotations

import os

import pytest
from PIL.Image import Image
from playwright.sync_api import Page, expect

from haihe.base.errors import Translate
from haihe.base.i18n import catalogue, money, translator
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import Citizen, DemoCity
from tests.journeys.walks import facts, press, sign_in_staff
from tests.pictures import in_a_row, keep, look

PAYERS = {"zh": 2, "en": 6, "ru": 10}
"""Places in demo.json: homes with electricity and cable television, for each language another one."""
MANAGER = "power-manager"
FADE_MS = 500
ROW_HEIGHT = 760


@pytest.mark.parametrize("language", PAYERS)
def test_two_bills_are_paid_at_once_and_the_company_sees_it(browsing: Browsing, city: DemoCity, language: str):
    say, payer = translator(language), citizen_at(city, PAYERS[language])
    office, phone = browsing.desk(language), browsing.phone(language, citizen=payer)
    enter_office(office, say, city)
    paid_before = figure(office, say("Paid bills"))
    balance = city.balance(payer)

    phone.goto("/")
    expect(phone.locator("a[href^='/s/bill-']").first).to_be_visible()
    pictures = [picture(phone)]
    phone.locator('.tiles-grid a[href="/bills"]').click()
    phone.wait_for_url("**/bills")
    expect(phone.locator("input[name=bill]")).to_have_count(2)
    phone.locator(".picks summary").first.click()
    pictures.append(picture(phone))
    press(phone, say("Pay what is chosen"))
    phone.wait_for_url("**/bills/pay?*")
    lines = phone.locator(".picks .amount").all_inner_texts()
    total = phone.locator(".sum").inner_text()
    press(phone, pay_text(language, total))
    phone.get_by_text(paid_text(language, 2)).wait_for()
    pictures.append(picture(phone))
    assert phone.locator(".sum").inner_text() == total
    after = city.balance(payer)
    assert money(balance - after, language) == total

    phone.locator("a[href^='/payments/']").first.click()
    phone.wait_for_url("**/payments/*")
    assert facts(phone)[say("Amount")] in lines
    phone.goto("/bills")
    expect(phone.get_by_text(say("Nothing is due"))).to_be_visible()
    expect(phone.locator("a[href^='/payments/']")).to_have_count(2)

    office.reload()
    assert figure(office, say("Paid bills")) == paid_before + 1
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row([*pictures, picture(office)], height=ROW_HEIGHT), f"bills-{language}")


@pytest.mark.parametrize("language", ["en"])
def test_company_sends_a_file_of_readings_part_by_part(browsing: Browsing, city: DemoCity, language: str):
    say = translator(language)
    office = browsing.desk(language)
    enter_office(office, say, city)
    office.goto("/console/utility/import")
    lines = "customer number,date,reading\n" + "".join(f"99{place:08d},2026-10-31,5\n" for place in range(1_499))
    file = {"name": "readings.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    office.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    press(office, say("Take the readings"))
    expect(office.locator("[data-part]")).to_have_count(2)
    told = office.locator("[data-part] tbody tr")
    expect(told).to_have_count(1_499)
    assert told.first.locator("td").first.inner_text() == "2"
    assert told.last.locator("td").first.inner_text() == "1500"


def citizen_at(city: DemoCity, place: int) -> Citizen:
    one = city.listed["citizens"][place]
    return Citizen(one["name"], one["phone"], one["passcode"], one["token"])


def enter_office(office: Page, say: Translate, city: DemoCity) -> None:
    """Sign in at the electricity company and open its page of bills."""
    office.goto("/console")
    sign_in_staff(office, say, city.clerk(MANAGER))
    office.get_by_role("navigation", name=say("Console")).get_by_text(say("Bills")).click()
    office.wait_for_url("**/console/utility")


def figure(office: Page, title: str) -> int:
    """Read a figure of the page."""
    card = office.locator(".figure").filter(has=office.get_by_role("heading", name=title, exact=True))
    return int("".join(one for one in card.locator(".big").inner_text() if one.isdigit()))


def pay_text(language: str, total: str) -> str:
    return catalogue(language).gettext("Pay %(amount)s") % {"amount": total}


def paid_text(language: str, count: int) -> str:
    return catalogue(language).ngettext("%(num)s bill paid", "%(num)s bills paid", count) % {"num": count}


def picture(page: Page) -> Image:
    """Take a picture when the fade between two pages is over."""
    page.wait_for_timeout(FADE_MS if os.environ.get(SCREENSHOTS) else 0)
    return look(page)
