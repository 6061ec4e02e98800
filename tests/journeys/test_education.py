from __future__ import annotations

import os

import pytest
from PIL.Image import Image
from playwright.sync_api import Page, expect

from haihe.base.errors import Translate
from haihe.base.i18n import money, translator
from haihe.base.vault import mask_name
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import Citizen, DemoCity
from tests.journeys.walks import facts, pay, press, sign_in_staff
from tests.pictures import in_a_row, keep, look

PARENTS = {"zh": 14, "en": 15, "ru": 16}
"""Places in demo.json: parents of pupils of one class, for each language someone else."""
TITLES = {"zh": "春游", "en": "Spring outing", "ru": "Весенняя экскурсия"}
FEE = 85_50
FADE_MS = 500
ROW_HEIGHT = 760


@pytest.mark.parametrize("language", PARENTS)
def test_school_issues_a_fee_to_a_class_and_a_parent_pays_for_the_child(
    browsing: Browsing, city: DemoCity, language: str
):
    say, parent = translator(language), parent_at(city, PARENTS[language])
    office, phone = browsing.desk(language), browsing.phone(language, citizen=parent)
    issue(office, say, city)

    phone.goto("/")
    phone.locator('.tiles-grid a[href="/education"]').click()
    phone.wait_for_url("**/education")
    child = phone.locator(".card h2").first.inner_text()
    expect(phone.locator("#main")).to_contain_text(TITLES[language])
    pictures = [picture(phone)]
    press(phone, say("Pay for %(name)s") % {"name": child})
    phone.wait_for_url("**/s/fee-*")
    assert phone.locator(".what").inner_text() == TITLES[language]
    pay(phone)
    pictures.append(picture(phone))
    press(phone, say("Receipt"))
    receipt = facts(phone)
    number = receipt[say("Child")].partition(" · ")[2]
    assert receipt[say("Child")] == f"{mask_name(child)} · {number}"
    assert receipt[say("School")] == receipt[say("Paid to")]
    assert receipt[say("Amount")] == money(FEE, language)
    pictures.append(picture(phone))

    office.reload()
    expect(office.get_by_role("row").filter(has_text=number)).to_contain_text(say("Paid"))
    assert office.get_by_role("row").filter(has_text=say("Open")).count() == 23
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row([*pictures, picture(office)], height=ROW_HEIGHT), f"education-{language}")


def parent_at(city: DemoCity, place: int) -> Citizen:
    one = city.listed["citizens"][place]
    return Citizen(one["name"], one["phone"], one["passcode"], one["token"])


def issue(office: Page, say: Translate, city: DemoCity) -> None:
    """Write a fee notice to the first class and issue it."""
    accountant = next(one for one in city.listed["staff"] if one["login"] == "school-accountant")
    office.goto("/console")
    sign_in_staff(office, say, accountant)
    office.get_by_role("navigation", name=say("Console")).get_by_text(say("School fees")).click()
    office.wait_for_url("**/console/school")
    for language, title in TITLES.items():
        office.locator(f"#title_{language}").fill(title)
    office.locator("#amount").fill("85.50")
    press(office, say("Issue to the class"))
    office.wait_for_url("**/notices/*")


def picture(page: Page) -> Image:
    """Take a picture when the fade between two pages is over."""
    page.wait_for_timeout(FADE_MS if os.environ.get(SCREENSHOTS) else 0)
    return look(page)
