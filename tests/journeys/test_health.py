from __future__ import annotations

import os

import pytest
from PIL.Image import Image
from playwright.sync_api import Page, expect

from haihe.base.errors import Translate
from haihe.base.i18n import money, translator
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import Citizen, DemoCity
from tests.journeys.walks import facts, pay, press, sign_in_staff
from tests.pictures import in_a_row, keep, look

PATIENTS = {"zh": 11, "en": 12, "ru": 13}
"""Places in demo.json: who has used 700 of 800 yuan and has 60 on the personal account, for each language someone else."""
FUND, ACCOUNT, WALLET = 110_00, 60_00, 130_00
"""Story H1: 300 yuan at a tertiary hospital; story H3: the personal account is short."""
FADE_MS = 500
ROW_HEIGHT = 760


@pytest.mark.parametrize("language", PATIENTS)
def test_clerk_issues_a_bill_and_the_patient_pays_it_in_three_shares(browsing: Browsing, city: DemoCity, language: str):
    say, patient = translator(language), patient_at(city, PATIENTS[language])
    office, phone = browsing.desk(language), browsing.phone(language, citizen=patient)
    issue(office, say, city, patient)
    split = facts(office)
    assert split[say("Insurance fund")] == money(FUND, language)
    assert split[say("Patient")] == money(ACCOUNT + WALLET, language)

    phone.goto("/")
    phone.locator('.tiles-grid a[href="/health"]').click()
    phone.wait_for_url("**/health")
    three_lines = [money(one, language) for one in (FUND, ACCOUNT, WALLET)]
    assert list(facts(phone).values())[:3] == three_lines
    expect(phone.locator("#main")).to_contain_text(money(700_00, language))
    pictures = [picture(phone)]
    press(phone, say("Look and pay"))
    phone.wait_for_url("**/s/clinic-*")
    pay(phone)
    assert [facts(phone)[line] for line in list(facts(phone)) if facts(phone)[line] in three_lines] == three_lines
    pictures.append(picture(phone))
    press(phone, say("Receipt"))
    for line in three_lines:
        expect(phone.locator('section[aria-labelledby="shares"]')).to_contain_text(line)
    pictures.append(picture(phone))

    office.reload()
    assert facts(office)[say("State")] == say("Paid")
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row([*pictures, picture(office)], height=ROW_HEIGHT), f"health-{language}")


def patient_at(city: DemoCity, place: int) -> Citizen:
    one = city.listed["citizens"][place]
    return Citizen(one["name"], one["phone"], one["passcode"], one["token"])


def issue(office: Page, say: Translate, city: DemoCity, patient: Citizen) -> None:
    """Find the patient, write the bill, look at the split, issue."""
    clerk = next(one for one in city.listed["staff"] if one["login"] == "hospital-clerk")
    office.goto("/console")
    sign_in_staff(office, say, clerk)
    office.get_by_role("navigation", name=say("Console")).get_by_text(say("Clinic bills")).click()
    office.wait_for_url("**/console/hospital")
    office.locator("#number").fill(patient.phone)
    press(office, say("Open the record"))
    office.wait_for_url("**/records/*")
    for row, (name, yuan) in enumerate((("专家门诊", "75"), ("彩超", "225")), 1):
        office.locator(f"#name_{row}").fill(name)
        office.locator(f"#amount_{row}").fill(yuan)
    press(office, say("Show the split"))
    office.locator("button[value=issue]").wait_for()
    press(office, say("Issue the bill"))
    office.wait_for_url("**/bills/*")


def picture(page: Page) -> Image:
    """Take a picture when the fade between two pages is over."""
    page.wait_for_timeout(FADE_MS if os.environ.get(SCREENSHOTS) else 0)
    return look(page)
