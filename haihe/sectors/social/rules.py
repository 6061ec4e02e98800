"""Who may enrol when, at which tiers, and what a receipt number looks like. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set as AbstractSet
from datetime import date, timedelta
from typing import Final

from haihe.base.errors import BrokenInvariantError
from haihe.base.ids import LEG_BITS
from haihe.people.rules import age
from haihe.sectors.social.model import Group, Programme, Window, WindowRule

RECEIPT_GROUP: Final = 4
_ID_DIGITS: Final = 18
"""An id without its leg bits is below 2^59, that is 18 digits."""
_MODULUS: Final = 97
_ONE_DAY: Final = timedelta(days=1)
_LEAP_YEAR: Final = 2000


def programme_on(programmes: Iterable[Programme], day: date) -> Programme | None:
    """Give the rules that hold on a day: the newest that have begun."""
    begun = [one for one in programmes if one.valid_from <= day]
    return max(begun, key=lambda one: one.valid_from, default=None)


# --- windows


def window_on(rules: Sequence[WindowRule], day: date) -> Window | None:
    """Find the window that is open on a day."""
    return next((one for one in _around(rules, day) if one.opens <= day <= one.closes), None)


def last_closed(rules: Sequence[WindowRule], day: date) -> Window | None:
    """Find the window that closed last before a day."""
    return max((one for one in _around(rules, day) if one.closes < day), key=lambda one: one.closes, default=None)


def next_open(rules: Sequence[WindowRule], day: date) -> Window | None:
    """Find the window that opens next after a day."""
    return min((one for one in _around(rules, day) if one.opens > day), key=lambda one: one.opens, default=None)


def covered_from(window: Window, day: date) -> date:
    """Say from when someone who enrols on a day is covered: the first of the year, or after the waiting time of who is late."""
    return max(date(window.year, 1, 1), day + timedelta(days=window.waiting_days))


def _around(rules: Sequence[WindowRule], day: date) -> Iterator[Window]:
    for rule in rules:
        for year in (day.year - 1, day.year, day.year + 1):
            yield _window(rule, year)


def _window(rule: WindowRule, year: int) -> Window:
    opens, closes = _on(year, rule.start), _on(year, rule.end)
    if closes < opens:
        closes = _on(year + 1, rule.end)
    return Window(opens, closes, year + (rule.year == "next"), rule.waiting_days)


def _on(year: int, text: str) -> date:
    """Read 02-29 as the last day of February in every year."""
    month, day = (int(part) for part in text.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month + 1, 1) - _ONE_DAY


# --- groups


def group_of(groups: Iterable[Group], *, born: date, day: date, standings: AbstractSet[str]) -> Group | None:
    """Find the first group that fits someone on a day."""
    years = age(born, day)
    return next(
        (one for one in groups if one.start <= years <= one.end and (not one.standing or one.standing in standings)),
        None,
    )


def check_programme(windows: Sequence[WindowRule], groups: Sequence[Group]) -> None:
    """Raise ValueError for a day that no year has, windows that overlap, groups that nobody can be in."""
    for one in windows:
        for text in (one.start, one.end):
            date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    days = [day for rule in windows for day in _days(_window(rule, _LEAP_YEAR))]
    if len(days) != len(set(days)):
        raise ValueError("windows overlap")
    if any(one.waiting_days < 0 for one in windows):
        raise ValueError("a waiting time is negative")
    for group in groups:
        if group.start > group.end or (group.subsidised and not group.service):
            raise ValueError(f"the group {group.key} cannot be")


def _days(window: Window) -> Iterator[tuple[int, int]]:
    day = window.opens
    while day <= window.closes:
        yield day.month, day.day
        day += _ONE_DAY


# --- the official receipt


def receipt_number(*, year: int, identity: int) -> str:
    """Make the official number of a receipt: 24 digits.

    The year that is covered (4), the contribution's id without its leg bits (18), two check digits by ISO 7064 MOD 97-10: the whole
    number leaves 1 when it is divided by 97, so that a wrong digit or two that were swapped are noticed.
    """
    if identity % (1 << LEG_BITS):
        raise BrokenInvariantError(f"{identity} is no id of a contribution")
    body = f"{year:04d}{identity >> LEG_BITS:0{_ID_DIGITS}d}"
    return f"{body}{_MODULUS + 1 - int(body) * 100 % _MODULUS:02d}"


def is_receipt_number(text: str) -> bool:
    """Tell whether a text, spaces aside, is a receipt number without a typing error."""
    digits = "".join(text.split())
    return len(digits) == 4 + _ID_DIGITS + 2 and digits.isascii() and digits.isdigit() and int(digits) % _MODULUS == 1


def grouped(receipt: str) -> str:
    """Write a receipt number as people read it aloud, four digits at a time."""
    return " ".join(receipt[start : start + RECEIPT_GROUP] for start in range(0, len(receipt), RECEIPT_GROUP))
