from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from haihe.web.piles import BOTTOM, piled_bars


def test_bars_are_piled_up_and_nothing_escapes_the_chart():
    series: Sequence[tuple[str, Sequence[int]]] = [("brand", [0, 3, 1]), ("amber", [0, 1, 4])]
    drawn = str(piled_bars('Day "1" <b>', series, lambda value: f"{value:g}"))
    assert "<b>" not in drawn
    bars = [
        tuple(map(float, found))
        for found in re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', drawn)
    ]
    assert len(bars) == 4
    (_, low_y, _), _, (_, high_y, high), _ = bars
    assert high_y + high == pytest.approx(low_y, abs=0.11)
    assert max(y + height for _, y, height in bars) == pytest.approx(BOTTOM, abs=0.11)


@pytest.mark.parametrize(("highest", "top"), [(0, 4), (3, 4), (9, 12), (13, 20), (41, 80), (101, 120), (9_000, 12_000)])
def test_the_axis_of_counts_has_whole_numbers_at_its_lines(highest: int, top: int):
    drawn = str(piled_bars("Day", [("brand", [highest])], lambda value: f"{value:g}"))
    lines = [float(text) for text in re.findall(r'text-anchor="end">([^<]+)<', drawn)]
    assert lines == [top * line / 4 for line in range(5)]
    assert all(line == int(line) for line in lines)
