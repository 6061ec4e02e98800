"""The citizen's first screen: balance, what can be done, recent payments; the scanner; the page without a network.

It owns no data. It may call wallet, codes and payments, and shows the tiles that sectors bring.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from haihe.home.pages import HANDLERS, HomeScreen
from haihe.web.part import Link, Part

__all__ = ["part"]


def part(*, tiles: Sequence[Link], city_url: str) -> Part:
    """Give the home screen with the tiles of all sectors; `city_url` is the address that stands in stickers."""
    return Part(
        "home",
        handlers=HANDLERS,
        templates=Path(__file__).parent / "templates",
        dependencies={"home_screen": HomeScreen(tuple(tiles), city_url)},
    )
