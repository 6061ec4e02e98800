from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from haihe.base.errors import Refusal
from haihe.catalogue.loading import read_services
from haihe.catalogue.prices import Price, PriceFaultyError, total
from haihe.ops.demo_data import TIANJIN
from haihe.sectors.utilities.model import Measure, Plan, Reading, Row
from haihe.sectors.utilities.rules import area_items, check_row, metered_items, season_of, used_before

PRICES = {one.key: one.terms[-1].price for one in read_services(TIANJIN / "utilities_tariffs.toml")}
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 22)


def reading(day: date, value: float, *, carried: float = 0, due: int = 0) -> Reading:
    return Reading(1, 1, day, int(value * 1000), int(carried * 1000), due, 0, datetime(2026, 11, 22, tzinfo=UTC))


def row(day: date, value: float) -> Row:
    return Row(1, "1200000001", day, int(value * 1000))


def lines(price: Price, history: Sequence[Reading], new: Row) -> list[tuple[float, int, int]]:
    return [(one.quantity_milli / 1000, one.price, one.amount) for one in metered_items(price, history, new)]


def test_230_kwh_in_a_month_cost_113_yuan_20():
    found = lines(PRICES["electricity"], [reading(SEPTEMBER, 1000)], row(OCTOBER, 1230))
    assert found == [(220, 49, 107_80), (10, 54, 5_40)]


def test_first_15_kwh_of_a_low_income_household_are_free():
    found = lines(PRICES["electricity-low-income"], [reading(SEPTEMBER, 1000)], row(OCTOBER, 1230))
    assert found == [(15, 0, 0), (205, 49, 100_45), (10, 54, 5_40)]


def test_10_m3_after_178_of_the_year_cost_59_yuan_40():
    new_year, spring = reading(date(2025, 12, 31), 500), reading(date(2026, 5, 31), 678, due=7)
    for history in ([new_year, spring], [reading(SEPTEMBER, 678, carried=178)]):
        assert lines(PRICES["water"], history, row(OCTOBER, 688)) == [(2, 490, 9_80), (8, 620, 49_60)]


def test_new_year_begins_the_yearly_steps_again():
    history = [reading(date(2025, 11, 30), 300, carried=100), reading(date(2025, 12, 31), 500, due=7)]
    assert lines(PRICES["water"], history, row(date(2026, 1, 31), 510)) == [(10, 490, 49_00)]


def test_carried_use_counts_in_its_own_year_only():
    assert used_before([reading(SEPTEMBER, 678, carried=178)], date(2026, 1, 1)) == 178_000
    assert used_before([reading(date(2025, 9, 30), 678, carried=178)], date(2026, 1, 1)) == 0


def test_reading_that_comes_late_reaches_no_dearer_step():
    late = metered_items(PRICES["electricity"], [reading(date(2026, 8, 31), 1000)], row(OCTOBER, 1440))
    assert total(late) == 2 * 220 * 49
    with_rest = lines(PRICES["electricity"], [reading(date(2026, 8, 31), 1000)], row(OCTOBER, 1460))
    assert with_rest == [(440, 49, 215_60), (20, 54, 10_80)]


def test_what_was_free_this_month_is_free_once():
    history = [reading(SEPTEMBER, 1000), reading(date(2026, 10, 10), 1010)]
    assert lines(PRICES["electricity-low-income"], history, row(OCTOBER, 1020)) == [(5, 0, 0), (5, 49, 2_45)]


def test_home_of_85_and_a_half_square_metres_pays_2137_yuan_50_a_season():
    assert total(area_items(PRICES["heating"], 85_500)) == 2_137_50


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (row(date(2026, 11, 23), 1300), "date_in_future"),
        (row(OCTOBER, 1231), "date_not_after_last"),
        (row(date(2026, 10, 1), 1100), "date_not_after_last"),
        (row(NOVEMBER, 1229.999), "value_lower"),
    ],
)
def test_reading_that_cannot_be_is_refused(new: Row, code: str):
    history = [reading(SEPTEMBER, 1000), reading(OCTOBER, 1230, due=7)]
    with pytest.raises(Refusal) as refused:
        check_row(new, history, today=NOVEMBER)
    assert refused.value.code == code


def test_month_is_billed_once():
    history = [reading(SEPTEMBER, 1000), reading(date(2026, 10, 30), 1230, due=7)]
    with pytest.raises(Refusal) as refused:
        check_row(row(OCTOBER, 1240), history, today=NOVEMBER)
    assert refused.value.code == "month_billed"
    assert check_row(row(date(2026, 10, 30), 1230), history, today=NOVEMBER) is False
    assert check_row(row(NOVEMBER, 1240), history, today=NOVEMBER)


@pytest.mark.parametrize(
    ("day", "season", "deadline"),
    [
        (date(2026, 9, 30), "2025-2026", date(2026, 10, 15)),
        (date(2026, 10, 1), "2026-2027", date(2026, 12, 31)),
        (date(2026, 12, 25), "2026-2027", date(2027, 1, 9)),
    ],
)
def test_season_is_billed_from_autumn_on_and_who_is_late_has_days_to_pay(day: date, season: str, deadline: date):
    plan = Plan(
        service=1,
        organisation=1,
        measure=Measure.AREA,
        pattern=".",
        example="1",
        due_days=15,
        season_starts="10-01",
        season_ends="12-31",
    )
    assert season_of(plan, day) == (season, deadline)


def test_tariff_with_a_gap_is_refused_when_it_is_read():
    text = (TIANJIN / "utilities_tariffs.toml").read_bytes()
    with pytest.raises(PriceFaultyError, match=r"electricity.*gap"):
        read_services(text.replace(b"{ from = 220, to = 400, price = 54 }", b"{ from = 230, to = 400, price = 54 }", 1))
