"""A chart of a day: bars by hour, piled up by tone. Its page repeats it as a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from markupsafe import Markup, escape

from haihe.web.svg import Scale

WIDTH: Final = 720
HEIGHT: Final = 280
LEFT: Final = 64
TOP: Final = 12
RIGHT: Final = WIDTH - 8
BOTTOM: Final = HEIGHT - 28
LINES: Final = 4
BAR_SHARE: Final = 0.72
TICK_EVERY: Final = 3
"""Hours between two labels: on a phone more would not fit."""

TOPS: Final = (4, 8, 12, 20, 40)
"""What an axis of counts may end at, times a power of ten: its four lines stand at whole numbers."""
TONES: Final = ("brand", "amber", "violet", "blue", "rose", "orange", "river", "green")
"""Tones of the stylesheet, one for each sector in the order of their numbers; a ninth begins again."""


def tone(number: int) -> str:
    """Give the tone of a sector by its number."""
    return TONES[(number - 1) % len(TONES)]


def piled_bars(title: str, series: Sequence[tuple[str, Sequence[int]]], write: Callable[[float], str]) -> Markup:
    """Draw series (a tone, and a value for each hour) piled up; `write` writes values at the axis."""
    hours = max((len(values) for _, values in series), default=0)
    piles = [sum(values[hour] for _, values in series) for hour in range(hours)]
    top = _top(max(piles, default=0))
    parts = [*_grid(top, write), *_bars(series, hours, top), *_ticks(hours)]
    frame = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return frame.format(WIDTH, HEIGHT, title, Markup("".join(parts)))  # noqa: S704 - built below; its texts are escaped


def _top(value: int) -> int:
    """Round up to where an axis of counts may end."""
    power = int(10 ** max(0, math.floor(math.log10(max(value, 1))) - 1))
    return next(end * step for step in (power, power * 10) for end in TOPS if end * step >= value)


def _grid(top: float, write: Callable[[float], str]) -> Iterator[str]:
    y = Scale(0, LINES, BOTTOM, TOP)
    for line in range(LINES + 1):
        yield f'<path class="rule" d="M{LEFT} {y(line)}H{RIGHT}"/>'
        text = escape(write(top * line / LINES))
        yield f'<text class="tick" x="{LEFT - 8}" y="{y(line) + 4}" text-anchor="end">{text}</text>'


def _bars(series: Sequence[tuple[str, Sequence[int]]], hours: int, top: float) -> Iterator[str]:
    y, step = Scale(0, top, BOTTOM, TOP), (RIGHT - LEFT) / max(hours, 1)
    below = [0] * hours
    for tone_name, values in series:
        rects = []
        for hour, value in enumerate(values):
            if value:
                x, high = LEFT + step * (hour + (1 - BAR_SHARE) / 2), y(below[hour] + value)
                height = y(below[hour]) - high
                rects.append(f'<rect x="{x:.1f}" y="{high}" width="{step * BAR_SHARE:.1f}" height="{height:.1f}"/>')
                below[hour] += value
        if rects:
            yield f'<g class="pile tone-{escape(tone_name)}">{"".join(rects)}</g>'


def _ticks(hours: int) -> Iterator[str]:
    step = (RIGHT - LEFT) / max(hours, 1)
    for hour in range(0, hours, TICK_EVERY):
        x = LEFT + step * (hour + 0.5)
        yield f'<text class="tick" x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{hour:02d}</text>'
