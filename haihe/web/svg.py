"""What the server draws: icons, codes and charts, as inline SVG that the stylesheet colours."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import barcode
import segno
from markupsafe import Markup, escape

from haihe.base.errors import BrokenInvariantError
from haihe.base.settings import VENDOR

ICONS: Final = VENDOR / "icons"
"""The icons of lucide (ISC licence), one file each, brought by `make`."""
QUIET_ZONE: Final = 4
"""Light modules around a QR code, as its standard asks."""
CURVE_POINTS_MIN: Final = 2

_INSIDE = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@cache
def icon(name: str, label: str = "") -> Markup:
    """Draw an icon by its lucide name; with a label it is read aloud, without one it is decoration."""
    inside = _INSIDE.search((ICONS / f"{name}.svg").read_text())
    if inside is None:
        raise BrokenInvariantError(f"the icon {name!r} is no SVG")
    body = re.sub(r"\s+", " ", inside[1]).replace(" />", "/>").replace("> <", "><").strip()
    return Markup('<svg class="icon" viewBox="0 0 24 24" {}>{}</svg>').format(_role(label), Markup(body))  # noqa: S704 - a file of lucide's, not of a person's


def _role(label: str) -> Markup:
    return Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')


def qr(text: str, label: str) -> Markup:
    """Draw a QR code (error correction M), black on white whatever the colour scheme."""
    matrix = segno.make(text, error="m", micro=False, boost_error=False).matrix
    rows = ("".join(map(str, row)) for row in matrix)
    size = len(matrix) + 2 * QUIET_ZONE
    return Markup(
        '<svg class="qr" viewBox="-{0} -{0} {1} {1}" {2} shape-rendering="crispEdges">'
        '<path fill="#fff" d="M-{0}-{0}h{1}v{1}h-{1}z"/><path stroke="#000" d="{3}"/></svg>'
    ).format(QUIET_ZONE, size, _role(label), "".join(_dark_runs(row, at=y + 0.5) for y, row in enumerate(rows)))


def code128(text: str, label: str) -> Markup:
    """Draw a Code 128 barcode as wide as its box."""
    (modules,) = barcode.get("code128", text).build()
    return Markup(
        '<svg class="barcode" viewBox="-10 0 {0} 1" preserveAspectRatio="none" {1} shape-rendering="crispEdges">'
        '<path fill="#fff" d="M-10 0h{0}v1h-{0}z"/><path stroke="#000" d="{2}"/></svg>'
    ).format(len(modules) + 20, _role(label), _dark_runs(modules, at=0.5))


def _dark_runs(row: str, *, at: float) -> str:
    return "".join(f"M{run.start()} {at}h{run.end() - run.start()}" for run in re.finditer("1+", row))


@dataclass(frozen=True)
class Scale:
    """Maps values from `low` to `high` onto pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Give the pixel of a value; a scale without extent puts everything at its start."""
        extent = self.high - self.low
        return (
            self.start if extent == 0 else round(self.start + (value - self.low) / extent * (self.end - self.start), 1)
        )


def nice_ceiling(value: float) -> float:
    """Round up to 1, 2, 2.5, 5 or 10 times a power of ten, so that an axis has round ticks."""
    if value <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value)


def _curve(points: Sequence[tuple[float, float]]) -> str:
    start = f"M{points[0][0]} {points[0][1]}"
    steps = (((x0 + x1) / 2, y0, x1, y1) for (x0, y0), (x1, y1) in pairwise(points))
    return start + "".join(f"C{middle:.1f} {y0} {middle:.1f} {y1} {x1} {y1}" for middle, y0, x1, y1 in steps)


def sparkline(values: Sequence[float], *, width: int = 96, height: int = 28) -> Markup:
    """Draw a small line without axes; nothing for fewer than two values."""
    if len(values) < CURVE_POINTS_MIN:
        return Markup("")
    x, y = Scale(0, len(values) - 1, 1, width - 4), Scale(min(values), max(values), height - 4, 4)
    points = [(x(place), y(value)) for place, value in enumerate(values)]
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" aria-hidden="true"><path class="curve s0" d="{}"/>'
        '<circle class="dot s0" cx="{}" cy="{}" r="2.5"/></svg>'
    ).format(width, height, _curve(points), *points[-1])


@dataclass(frozen=True)
class Chart:
    """What an area or bar chart shows: one or more named series of equal length, tick labels below, a title read aloud."""

    title: str
    series: Sequence[tuple[str, Sequence[float]]]
    ticks: Sequence[str]
    write: Callable[[float], str]
    """Writes a value at the axis, usually one of the formats of `base.i18n`."""
    width: int = 720
    height: int = 260

    @property
    def top(self) -> float:
        """The highest value of the axis."""
        return nice_ceiling(max((max(values, default=0) for _, values in self.series), default=0))

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the plot in pixels."""
        return 56, 12, self.width - 10, self.height - 26


def area_chart(chart: Chart) -> Markup:
    """Draw curves over time, the first one filled."""
    left, top, right, bottom = chart.box
    y = Scale(0, chart.top, bottom, top)
    parts = [*_grid(chart), *_labels(chart)]
    for place, (_, values) in enumerate(chart.series):
        if len(values) < CURVE_POINTS_MIN:
            continue
        x = Scale(0, len(values) - 1, left, right)
        points = [(x(number), y(value)) for number, value in enumerate(values)]
        line = _curve(points)
        parts += [f'<path class="area s0" d="{line}V{bottom}H{left}Z"/>'] if place == 0 else []
        parts.append(f'<path class="curve s{place}" d="{line}"/>')
        parts.append(f'<circle class="dot s{place}" cx="{points[-1][0]}" cy="{points[-1][1]}" r="4"/>')
    return _framed(chart, parts)


def bar_chart(chart: Chart) -> Markup:
    """Draw the first series as bars, one over each tick label."""
    left, top, right, bottom = chart.box
    y = Scale(0, chart.top, bottom, top)
    values = chart.series[0][1]
    step = (right - left) / max(len(values), 1)
    parts = [*_grid(chart)]
    for place, value in enumerate(values):
        x, height = left + step * (place + 0.18), bottom - y(value)
        parts.append(
            f'<rect class="bar s0" x="{x:.1f}" y="{y(value)}" width="{step * 0.64:.1f}" height="{height:.1f}" rx="3"/>'
        )
    for place, tick in enumerate(chart.ticks):
        middle = left + step * (place + 0.5)
        parts.append(
            f'<text class="tick" x="{middle:.1f}" y="{chart.height - 6}" text-anchor="middle">{escape(tick)}</text>'
        )
    return _framed(chart, parts)


def _grid(chart: Chart) -> Iterator[str]:
    left, top, right, bottom = chart.box
    y = Scale(0, 4, bottom, top)
    for line in range(5):
        text = escape(chart.write(chart.top * line / 4))
        yield f'<path class="rule" d="M{left} {y(line)}H{right}"/>'
        yield f'<text class="tick" x="{left - 8}" y="{y(line) + 4}" text-anchor="end">{text}</text>'


def _labels(chart: Chart) -> Iterator[str]:
    left, _, right, _ = chart.box
    last = len(chart.ticks) - 1
    for place, tick in enumerate(chart.ticks):
        anchor = "start" if place == 0 else "end" if place == last else "middle"
        x = Scale(0, last, left, right)(place)
        yield f'<text class="tick" x="{x}" y="{chart.height - 6}" text-anchor="{anchor}">{escape(tick)}</text>'


def _framed(chart: Chart, parts: Sequence[str]) -> Markup:
    frame = Markup('<svg class="chart" viewBox="0 0 {} {}" {}>{}</svg>')
    return frame.format(chart.width, chart.height, _role(chart.title), Markup("".join(parts)))  # noqa: S704 - built above; its texts are escaped
