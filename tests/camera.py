"""A fake camera: films of a sticker as a phone would see it, in the form that Chromium takes for a camera (MJPEG).

    camera = Camera(folder / "film.mjpeg")
    browser = launch(args=[*camera.options()])
    camera.sees(still(sticker))

The film may be changed at any time: Chromium opens it when a page asks for the camera.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

SIZE = (1280, 720)
STEPS = 12
FRAMES_A_SECOND = 30
"""How fast Chromium plays a film."""
STICKER_HEIGHT = 560
"""Of the picture's 720 lines; the square of the code is a little more than half of it."""
DIM = 0.3
GRAIN = 0.12
TILT = (1.05, 0.16, -120.0, -0.1, 1.08, 40.0, 2.4e-4, -1.6e-4)
"""Coefficients of a perspective: seen from the left and from below, a little turned."""


@dataclass(frozen=True)
class Camera:
    """The film that Chromium shows to pages as the camera's picture."""

    film: Path

    def options(self) -> list[str]:
        """Give what Chromium has to be started with."""
        self.sees_nothing()
        return [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={self.film}",
        ]

    def sees(self, frames: Iterable[Image.Image]) -> None:
        """Show these frames over and over, from the next time on that a page opens the camera."""
        film = b"".join(_jpeg(frame) for frame in frames)
        fresh = self.film.with_suffix(".new")
        fresh.write_bytes(film)
        fresh.replace(self.film)

    def sees_nothing(self) -> None:
        """Look at the inside of a bus without any sticker."""
        self.sees([_wall()])


def code(text: str) -> Image.Image:
    """Draw a bare QR code, as a stranger would stick it over ours."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=8, border=4)
    return Image.open(drawn).convert("RGB")


def still(sticker: Image.Image) -> list[Image.Image]:
    """Hold the phone still in front of it."""
    return [_before_the_wall(sticker, share=1.0)]


def walking_up(sticker: Image.Image) -> list[Image.Image]:
    """Get on the bus: the sticker comes nearer, and stays."""
    steps = [_before_the_wall(sticker, share=0.25 + 0.75 * step / STEPS) for step in range(STEPS)]
    return [*steps, *[steps[-1]] * STEPS]


def looking_around(sticker: Image.Image) -> list[Image.Image]:
    """See the bus for a second, then the sticker."""
    return [_wall()] * FRAMES_A_SECOND + [frame for frame in walking_up(sticker) for _ in range(2)]


def askew_at_night(sticker: Image.Image) -> list[Image.Image]:
    """See it aslant and in bad light: dark, grainy, a little out of focus."""
    seen = _before_the_wall(sticker, share=0.95).transform(
        SIZE, Image.Transform.PERSPECTIVE, TILT, resample=Image.Resampling.BICUBIC, fillcolor=(52, 66, 63)
    )
    dark = ImageEnhance.Brightness(seen.filter(ImageFilter.GaussianBlur(0.8))).enhance(DIM)
    return [Image.blend(dark, Image.effect_noise(SIZE, 60).convert("RGB"), GRAIN) for _ in range(3)]


def _before_the_wall(sticker: Image.Image, *, share: float) -> Image.Image:
    """Put the sticker in the middle of the picture, `share` of its full size."""
    height = round(STICKER_HEIGHT * share)
    width = round(sticker.width * height / sticker.height)
    picture = _wall()
    picture.paste(
        sticker.convert("RGB").resize((width, height), Image.Resampling.LANCZOS),
        ((SIZE[0] - width) // 2, (SIZE[1] - height) // 2),
    )
    return picture


def _wall() -> Image.Image:
    """Paint the inside of a bus door: grey panels, a yellow bar to hold on to, no code anywhere."""
    wall = Image.new("RGB", SIZE, (104, 122, 119))
    draw = ImageDraw.Draw(wall)
    draw.rectangle((0, 0, SIZE[0], 60), fill=(78, 94, 91))
    draw.rectangle((330, 0, 362, SIZE[1]), fill=(214, 172, 58))
    return wall


def _jpeg(frame: Image.Image) -> bytes:
    made = io.BytesIO()
    frame.save(made, "JPEG", quality=88)
    return made.getvalue()
