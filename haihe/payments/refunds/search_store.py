"""All SQL of an organisation's list of payments and refunds. The tallies say between which ids an hour's payments lie."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

from haihe.base.clock import CITY_ZONE
from haihe.base.database import Connection

HOURS_MAX: Final = 1_000
"""Hours with payments that one search looks up at once."""


class Scope(NamedTuple):
    """Whose payments, or refunds, in which buckets."""

    buckets: list[int]
    payee: int
    refunds: bool


class Hour(NamedTuple):
    """An hour in which an organisation was paid (of refunds: a day, hour 0), and how often."""

    day: date
    hour: int
    rows: int


_HOURS: Final = """
SELECT day, hour, sum(payments)::bigint
FROM tallies
WHERE bucket = ANY(%(buckets)s::smallint[]) AND payee = %(payee)s AND day BETWEEN %(since)s AND %(until)s AND (day, hour) <= (%(day)s, %(hour)s)
GROUP BY day, hour
ORDER BY day DESC, hour DESC
LIMIT %(limit)s
"""

_DAYS: Final = """
SELECT day, 0, sum(refunds)::bigint
FROM refund_days
WHERE bucket = ANY(%(buckets)s::smallint[]) AND payee = %(payee)s AND day BETWEEN %(since)s AND %(until)s AND day <= %(day)s
GROUP BY day
ORDER BY day DESC
LIMIT %(limit)s
"""

_PAID: Final = """
SELECT n.bucket, n.id, n.paid_at
FROM (
    SELECT bucket, kind, day, hour, first_payment AS first_id, last_payment AS last_id
    FROM tallies
    WHERE bucket = ANY(%(buckets)s::smallint[]) AND payee = %(payee)s AND (day, hour) BETWEEN (%(from_day)s, %(from_hour)s) AND (%(to_day)s, %(to_hour)s)
) t
CROSS JOIN LATERAL (
    SELECT p.bucket, p.id, p.paid_at
    FROM payments p
    WHERE p.bucket = t.bucket AND p.id BETWEEN t.first_id AND t.last_id AND p.payee = %(payee)s AND p.kind = t.kind AND p.status = 0
        AND (p.paid_at AT TIME ZONE %(zone)s)::date = t.day AND extract(hour FROM p.paid_at AT TIME ZONE %(zone)s) = t.hour
        AND (%(amount)s = 0 OR p.amount = %(amount)s) AND (p.paid_at, p.id) < (%(before)s, %(before_id)s)
    ORDER BY p.paid_at DESC, p.id DESC
    LIMIT %(limit)s
) n
ORDER BY n.paid_at DESC, n.id DESC
LIMIT %(limit)s
"""

_REFUNDED: Final = """
SELECT n.bucket, n.id, n.paid_at
FROM (
    SELECT bucket, kind, day, first_refund AS first_id, last_refund AS last_id
    FROM refund_days
    WHERE bucket = ANY(%(buckets)s::smallint[]) AND payee = %(payee)s AND day BETWEEN %(from_day)s AND %(to_day)s
) t
CROSS JOIN LATERAL (
    SELECT p.bucket, p.id, p.paid_at
    FROM payments p
    WHERE p.bucket = t.bucket AND p.id BETWEEN t.first_id AND t.last_id AND p.payee = %(payee)s AND p.kind = t.kind AND p.status = 11
        AND (p.paid_at AT TIME ZONE %(zone)s)::date = t.day
        AND (%(amount)s = 0 OR p.amount = %(amount)s) AND (p.paid_at, p.id) < (%(before)s, %(before_id)s)
    ORDER BY p.paid_at DESC, p.id DESC
    LIMIT %(limit)s
) n
ORDER BY n.paid_at DESC, n.id DESC
LIMIT %(limit)s
"""


class Row(NamedTuple):
    """A payment or refund that was found."""

    bucket: int
    id: int
    paid_at: datetime


async def hours(
    connection: Connection, scope: Scope, *, since: date, until: date, newest: tuple[date, int]
) -> list[Hour]:
    """Read the hours in which there is something, newest first, not after `newest` (day, hour); at most `HOURS_MAX`."""
    parameters = {
        "buckets": scope.buckets,
        "payee": scope.payee,
        "since": since,
        "until": until,
        "day": newest[0],
        "hour": newest[1],
        "limit": HOURS_MAX,
    }
    cursor = await connection.execute((_DAYS if scope.refunds else _HOURS).encode(), parameters)
    return [Hour(*row) for row in await cursor.fetchall()]


async def rows(
    connection: Connection,
    scope: Scope,
    *,
    first: Hour,
    last: Hour,
    amount: int,
    before: tuple[datetime, int],
    limit: int,
) -> list[Row]:
    """Read what happened from hour `first` to `last`, newest first, of an amount (0 any), before a moment and id."""
    parameters = {
        "buckets": scope.buckets,
        "payee": scope.payee,
        "from_day": first.day,
        "from_hour": first.hour,
        "to_day": last.day,
        "to_hour": last.hour,
        "amount": amount,
        "before": before[0],
        "before_id": before[1],
        "zone": CITY_ZONE.key,
        "limit": limit,
    }
    cursor = await connection.execute((_REFUNDED if scope.refunds else _PAID).encode(), parameters)
    return [Row(*row) for row in await cursor.fetchall()]
