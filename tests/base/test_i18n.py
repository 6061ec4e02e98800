"""Languages, money and times as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from haihe.base.i18n import (
    catalogue,
    choose_language,
    clock,
    compact,
    day,
    long_day,
    moment,
    money,
    month,
    percent,
    short_moment,
    signed_money,
    translate,
    translate_plural,
)

EVENING = datetime(2026, 11, 22, 16, 30, 5, tzinfo=UTC)
"""Half past midnight of the 23rd in the city."""


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("zh-Hans-CN, en;q=0.5", "zh"),
        ("zh-TW", "zh"),
        ("fr, ru;q=0.4, en;q=0.3", "ru"),
        ("en;q=0.2, ru;q=0.9", "ru"),
        ("en, zh;q=0", "en"),
        ("fr", "en"),
        ("", "en"),
        (";;q=,,x;q=abc,\x00", "en"),
    ],
)
def test_browser_preference_decides_by_first_two_letters_and_weight(accept, language):
    assert choose_language(accept=accept) == language


def test_first_known_wish_beats_the_browser():
    assert choose_language(None, "fr", "ru", "zh", accept="en") == "ru"


@pytest.mark.parametrize(
    ("fen", "language", "text"),
    [
        (128460, "zh", "¥1,284.60"),
        (128460, "en", "¥1,284.60"),
        (128460, "ru", "1\N{NO-BREAK SPACE}284,60\N{NO-BREAK SPACE}¥"),
        (-200, "en", "−¥2.00"),
        (-200, "ru", "−2,00\N{NO-BREAK SPACE}¥"),
        (1, "zh", "¥0.01"),
        (0, "en", "¥0.00"),
        (10_000_000_001, "en", "¥100,000,000.01"),
    ],
)
def test_money_is_written_as_the_language_writes_it(fen, language, text):
    assert money(fen, language) == text


def test_signed_money_shows_the_direction():
    assert [signed_money(fen, "en") for fen in (300, -300, 0)] == ["+¥3.00", "−¥3.00", "¥0.00"]


def test_times_are_those_of_the_city():
    assert clock(EVENING, "en") == "00:30"
    assert (day(EVENING, "zh"), day(EVENING, "en"), day(EVENING, "ru")) == ("11月23日", "Nov 23", "23 нояб.")
    assert short_moment(EVENING, "zh") == "11月23日 00:30"
    assert [month(EVENING, lang) for lang in ("zh", "en", "ru")] == [
        "2026年11月",
        "November 2026",
        "ноябрь 2026\N{NARROW NO-BREAK SPACE}г.",
    ]
    assert moment(EVENING, "en") == "Nov 23, 2026, 00:30:05"
    assert long_day(date(2026, 11, 23), "en") == "Monday, November 23, 2026"


def test_numbers_are_short_where_they_are_large():
    assert [compact(412_900, language) for language in ("zh", "en")] == ["41.3万", "412.9K"]
    assert percent(0.425, "en") == "42.5%"


def test_placeholders_are_written_in_the_language():
    assert (
        translate("ru", "Due {amount:money} at {at:clock}", amount=150, at=EVENING)
        == "Due 1,50\N{NO-BREAK SPACE}¥ at 00:30"
    )
    assert translate("en", "Braces of {who} stay", who="{amount}") == "Braces of {amount} stay"
    assert translate("zh", "") == ""


def test_unknown_text_stays_english():
    assert translate("zh", "No such sentence anywhere") == "No such sentence anywhere"


def test_plural_follows_the_language():
    assert translate_plural("en", "{count} stop", "{count} stops", count=1) == "1 stop"
    assert translate_plural("en", "{count} stop", "{count} stops", count=3) == "3 stops"


def test_product_has_a_name_in_every_language():
    assert [catalogue(language).gettext("Haihe") for language in ("zh", "en", "ru")] == ["海河", "Haihe", "Хайхэ"]
