from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from haihe.sectors.health.model import Level, Policy, Split, Year
from haihe.sectors.health.rules import after, is_capped, reckon, split

POLICY = Policy(date(2017, 1, 1), 800_00, 5_500_00, {Level.PRIMARY: 75, Level.SECONDARY: 65, Level.TERTIARY: 55})
FULL = Year(deductible_used=800_00)


def share(amount: int, year: Year, level: Level = Level.TERTIARY) -> Split:
    return split(amount, insured=True, year=year, level=level, policy=POLICY)


def test_story_h1_a_hundred_alone_then_fifty_five_per_cent():
    assert share(300_00, Year(deductible_used=700_00)) == Split(deductible=100_00, fund=110_00, rest=90_00)


def test_story_h2_ceiling_reached_and_the_fund_bears_nothing():
    assert share(300_00, Year(800_00, 5_500_00)) == Split(0, 0, 300_00)
    assert share(300_00, Year(800_00, 5_450_00)) == Split(0, 50_00, 250_00)


@pytest.mark.parametrize(("level", "fund"), [(Level.PRIMARY, 75_00), (Level.SECONDARY, 65_00), (Level.TERTIARY, 55_00)])
def test_level_decides_the_fund_s_share(level: Level, fund: int):
    assert share(100_00, FULL, level).fund == fund


def test_bill_within_the_deductible_is_the_patient_s_alone():
    assert share(50_00, Year()) == Split(50_00, 0, 0)


def test_exact_half_fen_is_the_fund_s_and_less_is_not():
    assert share(10, FULL).fund == 6  # 5.5 fen
    assert share(8, FULL).fund == 4  # 4.4 fen
    assert share(1, FULL).fund == 1  # 0.55 fen


def test_who_is_not_insured_pays_all_and_uses_nothing_of_the_year():
    alone = split(300_00, insured=False, year=Year(), level=Level.PRIMARY, policy=POLICY)
    assert alone == Split(0, 0, 300_00)
    assert after(Year(1, 2), alone) == Year(1, 2)


def test_reckoning_knows_whether_the_ceiling_was_met():
    def met(used: int) -> bool:
        year = Year(800_00, used)
        return is_capped(reckon(100_00, insured=True, year=year, level=Level.TERTIARY, policy=POLICY))

    assert not met(5_445_00)
    assert met(5_445_01)


amounts = st.integers(1, 10_000_00)


@given(
    bills=st.lists(st.tuples(amounts, st.sampled_from(Level), st.booleans()), max_size=12),
    used=st.integers(0, 900_00),
    paid=st.integers(0, 6_000_00),
)
def test_shares_sum_to_the_bill_and_the_fund_never_passes_its_ceiling(
    bills: list[tuple[int, Level, bool]], used: int, paid: int
):
    year = Year(used, paid)
    for amount, level, insured in bills:
        one = split(amount, insured=insured, year=year, level=level, policy=POLICY)
        assert one.amount == amount
        assert min(one.deductible, one.fund, one.rest) >= 0
        assert one.fund <= amount - one.deductible
        year = after(year, one)
        assert year.deductible_used <= max(used, POLICY.deductible)
        assert year.fund_used <= max(paid, POLICY.ceiling)
