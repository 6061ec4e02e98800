"""From readings to lines of a bill, without any I/O.

Use is the difference of two readings and belongs to the day of the later one. Yearly steps count what was used since the last
reading of the year before. Monthly steps count by month: a reading that comes months after the one before is spread evenly over
them, so that nobody reaches a dearer step because the meter was read late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Literal

from haihe.catalogue.model import NotOffered
from haihe.catalogue.prices import Fixed, Item, PerUnit, Price, Tiers, tier_items, unit_item
from haihe.sectors.utilities.errors import DateInFuture, DateNotAfterLast, MonthBilled, ValueLower
from haihe.sectors.utilities.model import Plan, Reading, Row

WHOLE: Final = 1000
"""Flat services are one unit."""


def period_start(period: Literal["month", "year"], day: date) -> date:
    """Give the first day of the month or year."""
    return day.replace(day=1) if period == "month" else day.replace(month=1, day=1)


def month_of(day: date) -> str:
    """Name a month as a period: 2026-10."""
    return f"{day:%Y-%m}"


def used_before(history: Sequence[Reading], start: date) -> int:
    """Say how much was read as used since a period's start; `history` ascends and is not empty."""
    last = history[-1]
    if last.read_on < start:
        return 0
    earlier = [one for one in history if one.read_on < start]
    base = earlier[-1] if earlier else history[0]
    return last.value_milli - base.value_milli + (0 if earlier else base.carried_milli)


def check_row(row: Row, history: Sequence[Reading], *, today: date) -> bool:
    """Tell whether a row is news; False for one that was taken before.

    Raises `DateInFuture`, `DateNotAfterLast`, `ValueLower`, `MonthBilled`.
    """
    if row.read_on > today:
        raise DateInFuture
    if any((one.read_on, one.value_milli) == (row.read_on, row.value_milli) for one in history):
        return False
    if history and row.read_on <= history[-1].read_on:
        raise DateNotAfterLast(day=history[-1].read_on)
    if history and row.value_milli < history[-1].value_milli:
        raise ValueLower(last=history[-1].value_milli / WHOLE)
    if any(one.due and month_of(one.read_on) == month_of(row.read_on) for one in history):
        raise MonthBilled(day=row.read_on)
    return True


def metered_items(price: Price, history: Sequence[Reading], row: Row) -> tuple[Item, ...]:
    """Itemise what was used between the last reading and a new one. Raises `NotOffered` for a price that meters cannot have."""
    last = history[-1]
    quantity_milli = row.value_milli - last.value_milli
    match price:
        case Tiers(period="year"):
            used_milli = used_before(history, period_start("year", row.read_on))
            return tier_items(price, used_milli=used_milli, quantity_milli=quantity_milli)
        case Tiers():
            used_milli = used_before(history, period_start("month", row.read_on))
            return _spread(price, used_milli, quantity_milli, months=_months(last.read_on, row.read_on))
        case PerUnit():
            return (unit_item(price, quantity_milli=quantity_milli),) if quantity_milli else ()
        case _:
            raise NotOffered


def area_items(price: Price, area_milli: int) -> tuple[Item, ...]:
    """Itemise a season by area. Raises `NotOffered` for a price that is not by unit."""
    if not isinstance(price, PerUnit):
        raise NotOffered
    return (unit_item(price, quantity_milli=area_milli),)


def flat_items(price: Price) -> tuple[Item, ...]:
    """Itemise a fixed monthly price. Raises `NotOffered` for another one."""
    if not isinstance(price, Fixed):
        raise NotOffered
    return (Item(WHOLE, "", price.amount, price.amount),)


def _months(earlier: date, later: date) -> int:
    return max(1, (later.year - earlier.year) * 12 + later.month - earlier.month)


def _spread(price: Tiers, used_milli: int, quantity_milli: int, *, months: int) -> tuple[Item, ...]:
    """Itemise month by month and put equal prices together again; the last month gets what does not divide."""
    share = quantity_milli // months
    parts = [share] * (months - 1) + [quantity_milli - share * (months - 1)]
    by_price: dict[int, int] = defaultdict(int)
    for part in parts:
        for item in tier_items(price, used_milli=used_milli, quantity_milli=part):
            by_price[item.price] += item.quantity_milli
    return tuple(unit_item(PerUnit(price.unit, fen), quantity_milli=milli) for fen, milli in by_price.items())


def season_of(plan: Plan, day: date) -> tuple[str, date]:
    """Name the season that is billed on a day, and until when it is to be paid: ("2026-2027", 31 December 2026).

    Who is billed late still has the plan's days to pay.
    """
    year = day.year if day >= _on(plan.season_starts, day.year) else day.year - 1
    deadline = _on(plan.season_ends, year)
    if deadline < _on(plan.season_starts, year):
        deadline = _on(plan.season_ends, year + 1)
    return f"{year}-{year + 1}", max(deadline, day + timedelta(days=plan.due_days))


def _on(month_and_day: str, year: int) -> date:
    return date.fromisoformat(f"{year}-{month_and_day}")
