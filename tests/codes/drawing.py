"""Turns the codes that we draw as SVG back into pixels and reads them with a library that is not ours."""

from __future__ import annotations

import re

import zxingcpp
from PIL import Image

MODULE_PIXELS = 6
_RUN = re.compile(r"M(\d+) (\d+)\.5h(\d+)")
_BOX = re.compile(r'viewBox="-(\d+) -\d+ (\d+) \d+"')


def pixels(svg: str) -> Image.Image:
    """Paint the dark runs of a drawn QR code."""
    quiet, size = map(int, _BOX.search(svg).groups())  # type: ignore[union-attr]
    image = Image.new("L", (size, size), 255)
    for x, y, length in ((int(found[1]), int(found[2]), int(found[3])) for found in _RUN.finditer(svg)):
        for step in range(length):
            image.putpixel((x + step + quiet, y + quiet), 0)
    return image.resize((size * MODULE_PIXELS, size * MODULE_PIXELS), Image.Resampling.NEAREST)


def read_drawn(svg: str) -> str:
    """Read what a drawn QR code says."""
    (found,) = zxingcpp.read_barcodes(pixels(svg))
    text: str = found.text
    return text
