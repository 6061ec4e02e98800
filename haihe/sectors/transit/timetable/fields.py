"""Reads single values of a row. Each raises `FaultyError` with the reason that is listed."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from datetime import date
from typing import Final

from haihe.sectors.transit.timetable.report import FaultyError
from haihe.sectors.transit.timetable.table import Row

TEXT_CHARACTERS_MAX: Final = 1_000
KEY_CHARACTERS_MAX: Final = 200
"""Longer ones would not fit into an index."""
INTEGER_DIGITS_MAX: Final = 9
_TIME: Final = re.compile(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])")
_DAY: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_COLOUR: Final = re.compile(r"[0-9A-Fa-f]{6}")
_BASIC_ROUTE_TYPES: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 7, 11, 12})
_EXTENDED_ROUTE_TYPES: Final = range(100, 1703)


def text(row: Row, name: str) -> str:
    """Read a text that must be there."""
    value = row[name]
    if not value:
        raise FaultyError(f"{name} is empty")
    if len(value) > TEXT_CHARACTERS_MAX:
        raise FaultyError(f"{name} has more than {TEXT_CHARACTERS_MAX} characters")
    return value


def key(row: Row, name: str) -> str:
    """Read the key of something."""
    value = text(row, name)
    if len(value) > KEY_CHARACTERS_MAX:
        raise FaultyError(f"{name} has more than {KEY_CHARACTERS_MAX} characters")
    return value


def optional(row: Row, name: str) -> str:
    """Read a text that may be missing, column and all."""
    return row.get(name, "")[:TEXT_CHARACTERS_MAX]


def integer(row: Row, name: str) -> int:
    """Read a whole number from 0 on."""
    value = row[name]
    if not (value.isascii() and value.isdigit() and len(value) <= INTEGER_DIGITS_MAX):
        raise FaultyError(f"{name} {value!r} is not a whole number")
    return int(value)


def choice(row: Row, name: str, allowed: frozenset[str]) -> str:
    """Read one of a few values; an empty or missing one only where that is allowed too."""
    value = row.get(name, "")
    if value not in allowed:
        raise FaultyError(f"{name} {value!r} is not one of {', '.join(sorted(filter(None, allowed)))}")
    return value


def place(row: Row, *, latitude: str, longitude: str) -> tuple[float, float]:
    """Read a place on earth in degrees; 0, 0 is where those lie that have none."""
    north, east = _degrees(row, latitude, 90), _degrees(row, longitude, 180)
    if abs(north) < 1 and abs(east) < 1:
        raise FaultyError(f"{latitude} and {longitude} are those of a place that was not measured")
    return north, east


def _degrees(row: Row, name: str, largest: int) -> float:
    try:
        value = float(row[name])
    except ValueError:
        value = math.nan
    if not abs(value) <= largest or "_" in row[name]:
        raise FaultyError(f"{name} {row[name]!r} is not a number from -{largest} to {largest}")
    return value


def seconds(row: Row, name: str) -> int | None:
    """Read a time of the service day as seconds; after midnight it goes on beyond 24:00:00. None if empty."""
    value = row.get(name, "")
    if not value:
        return None
    match = _TIME.fullmatch(value)
    if match is None:
        raise FaultyError(f"{name} {value!r} is not a time like 07:05:00")
    hours, minutes, rest = map(int, match.groups())
    return (hours * 60 + minutes) * 60 + rest


def day(row: Row, name: str) -> date:
    """Read a date like 20170629."""
    match = _DAY.fullmatch(row[name])
    with suppress(ValueError):
        if match:
            return date(*map(int, match.groups()))
    raise FaultyError(f"{name} {row[name]!r} is not a date like 20170629")


def route_type(row: Row) -> int:
    """Read what runs on a route: 3 is a bus."""
    number = integer(row, "route_type")
    if number not in _BASIC_ROUTE_TYPES and number not in _EXTENDED_ROUTE_TYPES:
        raise FaultyError(f"route_type {number} does not exist")
    return number


def colour(row: Row, name: str) -> str:
    """Read a colour of six hexadecimal digits; anything else is decoration that we do without."""
    value = row.get(name, "").removeprefix("#")
    return value.lower() if _COLOUR.fullmatch(value) else ""
