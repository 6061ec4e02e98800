"""All SQL of the city page: sums over the tallies and counts, never a person or a payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from haihe.base.database import Connection, one
from haihe.city.model import Spans


@dataclass(frozen=True, slots=True)
class KindYears:
    """What became of one kind in this year and the last."""

    payers: Spans = Spans()  # noqa: RUF009 - a frozen value
    payments: Spans = Spans()  # noqa: RUF009
    amount: Spans = Spans()  # noqa: RUF009


async def years(connection: Connection, buckets: Sequence[int], *, today: date, same_day: date) -> dict[int, KindYears]:
    """Sum up by kind: this year until today, last year until the same day, all of last year."""
    cursor = await connection.execute(
        """
        SELECT kind,
            ARRAY[sum(newcomers) FILTER (WHERE day >= %(january)s), sum(newcomers) FILTER (WHERE day <= %(same_day)s),
                sum(newcomers) FILTER (WHERE day < %(january)s)]::bigint[],
            ARRAY[sum(payments) FILTER (WHERE day >= %(january)s), sum(payments) FILTER (WHERE day <= %(same_day)s),
                sum(payments) FILTER (WHERE day < %(january)s)]::bigint[],
            ARRAY[sum(amount) FILTER (WHERE day >= %(january)s), sum(amount) FILTER (WHERE day <= %(same_day)s),
                sum(amount) FILTER (WHERE day < %(january)s)]::bigint[]
        FROM kind_days
        WHERE bucket = ANY(%(buckets)s::smallint[]) AND day BETWEEN %(january_before)s AND %(today)s
        GROUP BY kind
        """,
        {
            "buckets": list(buckets),
            "today": today,
            "same_day": same_day,
            "january": date(today.year, 1, 1),
            "january_before": date(today.year - 1, 1, 1),
        },
    )
    return {kind: KindYears(*(_spans(sums) for sums in arrays)) for kind, *arrays in await cursor.fetchall()}


async def refunded(connection: Connection, buckets: Sequence[int], *, today: date, same_day: date) -> Spans:
    """Sum up in fen what all organisations gave back, over the same spans."""
    cursor = await connection.execute(
        """
        SELECT ARRAY[sum(amount) FILTER (WHERE day >= %(january)s), sum(amount) FILTER (WHERE day <= %(same_day)s),
            sum(amount) FILTER (WHERE day < %(january)s)]::bigint[]
        FROM refund_days
        WHERE bucket = ANY(%(buckets)s::smallint[]) AND day BETWEEN %(january_before)s AND %(today)s
        """,
        {
            "buckets": list(buckets),
            "today": today,
            "same_day": same_day,
            "january": date(today.year, 1, 1),
            "january_before": date(today.year - 1, 1, 1),
        },
    )
    return _spans(one(await cursor.fetchone())[0])


def _spans(sums: Sequence[int | None]) -> Spans:
    return Spans(*(value or 0 for value in sums))


async def hours(connection: Connection, buckets: Sequence[int], day: date) -> dict[tuple[int, int], int]:
    """Count a day's payments of all organisations by kind and hour."""
    cursor = await connection.execute(
        """
        SELECT kind, hour, sum(payments)::bigint
        FROM tallies
        WHERE bucket = ANY(%s::smallint[]) AND day = %s
        GROUP BY kind, hour
        """,
        (list(buckets), day),
    )
    return {(kind, hour): payments for kind, hour, payments in await cursor.fetchall()}


async def registered(connection: Connection) -> int:
    """Count the registered citizens."""
    return await _count(connection, "SELECT count(*) FROM citizens")


async def paid_organisations(connection: Connection, buckets: Sequence[int], kind: str) -> int:
    """Count the organisations of a kind whose till ever was paid into."""
    return await _count(
        connection,
        """
        SELECT count(*)
        FROM organisations o
        WHERE o.kind = %s AND EXISTS (
            SELECT 1
            FROM accounts a
            WHERE a.bucket = ANY(%s::smallint[]) AND a.id = o.id AND a.credits_posted > 0
        )
        """,
        kind,
        list(buckets),
    )


async def services(connection: Connection, kind: str) -> int:
    """Count the services that organisations of a kind offer."""
    return await _count(
        connection,
        "SELECT count(*) FROM services s JOIN organisations o ON o.id = s.organisation WHERE o.kind = %s",
        kind,
    )


async def stickers_percent(connection: Connection) -> int:
    """Say how many per cent of the buses have a sticker in use, rounded down."""
    return await _count(
        connection,
        """
        SELECT coalesce(100 * count(*) FILTER (WHERE EXISTS (
            SELECT 1 FROM stickers s WHERE s.kind = 'bus' AND s.point = v.id AND s.revoked IS NULL
        )) / nullif(count(*), 0), 0)
        FROM vehicles v
        """,
    )


async def _count(connection: Connection, statement: str, *parameters: object) -> int:
    row = await (await connection.execute(statement.encode(), parameters)).fetchone()
    return int(one(row)[0])


async def has_past(connection: Connection) -> bool:
    """Tell whether this city was given a past that nobody lived."""
    cursor = await connection.execute("SELECT 1 FROM city WHERE name = 'past'")
    return await cursor.fetchone() is not None
