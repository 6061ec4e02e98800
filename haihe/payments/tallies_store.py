"""All SQL of the tallies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from haihe.base.clock import CITY_ZONE
from haihe.base.database import Connection, one

BATCHES_MAX: Final = 500
"""Batches of a bucket that are added up in one transaction."""

_SPAN: Final = """
SELECT max(number), min(first_id), max(last_id)
FROM batches
WHERE bucket = %s AND number > %s AND number <= %s
"""

_ADD: Final = """
WITH moved_money AS MATERIALIZED (
    SELECT p.id, p.payer, p.payee, p.kind, p.amount, p.status, (p.paid_at AT TIME ZONE %(zone)s)::date AS day,
        extract(hour FROM p.paid_at AT TIME ZONE %(zone)s)::smallint AS hour
    FROM payments p
    WHERE p.bucket = %(bucket)s AND p.id BETWEEN %(first_id)s AND %(last_id)s
        AND p.batch > %(after)s AND p.batch <= %(newest)s AND p.status IN (0, 11)
), fresh AS (
    SELECT * FROM moved_money WHERE status = 0
), refunded AS (
    INSERT INTO refund_days AS r (bucket, day, payee, kind, refunds, amount, first_refund, last_refund)
    SELECT %(bucket)s, day, payee, kind, count(*), sum(amount), min(id), max(id)
    FROM moved_money
    WHERE status = 11
    GROUP BY day, payee, kind
    ON CONFLICT (bucket, day, payee, kind) DO UPDATE
    SET refunds = r.refunds + excluded.refunds,
        amount = r.amount + excluded.amount,
        first_refund = least(r.first_refund, excluded.first_refund),
        last_refund = greatest(r.last_refund, excluded.last_refund)
), counted AS (
    INSERT INTO tallies AS t (bucket, day, payee, kind, hour, payments, amount, first_payment, last_payment)
    SELECT %(bucket)s, day, payee, kind, hour, count(*), sum(amount), min(id), max(id)
    FROM fresh
    GROUP BY day, payee, kind, hour
    ON CONFLICT (bucket, day, payee, kind, hour) DO UPDATE
    SET payments = t.payments + excluded.payments,
        amount = t.amount + excluded.amount,
        first_payment = least(t.first_payment, excluded.first_payment),
        last_payment = greatest(t.last_payment, excluded.last_payment)
), met AS (
    INSERT INTO payers AS p (bucket, kind, year, citizen, first_day)
    SELECT %(bucket)s, f.kind, f.year, f.payer, f.day
    FROM (
        SELECT kind, extract(year FROM day)::smallint AS year, payer, min(day) AS day
        FROM fresh
        GROUP BY kind, extract(year FROM day), payer
    ) f
    WHERE NOT EXISTS (
        SELECT 1
        FROM payers k
        WHERE k.bucket = %(bucket)s AND k.kind = f.kind AND k.year = f.year AND k.citizen = f.payer AND k.first_day <= f.day
    )
    ON CONFLICT (bucket, kind, year, citizen) DO UPDATE
    SET first_day = excluded.first_day
    RETURNING kind, old.first_day AS before, new.first_day AS since
), days AS (
    INSERT INTO kind_days AS d (bucket, day, kind, payments, amount, newcomers)
    SELECT %(bucket)s, c.day, c.kind, sum(c.payments), sum(c.amount), sum(c.newcomers)
    FROM (
        SELECT day, kind, count(*) AS payments, sum(amount) AS amount, 0 AS newcomers FROM fresh GROUP BY day, kind
        UNION ALL
        SELECT since, kind, 0, 0, count(*) FROM met GROUP BY since, kind
    ) c
    GROUP BY c.day, c.kind
    ON CONFLICT (bucket, day, kind) DO UPDATE
    SET payments = d.payments + excluded.payments,
        amount = d.amount + excluded.amount,
        newcomers = d.newcomers + excluded.newcomers
), moved AS (
    UPDATE tally_cursors c
    SET batch = %(newest)s
    WHERE c.bucket = %(bucket)s
)
SELECT (SELECT count(*) FROM fresh),
    ARRAY(SELECT kind FROM met WHERE before IS NOT NULL), ARRAY(SELECT before FROM met WHERE before IS NOT NULL)
"""

# Whoever turned out to have paid on an earlier day is no newcomer of the later one any more.
_TAKE_BACK: Final = """
UPDATE kind_days d
SET newcomers = d.newcomers - n.citizens
FROM (
    SELECT kind, day, count(*) AS citizens
    FROM unnest(%(kinds)s::smallint[], %(days)s::date[]) AS m(kind, day)
    GROUP BY kind, day
) n
WHERE d.bucket = %(bucket)s AND d.day = n.day AND d.kind = n.kind
"""


@dataclass(frozen=True, slots=True)
class HourTally:
    """What an organisation was paid for one kind in one hour of a day: number and fen."""

    kind: int
    hour: int
    payments: int
    amount: int


@dataclass(frozen=True, slots=True)
class Sum:
    """A number of movements and their fen."""

    number: int = 0
    amount: int = 0


async def add(connection: Connection, bucket: int, *, after: int) -> tuple[int, int]:
    """Add up what was paid and refunded in the batches after one, at most `BATCHES_MAX`; give the last of them and how many payments they had.

    A batch is seen with all its payments or not at all: they were committed together, and are read after it.
    """
    span = await connection.execute(_SPAN, (bucket, after, after + BATCHES_MAX))
    newest, first_id, last_id = one(await span.fetchone())
    if newest is None:
        return after, 0
    parameters = {
        "bucket": bucket,
        "after": after,
        "newest": newest,
        "first_id": first_id,
        "last_id": last_id,
        "zone": CITY_ZONE.key,
    }
    payments, kinds, days = one(await (await connection.execute(_ADD, parameters)).fetchone())
    if kinds:
        await connection.execute(_TAKE_BACK, {"bucket": bucket, "kinds": kinds, "days": days})
    return int(newest), int(payments)


async def day_of(connection: Connection, buckets: Sequence[int], payee: int, day: date) -> list[HourTally]:
    """Read an organisation's day by kind and hour."""
    cursor = await connection.execute(
        """
        SELECT kind, hour, sum(payments)::bigint, sum(amount)::bigint
        FROM tallies
        WHERE bucket = ANY(%s::smallint[]) AND day = %s AND payee = %s
        GROUP BY kind, hour
        ORDER BY kind, hour
        """,
        (list(buckets), day, payee),
    )
    return [HourTally(*row) for row in await cursor.fetchall()]


async def newest_payments(
    connection: Connection, buckets: Sequence[int], payee: int, day: date, *, limit: int
) -> list[tuple[int, int]]:
    """Name the latest payments of an organisation's day, as (bucket, id), newest first.

    The tallies say between which ids each hour's payments lie and how many they are, so nothing else is read for long.
    """
    cursor = await connection.execute(
        """
        SELECT n.bucket, n.id
        FROM (
            SELECT *
            FROM tallies
            WHERE bucket = ANY(%(buckets)s::smallint[]) AND day = %(day)s AND payee = %(payee)s
        ) t
        CROSS JOIN LATERAL (
            SELECT p.bucket, p.id, p.paid_at
            FROM payments p
            WHERE p.bucket = t.bucket AND p.id BETWEEN t.first_payment AND t.last_payment AND p.payee = t.payee AND p.kind = t.kind
                AND p.status = 0 AND (p.paid_at AT TIME ZONE %(zone)s)::date = t.day
                AND extract(hour FROM p.paid_at AT TIME ZONE %(zone)s) = t.hour
            ORDER BY p.id DESC
            LIMIT least(t.payments, %(limit)s)
        ) n
        ORDER BY n.paid_at DESC, n.id DESC
        LIMIT %(limit)s
        """,
        {"buckets": list(buckets), "day": day, "payee": payee, "zone": CITY_ZONE.key, "limit": limit},
    )
    return [(bucket, identity) for bucket, identity in await cursor.fetchall()]


async def refunded_on(connection: Connection, buckets: Sequence[int], payee: int, day: date) -> Sum:
    """Read what an organisation gave back on a day."""
    cursor = await connection.execute(
        """
        SELECT coalesce(sum(refunds), 0)::bigint, coalesce(sum(amount), 0)::bigint
        FROM refund_days
        WHERE bucket = ANY(%s::smallint[]) AND day = %s AND payee = %s
        """,
        (list(buckets), day, payee),
    )
    return Sum(*one(await cursor.fetchone()))
