"""The bus's words: lines and their classes, vehicles, tariffs, rides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from haihe.base.i18n import N_, SOURCE_LANGUAGE

KIND: Final = "bus"
NUMBER: Final = 1
"""How a payment row stores this sector; never changes."""


class LineClass(IntEnum):
    """What decides a flat fare in Tianjin: comfort, and for ordinary buses the length of the line (demo/tianjin/tariffs.toml names the source)."""

    AIR_CONDITIONED = 1
    ORDINARY_LONG = 2
    ORDINARY_SHORT = 3


CLASS_NAMES: Final[Mapping[LineClass, str]] = {
    LineClass.AIR_CONDITIONED: N_("Air-conditioned"),
    LineClass.ORDINARY_LONG: N_("Ordinary, over 12 km"),
    LineClass.ORDINARY_SHORT: N_("Ordinary, up to 12 km"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A bus line: `number` is what stands on the bus, `names` tell where it goes, by language; length in metres, 0 unknown."""

    id: int
    organisation: int
    number: str
    names: Mapping[str, str]
    line_class: LineClass
    length_m: int = 0
    colour: str = ""

    def name(self, language: str) -> str:
        """Say where the line goes, in this language or another that there is."""
        return in_language(self.names, language)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A bus: the line it serves, its place among the line's buses from 1, its plate."""

    id: int
    line: int
    place: int
    plate: str


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a class of line costs (fen) from a service day on."""

    line_class: LineClass
    valid_from: date
    fare: int


@dataclass(frozen=True, slots=True)
class Ride:
    """A paid ride as it is stored; `payment` tells its time."""

    payment: int
    bucket: int
    vehicle: int
    rider: int
    line: int
    fare: int
    batch: int
    service_day: date
    channel: int
    companion: bool


@dataclass(frozen=True, slots=True)
class Takings:
    """What one vehicle earned on a service day: number of rides and fen."""

    line: int
    vehicle: int
    rides: int
    amount: int


def in_language(names: Mapping[str, str], language: str) -> str:
    """Choose a name: this language, else English, else any; empty if there is none."""
    return names.get(language) or names.get(SOURCE_LANGUAGE) or next(iter(names.values()), "")
