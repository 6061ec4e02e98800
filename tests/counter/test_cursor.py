from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from haihe.counter.cursor import Cursor, CursorUnreadableError

MOMENT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@given(st.dictionaries(st.integers(0, 1023), st.integers(0, 10**17), min_size=1, max_size=40))
def test_cursor_comes_back_as_it_went(batches: dict[int, int]):
    cursor = Cursor(MOMENT, batches)
    assert Cursor.from_text(cursor.to_text()) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "x_0.1",
        "1_0",
        "1_0.x",
        "1_0.1.2",
        "1_-1.2",
        "9" * 40 + "_0.1",
        "1_０.1",
        "_",
        "1_32768.1",
        "1_0.1_99999.1",
    ],
)
def test_what_is_no_cursor_is_refused(text: str):
    with pytest.raises(CursorUnreadableError):
        Cursor.from_text(text)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_none(text: str):
    with suppress(CursorUnreadableError):
        assert Cursor.from_text(text).batches


def test_cursor_never_moves_back():
    cursor = Cursor(MOMENT, {0: 5, 1: 7}).moved(MOMENT, {0: 3, 1: 9})
    assert cursor.batches == {0: 5, 1: 9}


@pytest.mark.parametrize(("age", "is_old"), [(timedelta(0), False), (timedelta(hours=11), False), (timedelta(hours=12), True), (timedelta(hours=-2), True)])  # fmt: skip
def test_cursor_of_another_day_is_old(age: timedelta, is_old: bool):
    assert Cursor(MOMENT, {0: 1}).is_old(MOMENT + age) is is_old
