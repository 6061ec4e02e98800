"""A shop's words: the point where it takes money, and how a day went there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from haihe.codes.model import Sticker
from haihe.organisations.model import name_in

KIND: Final = "shop"
"""The kind of codes and of terminals."""
NUMBER: Final = 2
"""What stands for the kind in payment rows."""
SHOP: Final = "shop"
"""The kind of organisation."""
SALE_FEN_MAX: Final = 5_000_000
"""The largest single sale: fifty thousand yuan. What costs more is not sold over a counter."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a shop takes money: a till or a stall, at its `place` within the shop from 1."""

    id: int
    organisation: int
    place: int
    names: Mapping[str, str]

    def name(self, language: str) -> str:
        """Give the name in a language."""
        return name_in(self.names, language)


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A point to be there: an existing one of the same place stays as it is."""

    organisation: int
    place: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PointDay:
    """A point on one day: sales, fen, and the sticker in use."""

    point: Point
    sales: int
    amount: int
    sticker: Sticker | None = None
