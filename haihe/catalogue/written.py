"""Prices and opening hours as they are written: alike in the files that declare services and in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any, Final, cast

import msgspec

from haihe.catalogue.model import EVERY_DAY, Hours
from haihe.catalogue.prices import Price, PriceFaultyError

END_OF_DAY: Final = "24:00"


class WrittenHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """Hours as data: {weekdays = [1, 2], from = "06:30", to = "24:00"}; no weekdays means every day."""

    start: str
    end: str
    weekdays: frozenset[int] = EVERY_DAY


def read_price(data: object) -> Price:
    """Read a price from plain data. Raises msgspec.ValidationError; whether it can be charged is `check_price`'s to say."""
    return cast("Price", msgspec.convert(data, Price))


def write_price(price: Price) -> Any:
    """Write a price as plain data."""
    return msgspec.to_builtins(price)


def read_hours(written: Sequence[WrittenHours]) -> tuple[Hours, ...]:
    """Read opening hours. Raises `PriceFaultyError` for what is no time of day."""
    return tuple(Hours(_time(one.start), _time(one.end), one.weekdays) for one in written)


def write_hours(opens: Sequence[Hours]) -> Any:
    """Write opening hours as plain data."""
    return [
        {"weekdays": sorted(hours.weekdays), "from": f"{hours.start:%H:%M}", "to": f"{hours.end:%H:%M}"}
        for hours in opens
    ]


def _time(text: str) -> time:
    """Read 06:30; the end of the day is midnight, which `Hours` take for the next day's."""
    try:
        return time.min if text == END_OF_DAY else datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day
    except ValueError as error:
        raise PriceFaultyError(f"{text!r} is no time of day, such as 06:30") from error
