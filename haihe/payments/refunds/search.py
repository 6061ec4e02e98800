"""An organisation's payments and refunds, newest first, page by page; filters of day, amount and what combine.

Payments have no index by payee: the tallies know in which hours an organisation was paid, and between which ids. So a page reads the
newest hours and no others. A search that finds little stops after a while and says from where it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from haihe.base.clock import CITY_ZONE
from haihe.base.ids import ID_MAX
from haihe.ledger.service import bucket_count
from haihe.payments import store as payments_store
from haihe.payments.errors import CursorInvalid
from haihe.payments.refunds import search_store, store
from haihe.payments.refunds.search_store import Hour, Row, Scope

if TYPE_CHECKING:
    from haihe.base.database import Connection, Database
    from haihe.payments.model import Payment

PAGE_ROWS: Final = 50
AT_ONCE: Final = 2_000
"""Payments that are looked through in one statement."""
LOOKS_MAX: Final = 10
FIRST_DAY: Final = date(2017, 1, 1)
_EPOCH: Final = datetime(2017, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DIGITS_MAX: Final = 19


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for: an organisation's payments, or its refunds, of some days, of one amount in fen (0 any)."""

    organisation: int
    since: date
    until: date
    amount: int = 0
    refunds: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A payment or refund with what was given back of it, in fen."""

    payment: Payment
    refunded: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page, newest first; `next_cursor` None on the last one. `is_partial`: it stopped looking before it was full."""

    lines: Sequence[Line]
    next_cursor: str | None
    is_partial: bool = False


async def search(database: Database, wish: Wish, *, cursor: str | None = None) -> Page:
    """Read a page. Raises `CursorInvalid`."""
    before = read_cursor(cursor) if cursor else _after(wish.until)
    async with database.connection() as connection:
        scope = Scope(list(range(await bucket_count(connection))), wish.organisation, wish.refunds)
        found, going_on = await _look(connection, scope, wish, before)
        lines = await _lines(connection, found[:PAGE_ROWS])
    if len(found) > PAGE_ROWS:
        last = found[PAGE_ROWS - 1]
        return Page(lines, write_cursor((last.paid_at, last.id)))
    return Page(lines, write_cursor(going_on) if going_on else None, is_partial=going_on is not None)


async def _look(
    connection: Connection, scope: Scope, wish: Wish, before: tuple[datetime, int]
) -> tuple[list[Row], tuple[datetime, int] | None]:
    """Look through the newest hours until a page is full; say from where to go on if there is more to look through."""
    at = before[0].astimezone(CITY_ZONE)
    hours = await search_store.hours(
        connection,
        scope,
        since=wish.since,
        until=wish.until,
        newest=(at.date(), at.hour),
    )
    found: list[Row] = []
    for look, some in enumerate(_portions(hours), 1):
        found += await search_store.rows(
            connection,
            scope,
            first=some[-1],
            last=some[0],
            amount=wish.amount,
            before=before,
            limit=PAGE_ROWS + 1 - len(found),
        )
        is_end = some[-1] == hours[-1] and len(hours) < search_store.HOURS_MAX
        if len(found) > PAGE_ROWS or is_end:
            return found, None
        if look == LOOKS_MAX or some[-1] == hours[-1]:
            return found, (_start(some[-1]), 0)
    return found, None


def _portions(hours: Sequence[Hour]) -> Iterator[list[Hour]]:
    """Cut hours into portions that can be looked through at once."""
    portion: list[Hour] = []
    for hour in hours:
        portion.append(hour)
        if sum(one.rows for one in portion) >= AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def _start(hour: Hour) -> datetime:
    return datetime.combine(hour.day, time(hour.hour), CITY_ZONE).astimezone(UTC)


def _after(day: date) -> tuple[datetime, int]:
    return datetime.combine(day + timedelta(days=1), time(), CITY_ZONE).astimezone(UTC), 0


def write_cursor(place: tuple[datetime, int]) -> str:
    """Write a place in the list: what comes before this moment and id is the next page."""
    return f"{(place[0] - _EPOCH) // _MICROSECOND}-{place[1]}"


def read_cursor(text: str) -> tuple[datetime, int]:
    """Read a place in the list. Raises `CursorInvalid`."""
    moment, _, identity = text.partition("-")
    if not all(one.isascii() and one.isdecimal() and len(one) <= _DIGITS_MAX for one in (moment, identity)):
        raise CursorInvalid
    if int(identity) > ID_MAX:
        raise CursorInvalid
    try:
        return _EPOCH + int(moment) * _MICROSECOND, int(identity)
    except OverflowError as error:
        raise CursorInvalid from error


async def _lines(connection: Connection, rows: Sequence[Row]) -> list[Line]:
    """Read the payments of a page, and what of each was given back."""
    payments: dict[int, Payment] = {}
    rests: dict[int, int] = {}
    for bucket in sorted({row.bucket for row in rows}):
        ids = [row.id for row in rows if row.bucket == bucket]
        payments |= await payments_store.by_ids(connection, bucket, ids)
        rests |= await store.rests(connection, bucket, ids)
    found = [payments[row.id] for row in rows]
    return [Line(one, one.amount - rests.get(one.id, one.amount)) for one in found]
