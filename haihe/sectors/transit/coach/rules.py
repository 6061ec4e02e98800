"""What a coach ride costs and when it is on sale: decisions without any I/O.

The fare of express coaches in Tianjin: a base rate for each passenger and kilometre, at most 30 % above it by route, and on
motorways each ticket bears toll / (seats x 50 %). The source is one travel page (middle confidence; demo/tianjin/coaches.toml). Each
item is rounded half up to the fen by itself, so that the items on the receipt add up to what is paid.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from haihe.base.clock import day_start
from haihe.catalogue.model import NotOffered
from haihe.codes.model import CODE_ALPHABET
from haihe.sectors.transit.coach.model import CoachTariff, Departure, Fare, Route

FACTOR_MAX: Final = 300
"""A route costs at most so much more than the base rate, in per mille."""
HOLD: Final = timedelta(minutes=15)
"""So long a seat is held for who ordered it and has not paid."""
SALES_DAYS: Final = 14
"""Tickets are sold for today and so many days more."""
CODE_CHARACTERS: Final = 12
"""58 bits: nobody finds a ticket by trying, and a driver can type it."""
CODE_GROUP: Final = 4
_METRES_KM: Final = 1000
_PER_MILLE: Final = 1000
_PERCENT: Final = 100


class CoachFaultyError(ValueError):
    """Data of routes or tariffs say what cannot be."""


def fare(tariff: CoachTariff, route: Route, *, distance_m: int, seats: int) -> Fare:
    """Price a ride. Raises `CoachFaultyError` for a factor above 30 %, no distance or no seats."""
    if not 0 <= route.factor <= FACTOR_MAX:
        raise CoachFaultyError(
            f"{route.key}: {route.factor} per mille above the rate; at most {FACTOR_MAX} are allowed"
        )
    if distance_m <= 0 or seats <= 0 or route.toll < 0:
        raise CoachFaultyError(f"{route.key}: {distance_m} m in a coach with {seats} seats, toll {route.toll} fen")
    return Fare(
        by_distance=_half_up(distance_m * tariff.per_km * (_PER_MILLE + route.factor), _METRES_KM * _PER_MILLE),
        surcharge=_half_up(route.toll * _PERCENT, seats * tariff.load_percent),
    )


def _half_up(dividend: int, divisor: int) -> int:
    return (2 * dividend + divisor) // (2 * divisor)


def tariff_on(tariffs: Iterable[CoachTariff], day: date) -> CoachTariff:
    """Give the tariff that holds on a day. Raises `NotOffered` before the first, after an end and in a gap."""
    begun = [one for one in tariffs if one.valid_from <= day]
    newest = max(begun, key=lambda one: one.valid_from, default=None)
    if newest is None or (newest.until is not None and day > newest.until):
        raise NotOffered
    return newest


def moment_at(departure: Departure, day: date, *, after_min: int = 0) -> datetime:
    """Say when a coach that leaves on a day is at a stop, in UTC."""
    leaves = timedelta(hours=departure.leaves.hour, minutes=departure.leaves.minute)
    return day_start(day) + leaves + timedelta(minutes=after_min)


def runs_on(departure: Departure, day: date) -> bool:
    """Tell whether a coach of the timetable runs on a day."""
    return day.isoweekday() in departure.weekdays


def check_route(route: Route) -> None:
    """Insist that a route leads somewhere: stops in order of distance and time, none twice. Raises `CoachFaultyError`."""
    steps = list(zip(route.calls, route.calls[1:], strict=False))
    if not steps or len({call.stop for call in route.calls}) != len(route.calls):
        raise CoachFaultyError(f"{route.key}: it needs two different stops at least, and none twice")
    if any(one.at_m >= other.at_m or one.after_min >= other.after_min for one, other in steps):
        raise CoachFaultyError(f"{route.key}: distances and times must rise from stop to stop")
    if not 0 <= route.factor <= FACTOR_MAX:
        raise CoachFaultyError(
            f"{route.key}: {route.factor} per mille above the rate; at most {FACTOR_MAX} are allowed"
        )


def first_free(taken: Iterable[int], seats: int) -> int | None:
    """Choose the lowest seat that nobody has, from 1; None if all are taken."""
    occupied = set(taken)
    return next((seat for seat in range(1, seats + 1) if seat not in occupied), None)


def read_code(text: str) -> str | None:
    """Read a ticket code as it was scanned or typed; None if it cannot be one."""
    code = "".join(text.split()).replace("-", "").upper()
    return code if len(code) == CODE_CHARACTERS and set(code) <= set(CODE_ALPHABET) else None


def written_code(code: str) -> str:
    """Write a code in groups of four, as it is read aloud."""
    return " ".join(code[start : start + CODE_GROUP] for start in range(0, len(code), CODE_GROUP))
