"""Pictures for the documents: small files, phones in a row, and a moving picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page

from haihe.base.settings import PROJECT

PICTURES = PROJECT / "docs" / "pictures"
PICTURE_BYTES_MAX = 150_000
FOLDER_BYTES_MAX = 4_000_000
"""Some fifty pictures: every sector in three languages."""
MOVING_BYTES_MAX = 1_500_000
COLOURS = 128
PALETTE_FRAMES = 8
PAPER = (232, 238, 237)
ROUNDING = 26
GAP = 36


def look(page: Page) -> Image.Image:
    """Take a picture of what is on the screen now."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def keep(picture: Image.Image, name: str) -> None:
    """Write a picture into docs/pictures, with a palette instead of all colours."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    colours = COLOURS
    while True:
        made = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
        if made.tell() <= PICTURE_BYTES_MAX or colours < 16:
            break
        colours //= 2
    (PICTURES / f"{name}.png").write_bytes(made.getvalue())


def in_a_row(pictures: Sequence[Image.Image], *, height: int) -> Image.Image:
    """Put pictures of screens beside one another, all equally high."""
    scaled = [
        one.resize((round(one.width * height / one.height), height), Image.Resampling.LANCZOS) for one in pictures
    ]
    width = sum(one.width for one in scaled) + GAP * (len(scaled) + 1)
    row = Image.new("RGB", (width, height + 2 * GAP), PAPER)
    left = GAP
    for one in scaled:
        row.paste(one, (left, GAP), _rounded(one))
        left += one.width + GAP
    return row


def _rounded(picture: Image.Image) -> Image.Image:
    """Give a mask with round corners."""
    mask = Image.new("L", (picture.width * 2, picture.height * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), ROUNDING * 2, fill=255)
    return mask.resize(picture.size, Image.Resampling.LANCZOS)


@dataclass
class Film:
    """A moving picture: frames with the time that each of them stands, in milliseconds."""

    frames: list[Image.Image] = field(default_factory=list)
    stands_ms: list[int] = field(default_factory=list)

    def add(self, frame: Image.Image, ms: int) -> None:
        if self.frames and frame.tobytes() == self.frames[-1].tobytes():
            self.stands_ms[-1] += ms
        else:
            self.frames.append(frame)
            self.stands_ms.append(ms)

    def keep(self, path: Path) -> None:
        """Write a GIF; one palette for all frames keeps what stands still still."""
        some = self.frames[:: max(1, len(self.frames) // PALETTE_FRAMES)]
        strip = Image.new("RGB", (some[0].width, some[0].height * len(some)))
        for place, frame in enumerate(some):
            strip.paste(frame, (0, place * frame.height))
        palette = strip.quantize(COLOURS, dither=Image.Dither.NONE)
        flat = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self.frames]
        flat[0].save(path, save_all=True, append_images=flat[1:], duration=self.stands_ms, loop=0, optimize=True)
