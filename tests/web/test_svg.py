"""What the server draws can be read by machines and by people."""

from __future__ import annotations

import re

import pytest
import zxingcpp
from markupsafe import Markup
from PIL import Image

from haihe.base.errors import BrokenInvariantError
from haihe.web.svg import Chart, Scale, area_chart, bar_chart, code128, icon, nice_ceiling, qr, sparkline

PIXELS = 8


def drawn(svg: str, height: int) -> Image.Image:
    """Paint the dark runs of a code's path."""
    size = re.search(r'viewBox="-(\d+) -?\d+ (\d+) (\d+)"', svg)
    assert size
    left, width = int(size[1]), int(size[2])
    picture = Image.new("L", (width * PIXELS, height * PIXELS), 255)
    for x, y, run in re.findall(r"M(\d+) ([\d.]+)h(\d+)", svg.split('stroke="#000"')[1]):
        top = int(float(y)) + (left if height == width else 0)
        bottom = top + (1 if height == width else height)
        picture.paste(0, ((int(x) + left) * PIXELS, top * PIXELS, (int(x) + left + int(run)) * PIXELS, bottom * PIXELS))
    return picture


def test_qr_code_is_read_back():
    text = "http://127.0.0.1:8000/s/DR9MNEDKSPJZEH9B"
    svg = qr(text, "Sticker")
    size = re.search(r'viewBox="-4 -4 (\d+)', svg)
    assert size
    assert [found.text for found in zxingcpp.read_barcodes(drawn(svg, int(size[1])))] == [text]


def test_barcode_is_read_back():
    svg = code128("512345678901234567", "Payment code")
    assert [found.text for found in zxingcpp.read_barcodes(drawn(svg, 40))] == ["512345678901234567"]


def test_labels_are_escaped():
    assert "<b>" not in icon("bus", '<b>"')
    assert "<b>" not in qr("x", "<b>")
    chart = Chart("<b>", [("a", [1, 2])], ["<b>", "x"], str)
    assert "<b>" not in area_chart(chart)
    assert "<b>" not in bar_chart(chart)


def test_icon_without_a_label_is_decoration():
    assert 'aria-hidden="true"' in icon("bus")
    assert isinstance(icon("bus"), Markup)


def test_unknown_icon_is_a_defect():
    with pytest.raises((BrokenInvariantError, FileNotFoundError)):
        icon("no-such-icon")


@pytest.mark.parametrize(
    ("value", "ceiling"), [(0, 1), (1, 1), (1.1, 2), (2.4, 2.5), (3, 5), (70, 100), (100, 100), (101, 200)]
)
def test_axis_ends_at_a_round_number(value, ceiling):
    assert nice_ceiling(value) == ceiling


def test_scale_without_extent_stays_at_its_start():
    assert Scale(5, 5, 10, 20)(5) == 10


@pytest.mark.parametrize("values", [[], [1], [0, 0], [1, 2, 3]])
def test_charts_bear_any_number_of_values(values):
    chart = Chart("Rides", [("Rides", values)], ["a"], str)
    assert area_chart(chart).startswith("<svg")
    assert bar_chart(chart).startswith("<svg")
    assert sparkline(values) == "" or sparkline(values).startswith("<svg")
