from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from haihe.base.ids import first_id_at
from haihe.sectors.transit import rules
from haihe.sectors.transit.model import LineClass, Tariff

TARIFFS = [
    Tariff(LineClass.AIR_CONDITIONED, date(2016, 1, 1), 200),
    Tariff(LineClass.ORDINARY_LONG, date(2016, 1, 1), 150),
    Tariff(LineClass.ORDINARY_SHORT, date(2016, 1, 1), 100),
    Tariff(LineClass.AIR_CONDITIONED, date(2030, 7, 1), 250),
]
NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line_class", "day", "fare"),
    [
        (LineClass.AIR_CONDITIONED, date(2016, 1, 1), 200),
        (LineClass.ORDINARY_LONG, date(2026, 1, 1), 150),
        (LineClass.ORDINARY_SHORT, date(2026, 1, 1), 100),
        (LineClass.AIR_CONDITIONED, date(2030, 6, 30), 200),
        (LineClass.AIR_CONDITIONED, date(2030, 7, 1), 250),
    ],
)
def test_fare_follows_class_and_day(line_class: LineClass, day: date, fare: int):
    assert rules.fare(TARIFFS, line_class, day) == fare


def test_day_before_the_first_tariff_has_no_fare():
    with pytest.raises(rules.NoTariffError):
        rules.fare(TARIFFS, LineClass.AIR_CONDITIONED, date(2015, 12, 31))


@pytest.mark.parametrize(
    ("length_m", "line_class"),
    [(0, LineClass.ORDINARY_SHORT), (12_000, LineClass.ORDINARY_SHORT), (12_001, LineClass.ORDINARY_LONG)],
)
def test_ordinary_line_is_long_above_twelve_kilometres(length_m: int, line_class: LineClass):
    assert rules.ordinary_class(length_m) is line_class


@pytest.mark.parametrize(("after_ms", "blocks"), [(0, True), (179_999, True), (180_000, False), (180_001, False)])
def test_second_scan_is_one_until_three_minutes_exactly(after_ms: int, blocks: bool):
    first = first_id_at(NOON)
    scanned_at = NOON + timedelta(milliseconds=after_ms)
    assert (first >= rules.first_blocking_id(scanned_at)) is blocks


@given(st.integers(0, 10**12), st.integers(0, 400_000))
def test_blocking_is_a_question_of_milliseconds(since_ms: int, after_ms: int):
    moment = NOON + timedelta(milliseconds=since_ms)
    blocked = first_id_at(moment) >= rules.first_blocking_id(moment + timedelta(milliseconds=after_ms))
    assert blocked is (after_ms < 180_000)
