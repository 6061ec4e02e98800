"""What is paid at a shop is seen within seconds by the whole city, as a number, and by the shop, as money."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
import pytest
from PIL.Image import Image
from playwright.sync_api import Page, ViewportSize, expect

from haihe.base.clock import service_day
from haihe.base.i18n import money, number, translate, translator
from tests.journeys.browsing import Browsing
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import pay, press, sign_in_staff
from tests.pictures import in_a_row, keep, look

WALL: Final[ViewportSize] = {"width": 1920, "height": 1080}
PRICE = 8_40
LIVE_S_MAX = 15
"""On a calm machine about three seconds (what was measured is printed); this is for a busy one."""
FADED_MS = 1_200
ROW_HEIGHT = 760
NAMES = {"zh": "天津", "en": "Tianjin", "ru": "Тяньцзинь"}


def digits(page: Page, name: str) -> int:
    """Read the number at the beginning of a live figure, however the language writes it."""
    text = re.sub(r"[^\d]", "", page.locator(f'[data-live="{name}"]').inner_text())
    return int(text)


def shop(city: DemoCity, code: str) -> tuple[str, str]:
    """Ask whose sticker this is: the organisation's key, and the login of someone there who may see money."""
    with psycopg.connect(city.running.access().owner_dsn) as connection:
        row = connection.execute(
            """
            SELECT o.key, m.login
            FROM stickers s
            JOIN organisations o ON o.id = s.organisation
            JOIN staff m ON m.organisation = o.id AND m.role = 'accountant'
            WHERE s.code = %s
            """,
            (code,),
        ).fetchone()
    assert row
    return str(row[0]), str(row[1])


def paid_to(city: DemoCity, key: str, *, days_ago: int = 0) -> int:
    """Ask the ledger, as its owner, what an organisation's tills got by payments on a day."""
    day = service_day(datetime.now(UTC)) - timedelta(days=days_ago)
    with psycopg.connect(city.running.access().owner_dsn) as connection:
        row = connection.execute(
            """
            SELECT coalesce(sum(t.amount), 0)::bigint
            FROM transfers t
            JOIN organisations o ON o.id = t.credit
            WHERE t.kind = 1 AND o.key = %s AND (t.effective AT TIME ZONE 'Asia/Shanghai')::date = %s
            """,
            (key, day),
        ).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("language", ["zh", "en", "ru"])
def test_payment_is_seen_by_the_city_and_by_the_shop_while_their_pages_stand_open(
    browsing: Browsing, city: DemoCity, measured: Callable[[str], None], language: str
):
    say, terminal = translator(language), city.terminals("shop")[0]
    key, accountant = shop(city, terminal["code"])
    wall, office = browsing.open(language, WALL), browsing.desk(language)
    wall.goto("/city")
    assert wall.locator("h1").inner_text() == say("%(city)s at a glance") % {"city": NAMES[language]}
    office.goto("/console")
    sign_in_staff(office, say, city.clerk(accountant))
    office.get_by_role("navigation", name=say("Console")).get_by_text(say("Today"), exact=True).click()
    payments, taken = digits(wall, "today-shop"), paid_to(city, key)
    paid = office.locator(".figures .big").nth(1)
    expect(paid).to_have_text(money(taken, language))

    phone = browsing.phone(language, citizen=city.citizen())
    phone.goto(city.sticker(terminal["code"])["url"])
    phone.locator("#amount").fill("8.40")
    pay(phone)
    began = time.monotonic()
    expect(wall.locator('[data-live="today-shop"]')).to_have_text(
        translate(language, "%(count)s payments today") % {"count": number(payments + 1, language)},
        timeout=LIVE_S_MAX * 1_000,
    )
    measured(f"from the paid page to the city's page: {time.monotonic() - began:.1f} s ({language})")
    expect(paid).to_have_text(money(taken + PRICE, language), timeout=LIVE_S_MAX * 1_000)
    assert paid_to(city, key) == taken + PRICE
    newest = office.locator("table").last.locator("tbody tr").first
    assert newest.locator("td.n").inner_text() == money(PRICE, language)
    if language == "en":
        browsing.expect("Failed to load resource: net::ERR_INTERNET_DISCONNECTED")
        the_page_says_when_it_lost_the_city(wall)
    if os.environ.get(SCREENSHOTS):
        keep(in_a_row([picture(phone), picture(wall), picture(office)], height=ROW_HEIGHT), f"city-{language}")

    day_before = (service_day(datetime.now(UTC)) - timedelta(days=1)).isoformat()
    office.locator("#day").fill(day_before)
    press(office, say("Show"))
    office.wait_for_url(f"**?day={day_before}")
    assert paid.inner_text() == money(paid_to(city, key, days_ago=1), language)


def the_page_says_when_it_lost_the_city(wall: Page) -> None:
    lost = wall.locator("[data-city-lost]")
    expect(lost).to_be_hidden()
    wall.context.set_offline(True)
    expect(lost).to_have_text("No connection: these are the last figures that came.")
    wall.context.set_offline(False)
    expect(lost).to_be_hidden()


def picture(page: Page) -> Image:
    """Take a picture when what changed has faded in."""
    page.wait_for_timeout(FADED_MS)
    return look(page)
