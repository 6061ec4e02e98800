"""Rules of price, with the figures of Tianjin in 2017."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from haihe.catalogue.prices import (
    Choice,
    Fixed,
    Item,
    Open,
    Option,
    PerUnit,
    PriceFaultyError,
    Step,
    Tiers,
    check_price,
    tier_items,
    total,
    unit_item,
)

ELECTRICITY = Tiers("kWh", "month", (Step(0, 220, 49), Step(220, 400, 54), Step(400, None, 79)))
WATER = Tiers("m3", "year", (Step(0, 180, 490), Step(180, 240, 620), Step(240, None, 800)))
LOW_INCOME = Tiers("kWh", "month", ELECTRICITY.steps, free=15)
HEATING = PerUnit("m2", 2500)
QUANTITIES = st.integers(min_value=0, max_value=1_000_000)


def test_230_kwh_in_a_month_are_113_yuan_20():
    items = tier_items(ELECTRICITY, used_milli=0, quantity_milli=230_000)
    assert items == (Item(220_000, "kWh", 49, 10_780), Item(10_000, "kWh", 54, 540))
    assert total(items) == 11_320


def test_water_continues_where_the_year_stood():
    items = tier_items(WATER, used_milli=178_000, quantity_milli=10_000)
    assert [(item.quantity_milli, item.price, item.amount) for item in items] == [
        (2_000, 490, 980),
        (8_000, 620, 4_960),
    ]
    assert total(items) == 5_940


def test_a_home_of_85_and_a_half_square_metres_is_heated_for_2137_yuan_50():
    assert unit_item(HEATING, quantity_milli=85_500) == Item(85_500, "m2", 2_500, 213_750)


def test_free_units_count_from_the_bottom_of_the_period():
    items = tier_items(LOW_INCOME, used_milli=0, quantity_milli=230_000)
    assert [(item.quantity_milli, item.price) for item in items] == [(15_000, 0), (205_000, 49), (10_000, 54)]
    assert total(items) == 11_320 - 15 * 49
    assert total(tier_items(LOW_INCOME, used_milli=10_000, quantity_milli=10_000)) == 5 * 49
    wider = Tiers("kWh", "month", ELECTRICITY.steps, free=300)
    assert total(tier_items(wider, used_milli=0, quantity_milli=301_000)) == 54


def test_half_a_fen_is_rounded_up():
    assert [unit_item(PerUnit("m3", 1), quantity_milli=milli).amount for milli in (499, 500, 1_499)] == [0, 1, 1]


def test_nothing_used_has_no_lines_and_less_than_nothing_is_refused():
    assert tier_items(ELECTRICITY, used_milli=220_000, quantity_milli=0) == ()
    for used, quantity in ((-1, 5), (5, -1)):
        with pytest.raises(ValueError, match="-1"):
            tier_items(ELECTRICITY, used_milli=used, quantity_milli=quantity)


@st.composite
def tiers(draw: st.DrawFn) -> Tiers:
    ends = sorted(draw(st.sets(st.integers(1, 500), max_size=4)))
    prices = draw(st.lists(st.integers(1, 10_000), min_size=len(ends) + 1, max_size=len(ends) + 1))
    steps = tuple(Step(start, end, fen) for start, end, fen in zip([0, *ends], [*ends, None], prices, strict=True))
    return Tiers("kWh", "month", steps, free=draw(st.integers(0, 50)))


@given(tiers(), QUANTITIES, QUANTITIES, QUANTITIES)
def test_a_reading_in_two_costs_the_same_but_for_the_rounding_of_each_line(price: Tiers, used: int, one: int, two: int):
    check_price(price)
    halves = (
        *tier_items(price, used_milli=used, quantity_milli=one),
        *tier_items(price, used_milli=used + one, quantity_milli=two),
    )
    whole = tier_items(price, used_milli=used, quantity_milli=one + two)
    assert sum(item.quantity_milli for item in whole) == one + two
    # a line is off by half a fen at most
    assert 2 * abs(total(halves) - total(whole)) <= len(halves) + len(whole)


@given(tiers(), st.integers(0, 600), st.integers(0, 600), st.integers(0, 600))
def test_a_reading_of_whole_units_in_two_costs_exactly_the_same(price: Tiers, used: int, one: int, two: int):
    def cost(used: int, quantity: int) -> int:
        return total(tier_items(price, used_milli=used * 1000, quantity_milli=quantity * 1000))

    assert cost(used, one) + cost(used + one, two) == cost(used, one + two)
    each = [
        next(step.price for step in reversed(price.steps) if step.start <= unit) for unit in range(used, used + one)
    ]
    assert cost(used, one) == sum(fen for unit, fen in enumerate(each, used) if unit >= price.free)


@given(tiers(), QUANTITIES, QUANTITIES, QUANTITIES)
def test_more_never_costs_less(price: Tiers, used: int, quantity: int, more: int):
    less, all_of_it = (
        total(tier_items(price, used_milli=used, quantity_milli=milli)) for milli in (quantity, quantity + more)
    )
    assert less <= all_of_it


def test_sound_prices_pass():
    lunch = Option("a", {"en": "Lunch A"}, 850)
    for price in (ELECTRICITY, WATER, LOW_INCOME, HEATING, Fixed(350), Open(), Open(5, 5), Choice((lunch,))):
        check_price(price)


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        (Fixed(0), "amount is 0 fen"),
        (Fixed(10_000_000_001), "amount is"),
        (Open(-1, 5), "amount_min is -1"),
        (Open(6, 5), "amount_min 6 is above amount_max 5"),
        (PerUnit("", 5), "no unit"),
        (PerUnit("m2", 0), "price is 0"),
        (Choice(()), "no options"),
        (Choice((Option("a", {"en": "A"}, 1), Option("a", {"en": "B"}, 2))), "share a key: a"),
        (Choice((Option("a", {}, 1),)), "needs a key and names"),
        (Choice((Option("a", {"en": "A"}, 0),)), "amount of a is 0"),
    ],
)
def test_a_faulty_price_is_refused_with_its_reason(price: Any, reason: str):
    with pytest.raises(PriceFaultyError, match=reason):
        check_price(price)


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ((), "no steps"),
        ((Step(1, None, 49),), "begins at 1, not at 0"),
        ((Step(0, 220, 49), Step(230, None, 54)), "gap between 220 and 230"),
        ((Step(0, 220, 49), Step(210, None, 54)), "overlap between 210 and 220"),
        ((Step(0, 0, 49), Step(0, None, 54)), "from 0 to 0 does not ascend"),
        ((Step(0, None, 49), Step(220, None, 54)), "from 0 has no end and is not the last"),
        ((Step(0, 220, 49),), "last step ends at 220"),
        ((Step(0, None),), "price from 0 is 0 fen"),
    ],
)
def test_faulty_tiers_are_refused_with_their_reason(steps: tuple[Step, ...], reason: str):
    with pytest.raises(PriceFaultyError, match=reason):
        check_price(Tiers("kWh", "month", steps))


def test_free_units_are_never_fewer_than_none():
    with pytest.raises(PriceFaultyError, match="free is -1"):
        check_price(Tiers("kWh", "month", (Step(0, None, 49),), free=-1))
