from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st
from stdnum.iso7064 import mod_97_10

from haihe.base.errors import BrokenInvariantError
from haihe.base.ids import ID_MAX, LEG_BITS
from haihe.sectors.social.model import Group, Window, WindowRule
from haihe.sectors.social.rules import (
    check_programme,
    covered_from,
    group_of,
    grouped,
    is_receipt_number,
    last_closed,
    next_open,
    receipt_number,
    window_on,
)

MAIN = WindowRule("09-01", "12-31")
LATE = WindowRule("01-15", "08-31", year="this", waiting_days=90)
WINTER = WindowRule("11-01", "02-29")
ADULT = Group("adult", {"en": "Adults"}, start=18, end=59, service="adult")
CHILD = Group("child", {"en": "Children"}, start=0, end=17, service="student")
STUDENT = Group("student", {"en": "Students"}, standing="student", service="student")
OLD = Group("old", {"en": "Retired"}, start=60)
IDS = st.integers(min_value=0, max_value=ID_MAX >> LEG_BITS).map(lambda place: place << LEG_BITS)


@pytest.mark.parametrize(
    ("day", "window"),
    [
        (date(2026, 9, 1), Window(date(2026, 9, 1), date(2026, 12, 31), 2027)),
        (date(2026, 12, 31), Window(date(2026, 9, 1), date(2026, 12, 31), 2027)),
        (date(2027, 1, 14), None),
        (date(2027, 1, 15), Window(date(2027, 1, 15), date(2027, 8, 31), 2027, 90)),
    ],
)
def test_window_is_open_from_its_first_to_its_last_day(day, window):
    assert window_on((MAIN, LATE), day) == window


def test_window_over_new_year_is_for_one_year():
    for day in (date(2026, 11, 1), date(2027, 1, 1), date(2027, 2, 28)):
        assert window_on((WINTER,), day) == Window(date(2026, 11, 1), date(2027, 2, 28), 2027)
    assert window_on((WINTER,), date(2027, 3, 1)) is None
    assert window_on((WINTER,), date(2028, 2, 29)) is not None


def test_between_windows_the_days_around_are_known():
    day = date(2027, 1, 5)
    closed, opening = last_closed((MAIN, LATE), day), next_open((MAIN, LATE), day)
    assert closed
    assert opening
    assert (closed.closes, opening.opens) == (date(2026, 12, 31), date(2027, 1, 15))


def test_who_enrols_late_waits():
    main, late = window_on((MAIN,), date(2026, 11, 22)), window_on((LATE,), date(2027, 3, 1))
    assert main
    assert late
    assert covered_from(main, date(2026, 11, 22)) == date(2027, 1, 1)
    assert covered_from(late, date(2027, 3, 1)) == date(2027, 5, 30)


@pytest.mark.parametrize(
    ("born", "standings", "group"),
    [
        (date(2008, 11, 23), set(), CHILD),  # 18 tomorrow
        (date(2008, 11, 22), set(), ADULT),  # 18 today
        (date(1966, 11, 23), set(), ADULT),  # 60 tomorrow
        (date(1966, 11, 22), set(), OLD),
        (date(2000, 1, 1), {"student"}, STUDENT),
    ],
)
def test_group_follows_age_on_the_day_and_standing(born, standings, group):
    assert group_of((STUDENT, CHILD, ADULT, OLD), born=born, day=date(2026, 11, 22), standings=standings) == group


def test_nobody_fits_where_no_group_does():
    assert group_of((ADULT,), born=date(2020, 1, 1), day=date(2026, 11, 22), standings=set()) is None


@pytest.mark.parametrize(
    ("windows", "groups"),
    [
        ([WindowRule("13-01", "12-31")], [ADULT]),
        ([MAIN, WINTER], [ADULT]),
        ([WindowRule("01-01", "02-01", waiting_days=-1)], [ADULT]),
        ([MAIN], [Group("nobody", {"en": "Nobody"}, start=60, end=18)]),
        ([MAIN], [Group("free", {"en": "Free"}, subsidised=True)]),
    ],
)
def test_programme_that_cannot_be_is_refused(windows, groups):
    check_programme([MAIN, LATE], [ADULT, CHILD, STUDENT, OLD])
    with pytest.raises(ValueError, match=r".+"):
        check_programme(windows, groups)


@given(year=st.integers(2017, 2100), identity=IDS)
def test_receipt_number_passes_the_check_of_iso_7064(year, identity):
    number = receipt_number(year=year, identity=identity)
    assert len(number) == 24
    assert mod_97_10.is_valid(number)
    assert is_receipt_number(grouped(number))


@given(identity=IDS, place=st.integers(0, 23), digit=st.sampled_from("0123456789"))
def test_wrong_or_swapped_digit_is_noticed(identity, place, digit):
    number = receipt_number(year=2027, identity=identity)
    wrong = number[:place] + digit + number[place + 1 :]
    assert is_receipt_number(wrong) == (wrong == number)
    swapped = number[: place - 1] + number[place] + number[place - 1] + number[place + 1 :] if place else number
    assert is_receipt_number(swapped) == (swapped == number)


def test_what_is_no_receipt_number_is_none():
    assert not is_receipt_number("")
    assert not is_receipt_number("²" * 24)
    with pytest.raises(BrokenInvariantError):
        receipt_number(year=2027, identity=17)
