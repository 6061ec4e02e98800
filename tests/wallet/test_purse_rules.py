"""What the terms of schemes and campaigns mean, and which cannot be meant."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given, strategies as st

from haihe.base.clock import day_start
from haihe.ops.demo_data import TIANJIN
from haihe.wallet.purses.evening import moves
from haihe.wallet.purses.loading import read_campaigns, read_schemes
from haihe.wallet.purses.model import Met, Used
from haihe.wallet.purses.rules import TermsFaultyError, accepts, discount_of, lapses_at, room
from haihe.wallet.purses.terms import Caps, Discount, Lapse, LapseRule, Where

NOW = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
"""Half past midnight of New Year's Day in the city."""
LUNCH = Met("campus", "haigu", "university", "app", 7, NOW, goods=("c1-rice", "canteens"), standing=("card",))
SCHEME = """
[[scheme]]
key = "meal"
sponsor = "haigu"
names = { en = "Meals" }
fund = { key = "meal", names = { en = "Fund" } }
[scheme.terms]
lapse = { rule = "month_end" }
"""
CAMPAIGN = """
[[campaign]]
key = "half"
sponsor = "office"
names = { en = "Half" }
paid_in = 100
[campaign.terms]
discount = { percent = 50 }
first_day = 2026-11-01
last_day = 2026-11-30
caps = { uses_day = 2 }
"""


@pytest.mark.parametrize(
    ("where", "taken"),
    [
        (Where(), True),
        (Where(kinds=("campus", "shop"), organisations=("haigu",), services=("canteens",)), True),
        (Where(services=("c1-rice",), channels=("app",), organisation_kinds=("university",)), True),
        (Where(kinds=("shop",)), False),
        (Where(kinds=("campus",), services=("laundry",)), False),
        (Where(kinds=("campus",), organisations=("jinwan",)), False),
        (Where(channels=("sticker",)), False),
    ],
)
def test_all_lists_of_where_must_allow_a_payment(where: Where, *, taken: bool):
    assert accepts(where, LUNCH) is taken


def test_lapses_at_the_start_of_the_citys_day_after_the_last_one():
    assert lapses_at(Lapse(), NOW) is None
    assert lapses_at(Lapse(LapseRule.MONTH_END), NOW) == day_start(date(2027, 2, 1))
    assert lapses_at(Lapse(LapseRule.DAYS, days=30), NOW) == day_start(date(2027, 2, 1))
    assert lapses_at(Lapse(LapseRule.DATE, last_day=date(2027, 6, 30)), NOW) == day_start(date(2027, 7, 1))


@given(
    st.integers(1, 10**9),
    st.one_of(
        st.builds(Discount, percent=st.integers(1, 100)),
        st.builds(Discount, fen=st.integers(1, 10**6)),
        st.builds(Discount, price=st.integers(0, 10**6)),
        st.builds(Discount, percent=st.integers(1, 100), fen_max=st.integers(1, 500)),
    ),
)
def test_discount_is_never_negative_never_above_the_price_the_percentage_or_its_maximum(
    amount: int, discount: Discount
):
    borne = discount_of(discount, amount)
    assert 0 <= borne <= amount
    assert borne <= (discount.fen_max or amount)
    assert discount.percent is None or borne * 100 <= amount * discount.percent
    assert discount.price is None or amount - borne == min(
        amount, max(discount.price, amount - (discount.fen_max or amount))
    )


def test_room_is_the_narrowest_cap_and_nothing_after_the_last_use():
    used = Used(uses_day=1, uses_month=4, uses_year=9, fen_day=100, fen_month=700, fen_year=900)
    assert room(Caps(), used) is None
    assert room(Caps(uses_day=2, uses_month=5), used) is None
    assert room(Caps(uses_day=1), used) == room(Caps(uses_month=4), used) == room(Caps(uses_year=9), used) == 0
    assert room(Caps(fen_use=80, fen_day=150, fen_month=1_000), used) == 50
    assert room(Caps(fen_use=80, fen_year=5_000), used) == 80
    assert room(Caps(fen_day=60), used) == 0


@given(st.dictionaries(st.integers(0, 15), st.integers(0, 10_000), max_size=16))
def test_evening_out_moves_only_what_is_there_and_ends_even(parts: dict[int, int]):
    after = dict(parts)
    for move in moves(parts):
        assert move.amount > 0
        after[move.source] -= move.amount
        after[move.target] += move.amount
        assert after[move.source] >= 0
    assert sum(after.values()) == sum(parts.values())
    assert after == parts or max(after.values()) - min(after.values()) < max(2, len(parts))
    assert not moves(after)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"month_end"', '"days"', "days need the rule days"),
        ('{ rule = "month_end" }', "{ last_day = 2026-01-01 }", "a last day needs the rule date"),
        ("lapse", "caps = { fen_day = 0 }\nlapse", "a cap is at least 1: fen_day"),
        ("lapse", 'monthly = { amount = 0, to = "students" }\nlapse', "at least a fen"),
        ("percent = 50", "percent = 101", "1 to 100"),
        ("percent = 50", "percent = 50, fen = 10", "one of percent, fen and price"),
        ("percent = 50", "fen = -5", "at least a fen"),
        ("2026-11-30", "2026-10-30", "ends before it begins"),
        (
            "paid_in = 100",
            "paid_in = 100\nenrol = { born_from = 1900-01-01, born_until = 1957-12-31 }",
            "enrols nobody",
        ),
    ],
)
def test_terms_that_cannot_be_meant_are_refused_with_their_key(old: str, new: str, reason: str):
    text = SCHEME if old in SCHEME else CAMPAIGN
    everybody = 'audience = "everybody"\nfirst_day' if "enrol" in new else "first_day"
    changed = text.replace(old, new).replace("first_day", everybody).encode()
    with pytest.raises(TermsFaultyError, match=reason) as told:
        (read_schemes if text is SCHEME else read_campaigns)(changed)
    assert str(told.value).startswith(("meal: ", "half: "))


def test_unknown_word_and_a_key_that_is_there_twice_are_refused():
    with pytest.raises(msgspec.ValidationError, match="lapsing"):
        read_schemes(SCHEME.replace("lapse", "lapsing").encode())
    with pytest.raises(TermsFaultyError, match="there twice"):
        read_campaigns((CAMPAIGN * 2).encode())


def test_the_demo_city_s_files_are_sound_and_speak_every_language():
    schemes = read_schemes((TIANJIN / "schemes.toml").read_bytes())
    campaigns = read_campaigns((TIANJIN / "campaigns.toml").read_bytes())
    assert {"meal-haigu-university", "medical-account"} <= {one.key for one in schemes}
    assert {one.terms.audience.value for one in campaigns} == {"listed"}
    told = [(one.names, one.terms.told) for one in schemes] + [(one.names, one.terms.told) for one in campaigns]
    assert all(set(names) == set(where) == {"zh", "en", "ru"} for names, where in told)
