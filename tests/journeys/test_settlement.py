from __future__ import annotations

import csv
import hashlib
import io
import os
from pathlib import Path

import pytest
from PIL.Image import Image
from playwright.sync_api import Page, expect

from haihe.base.errors import Translate
from haihe.base.i18n import money, translator
from haihe.base.notes import read_note
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import facts, press, sign_in_staff
from tests.pictures import in_a_row, keep, look

ACCOUNTANTS = {"zh": "bakery-accountant", "en": "stationery-accountant", "ru": "stall-accountant"}
ROW_HEIGHT = 760


@pytest.mark.parametrize("language", ACCOUNTANTS)
def test_accountant_takes_the_closed_day_home_and_the_city_office_sees_that_the_bank_agrees(
    browsing: Browsing, city: DemoCity, language: str
):
    say = translator(language)
    office = at_the_console(browsing, city, language, ACCOUNTANTS[language])
    office.get_by_role("navigation", name=say("Console")).get_by_text(say("Day close"), exact=True).click()
    office.wait_for_url("**/console/settlement")
    expect(office.locator(".notice").first).to_contain_text(
        say(
            "It closes by itself at midnight, city time, while payments go on. What it brought is paid out right afterwards."
        )
    )
    row = office.locator("tbody tr").last  # the day before the city's first: its synthetic past
    expect(row).to_contain_text(say("Never paid out"))
    file = downloaded(office, "payments.csv")
    note = downloaded(office, "statement.txt")
    stated = read_note(note.decode(), office.locator("code.long").inner_text())
    said = dict(line.split(" ", 1) for line in stated.splitlines())
    assert said["file"] == hashlib.sha256(file).hexdigest()
    payments = list(csv.DictReader(io.StringIO(file.decode(), newline=""), strict=True))
    gross = sum(int(payment["gross_fen"]) for payment in payments)
    assert (int(said["lines"]), int(said["gross"])) == (len(payments), gross)
    expect(row).to_contain_text(money(gross, language))
    pictures = [look(office), reserve(browsing, city, language, say)]
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row(pictures, height=ROW_HEIGHT), f"settlement-{language}")


def at_the_console(browsing: Browsing, city: DemoCity, language: str, login: str) -> Page:
    office = browsing.desk(language)
    office.goto("/console")
    sign_in_staff(office, translator(language), city.clerk(login))
    office.wait_for_url("**/console")
    return office


def downloaded(office: Page, name: str) -> bytes:
    """Take home what the last row, the oldest day, offers under this name."""
    with office.expect_download() as taken:
        office.locator(f'tbody tr:last-child a[href$="/{name}"]').click()
    return Path(taken.value.path()).read_bytes()


def reserve(browsing: Browsing, city: DemoCity, language: str, say: Translate) -> Image:
    """Have ledger and bank compared, while other journeys move money."""
    office = at_the_console(browsing, city, language, "city-accountant")
    office.goto("/console/settlements")
    press(office, say("Compare now"))
    expect(office.locator(".notice.good")).to_contain_text(say("Ledger and bank agree to the fen"))
    assert facts(office)[say("Difference")] == money(0, language)
    return look(office)
