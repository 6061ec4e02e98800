"""Decisions of the bus, without any I/O."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from haihe.base.ids import first_id_at
from haihe.sectors.transit.model import LineClass, Tariff

SECOND_SCAN: Final = timedelta(minutes=3)
"""Within it the same rider in the same vehicle has paid already (story T2)."""
LONG_LINE_M: Final = 12_000
"""An ordinary line longer than this costs more (demo/tianjin/tariffs.toml names the source)."""


class NoTariffError(LookupError):
    """No tariff of a class has begun by a day."""


def fare(tariffs: Iterable[Tariff], line_class: LineClass, day: date) -> int:
    """Give the flat fare in fen of a class of line on a service day. Raises `NoTariffError`."""
    begun = [tariff for tariff in tariffs if tariff.line_class is line_class and tariff.valid_from <= day]
    if not begun:
        raise NoTariffError(f"no tariff for {line_class.name} on {day}")
    return max(begun, key=lambda tariff: tariff.valid_from).fare


def ordinary_class(length_m: int) -> LineClass:
    """Tell the class of an ordinary line by its length."""
    return LineClass.ORDINARY_LONG if length_m > LONG_LINE_M else LineClass.ORDINARY_SHORT


def first_blocking_id(scanned_at: datetime) -> int:
    """Give the smallest payment id that makes a scan a second one: made later than 3 minutes before, to the millisecond.

    A ride exactly 3 minutes ago no longer counts.
    """
    to_the_millisecond = scanned_at.replace(microsecond=scanned_at.microsecond // 1000 * 1000)
    return first_id_at(to_the_millisecond - SECOND_SCAN + timedelta(milliseconds=1))
