from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, strategies as st

from haihe.catalogue.model import NotOffered
from haihe.ops.demo_data import TIANJIN
from haihe.sectors.transit.coach import rules
from haihe.sectors.transit.coach.founding import FILE, read_coaches
from haihe.sectors.transit.coach.model import Call, CoachTariff, Departure, Fare, Route
from haihe.sectors.transit.coach.rules import CoachFaultyError

TARIFF = CoachTariff(date(2016, 1, 1), per_km=18, load_percent=50)
DEPARTURE = Departure(1, 1, time(14, 30), 45, frozenset({1, 5}))


def route(*, factor: int = 0, toll: int = 0, calls: tuple[Call, ...] = (Call(1, 0, 0), Call(2, 120_000, 120))) -> Route:
    return Route(1, 1, "r", {"en": "R"}, factor, toll, calls)


@pytest.mark.parametrize(
    ("distance_m", "factor", "toll", "seats", "fare"),
    [
        (120_000, 200, 95_00, 45, Fare(25_92, 4_22)),  # story T13: 120 km x 0.18 x 1.2, and 95.00 / (45 x 50 %)
        (120_000, 0, 0, 45, Fare(21_60, 0)),
        (128_000, 300, 55_00, 45, Fare(29_95, 2_44)),  # 29.952 and 2.444 go down
        (500, 0, 1, 1, Fare(9, 2)),
        (250, 0, 0, 33, Fare(5, 0)),  # 4.5 fen go up
        (249, 0, 0, 33, Fare(4, 0)),  # 4.482 do not
    ],
)
def test_coach_fare_is_distance_by_rate_and_a_share_of_the_toll(
    distance_m: int, factor: int, toll: int, seats: int, fare: Fare
):
    assert rules.fare(TARIFF, route(factor=factor, toll=toll), distance_m=distance_m, seats=seats) == fare


@given(
    near=st.integers(1, 2_000_000),
    further=st.integers(0, 2_000_000),
    factor=st.integers(0, 300),
    toll=st.integers(0, 1_000_00),
    seats=st.integers(1, 200),
)
def test_going_further_never_costs_less_and_items_add_up(near: int, further: int, factor: int, toll: int, seats: int):
    one = rules.fare(TARIFF, route(factor=factor, toll=toll), distance_m=near, seats=seats)
    other = rules.fare(TARIFF, route(factor=factor, toll=toll), distance_m=near + further, seats=seats)
    assert other.by_distance >= one.by_distance
    assert other.surcharge == one.surcharge
    assert one.total == one.by_distance + one.surcharge
    assert abs(one.by_distance * 1_000_000 - near * 18 * (1000 + factor)) <= 500_000
    assert abs(one.surcharge * seats * 50 - toll * 100) <= seats * 25


@pytest.mark.parametrize("factor", [301, 1000, -1])
def test_factor_above_thirty_per_cent_is_refused(factor: int):
    with pytest.raises(CoachFaultyError):
        rules.fare(TARIFF, route(factor=factor), distance_m=1000, seats=45)
    with pytest.raises(CoachFaultyError):
        rules.check_route(route(factor=factor))


@pytest.mark.parametrize(
    "calls",
    [
        (),
        (Call(1, 0, 0),),
        (Call(1, 0, 0), Call(2, 0, 10)),
        (Call(1, 0, 0), Call(2, 10, 0)),
        (Call(1, 0, 0), Call(2, 10, 5), Call(1, 20, 10)),
    ],
)
def test_route_that_leads_nowhere_is_refused(calls: tuple[Call, ...]):
    with pytest.raises(CoachFaultyError):
        rules.check_route(route(calls=calls))


def test_newest_tariff_holds_and_a_gap_is_refused():
    old = CoachTariff(date(2016, 1, 1), 18, 50, until=date(2020, 12, 31))
    new = CoachTariff(date(2021, 2, 1), 20, 50)
    assert rules.tariff_on([new, old], date(2020, 12, 31)) == old
    assert rules.tariff_on([new, old], date(2021, 2, 1)) == new
    for day in (date(2015, 12, 31), date(2021, 1, 1), date(2021, 1, 31)):
        with pytest.raises(NotOffered):
            rules.tariff_on([new, old], day)


def test_timetable_is_in_the_citys_time():
    friday = date(2026, 11, 27)
    assert rules.moment_at(DEPARTURE, friday, after_min=40) == datetime(2026, 11, 27, 7, 10, tzinfo=UTC)
    assert rules.runs_on(DEPARTURE, friday)
    assert not rules.runs_on(DEPARTURE, date(2026, 11, 28))


@pytest.mark.parametrize(("taken", "seat"), [([], 1), ([1, 2, 4], 3), ([2, 3], 1), ([1, 2, 3, 4], None)])
def test_lowest_free_seat_is_given(taken: list[int], seat: int | None):
    assert rules.first_free(taken, 4) == seat


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ABCD2345WXYZ", "ABCD2345WXYZ"),
        (" abcd 2345-wxyz\n", "ABCD2345WXYZ"),
        ("ABCD2345WXY", None),
        ("ABCD2345WXY0", None),
        ("http://example", None),
        ("", None),
    ],
)
def test_code_is_read_as_it_was_typed(text: str, code: str | None):
    assert rules.read_code(text) == code
    assert rules.read_code(rules.written_code(code)) == code if code else True


def test_demo_coaches_leave_every_day_and_late():
    data = read_coaches(TIANJIN / FILE)
    routes = [one for company in data.company for one in company.route]
    assert len(data.company) == 2
    assert len(routes) == 6
    daily = [one for one in routes if set(one.weekdays) == set(range(1, 8))]
    assert max(max(one.times) for one in daily) >= "23:50"
    assert all(one.factor <= rules.FACTOR_MAX for one in routes)
