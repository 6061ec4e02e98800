"""The city makes riding by phone popular: half price as long as the money lasts, and nobody pays more than the page said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from haihe.base.errors import Translate
from haihe.base.i18n import money, translator
from tests.cities import until
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import Citizen, DemoCity
from tests.journeys.walks import facts, pay, press, sign_in_staff, top_up

BUDGET, FARE, HALF, TOPPED_UP = 1_00, 2_00, 1_00, 20_00
"""In each bucket there is money for one ride at half price."""
ANSWERED = "Failed to load resource: the server responded with a status of 409"
NAMES = {"zh": "首乘半价", "en": "First ride at half price", "ru": "Первая поездка за полцены"}
CAMPAIGN = """
[[campaign]]
key = "first-ride-{language}"
sponsor = "city-office"
names = {{ {language} = "{name}" }}
paid_in = {budget}
members = ["{phone}"]
[campaign.terms]
discount = {{ percent = 50 }}
first_day = 2017-01-01
last_day = 2037-12-31
accepted = {{ kinds = ["bus"] }}
told = {{ zh = "全市公交", en = "City buses", ru = "Городские автобусы" }}
"""


def load_campaign(city: DemoCity, folder: Path, citizen: Citizen, language: str) -> None:
    """An operator of the city loads the campaign beside the running city."""
    file = folder / "campaign.toml"
    file.write_text(CAMPAIGN.format(language=language, name=NAMES[language], budget=BUDGET, phone=citizen.phone))
    environment = {"PATH": os.environ["PATH"], "HAIHE_HOME": str(city.running.home.path)}
    command = [sys.executable, "-P", "-m", "haihe", "import", "benefits", str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    assert "1 campaigns, 1 citizens named" in done.stdout + done.stderr


def sees_half_price(phone: Page, path: str, language: str, say: Translate) -> None:
    phone.goto(path)
    assert phone.locator(".fare .sum").inner_text() == money(FARE, language)
    shares = phone.get_by_label(say("Who pays")).locator("li")
    assert NAMES[language] in shares.nth(0).inner_text()
    assert shares.locator(".amount").all_inner_texts() == [money(HALF, language), money(FARE - HALF, language)]
    expect(phone.locator("form.thumb button")).to_contain_text(money(FARE - HALF, language))


@pytest.mark.parametrize("language", ["zh", "en", "ru"])
def test_rider_gets_half_price_until_the_budget_is_used_up(
    browsing: Browsing, city: DemoCity, tmp_path: Path, language: str
):
    browsing.expect(ANSWERED)
    say, rider = translator(language), city.newcomer(language)
    first, second = city.own_bus(fare=FARE), city.own_bus(fare=FARE)
    phone, other = browsing.phone(language, citizen=rider), browsing.phone(language, citizen=rider)
    phone.goto("/top-up")
    top_up(phone, say, TOPPED_UP // 100)
    phone.locator("[data-state=done]").wait_for()
    load_campaign(city, tmp_path, rider, language)

    def told() -> bool:
        phone.goto("/me/benefits")
        return NAMES[language] in phone.content()

    until(told, "the campaign on the rider's page")
    assert facts(phone)[say("Where")] == {"zh": "全市公交", "en": "City buses", "ru": "Городские автобусы"}[language]
    sees_half_price(phone, first.path, language, say)
    sees_half_price(other, second.path, language, say)
    pay(phone)
    assert city.balance(rider) == TOPPED_UP - HALF

    other.locator("form.thumb button").click()
    expect(other.get_by_role("alert")).to_contain_text(
        say(
            "The price has changed since this page was opened. Nothing was paid; please look at what you would pay now."
        )
    )
    expect(other.locator("form.thumb button")).to_contain_text(money(FARE, language))
    assert city.balance(rider) == TOPPED_UP - HALF
    pay(other)
    assert city.balance(rider) == TOPPED_UP - HALF - FARE
    reads_what_was_saved(phone, language, say)
    office_sees_it(browsing.desk(language), city, language, say)


def reads_what_was_saved(phone: Page, language: str, say: Translate) -> None:
    press(phone, say("Done"))
    phone.goto("/me/benefits")
    assert money(HALF, language) in facts(phone)[say("Used so far")]
    phone.goto("/history")
    phone.locator(".rows a").nth(1).click()
    assert NAMES[language] in phone.get_by_label(say("Who paid what")).inner_text()


def office_sees_it(desk: Page, city: DemoCity, language: str, say: Translate) -> None:
    desk.goto("/console")
    sign_in_staff(desk, say, city.clerk("city-manager"))
    desk.get_by_role("navigation", name=say("Console")).get_by_text(say("Subsidies and campaigns")).click()
    campaign = desk.locator("section.card", has_text=NAMES[language])
    buckets = 4
    assert campaign.locator(".big").all_inner_texts() == [
        money(buckets * BUDGET, language),
        money(HALF, language),
        money(buckets * BUDGET - HALF, language),
        "1",
    ]
