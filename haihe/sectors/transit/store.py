"""SQL of the hot path and of what is read beside it: the catalogue in memory, second scans, rides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from haihe.base.database import Connection, one
from haihe.sectors.transit.model import NUMBER, Line, LineClass, Ride, Takings, Tariff, Vehicle
from haihe.sectors.transit.recent import RecentRide

_RIDE: Final = "r.payment, r.bucket, r.vehicle, p.payer, r.line, r.fare, p.batch, r.service_day, p.channel, r.companion"
_PAYMENT: Final = "JOIN payments p ON p.bucket = r.bucket AND p.id = r.payment"
"""Who rode, how it was paid and in which batch stands in the ride's payment alone."""
_LINE_COLUMNS: Final = "id, organisation, number, names, class, length_m, colour"


async def lines(connection: Connection) -> list[Line]:
    """Read all lines."""
    cursor = await connection.execute(f"SELECT {_LINE_COLUMNS} FROM lines")  # noqa: S608 - our own columns
    return [
        Line(identity, organisation, number, names, LineClass(line_class), length_m, colour)
        for identity, organisation, number, names, line_class, length_m, colour in await cursor.fetchall()
    ]


async def vehicles(connection: Connection) -> list[Vehicle]:
    """Read all vehicles."""
    cursor = await connection.execute("SELECT id, line, place, plate FROM vehicles")
    return [Vehicle(*row) for row in await cursor.fetchall()]


async def tariffs(connection: Connection) -> list[Tariff]:
    """Read all tariffs, past and future ones too."""
    cursor = await connection.execute("SELECT class, valid_from, fare FROM tariffs")
    return [Tariff(LineClass(line_class), valid_from, fare) for line_class, valid_from, fare in await cursor.fetchall()]


async def insert_tariffs(connection: Connection, many: Sequence[Tariff]) -> int:
    """Store tariffs that are not there yet; a stored one is never changed. Answers how many were new."""
    cursor = await connection.execute(
        """
        INSERT INTO tariffs (class, valid_from, fare)
        SELECT * FROM unnest(%s::smallint[], %s::date[], %s::bigint[])
        ON CONFLICT DO NOTHING
        """,
        (
            [int(tariff.line_class) for tariff in many],
            [tariff.valid_from for tariff in many],
            [tariff.fare for tariff in many],
        ),
    )
    return cursor.rowcount


async def newest_batch(connection: Connection, bucket: int) -> int:
    """Say which batch of a bucket is the newest; under the bucket's lock it stays so."""
    row = await (await connection.execute("SELECT batch FROM heads WHERE bucket = %s", (bucket,))).fetchone()
    return int(one(row)[0])


async def rides_since(connection: Connection, bucket: int, *, after: int, since: int) -> list[RecentRide]:
    """Read the rides that were paid after a batch, with ids not below `since`, in order; after batch 0 all of those."""
    cursor = await connection.execute(
        """
        SELECT p.id, p.payer, p.point
        FROM payments p
        WHERE p.bucket = %(bucket)s
            -- the batches say where to begin; after batch 0 nothing was read yet, and `since` alone does
            AND p.id >= greatest(%(since)s, (
                SELECT min(b.first_id) FROM batches b WHERE b.bucket = %(bucket)s AND b.number > %(after)s AND %(after)s > 0))
            AND p.batch > %(after)s
            AND p.kind = %(kind)s AND p.status = 0
        ORDER BY p.id
        """,
        {"bucket": bucket, "after": after, "since": since, "kind": NUMBER},
    )
    return [RecentRide(*row) for row in await cursor.fetchall()]


async def insert_rides(connection: Connection, bucket: int, rides: Sequence[Ride]) -> None:
    """Write rides of one bucket in one statement, which a pipeline need not wait for: it writes all or fails."""
    await connection.execute(
        """
        INSERT INTO rides (payment, bucket, vehicle, line, fare, service_day, companion)
        SELECT payment, %b::smallint, vehicle, line, fare, service_day, companion
        FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::date[], %b::boolean[])
            AS r(payment, vehicle, line, fare, service_day, companion)
        """,
        (
            bucket,
            [ride.payment for ride in rides],
            [ride.vehicle for ride in rides],
            [ride.line for ride in rides],
            [ride.fare for ride in rides],
            [ride.service_day for ride in rides],
            [ride.companion for ride in rides],
        ),
    )


async def rides_after(
    connection: Connection, vehicle: int, cursor: Mapping[int, int], *, since: int, limit: int
) -> list[Ride]:
    """Read a vehicle's rides of later batches than the cursor's (by bucket), not older than payment `since`.

    In the order of their ids, at most `limit`: who gets so many must read anew, as a batch may be cut in two.
    """
    found = await connection.execute(
        f"""
        SELECT {_RIDE}
        FROM unnest(%s::smallint[], %s::bigint[]) AS c(bucket, batch)
        JOIN rides r ON r.bucket = c.bucket AND r.vehicle = %s::bigint AND r.payment >= %s::bigint
        {_PAYMENT} AND p.batch > c.batch
        ORDER BY r.payment
        LIMIT %s
        """,  # noqa: S608 - our own columns
        (list(cursor), list(cursor.values()), vehicle, since, limit),
    )
    return [Ride(*row) for row in await found.fetchall()]


async def newest_rides(connection: Connection, vehicle: int, buckets: Sequence[int], *, limit: int) -> list[Ride]:
    """Read a vehicle's newest rides over all buckets, newest first; each bucket's index is read from its end."""
    found = await connection.execute(
        f"""
        SELECT n.*
        FROM unnest(%s::smallint[]) AS b(bucket)
        CROSS JOIN LATERAL (
            SELECT {_RIDE}
            FROM rides r
            {_PAYMENT}
            WHERE r.bucket = b.bucket AND r.vehicle = %s::bigint
            ORDER BY r.payment DESC
            LIMIT %s
        ) n
        ORDER BY n.payment DESC
        LIMIT %s
        """,  # noqa: S608 - our own columns
        (list(buckets), vehicle, limit, limit),
    )
    return [Ride(*row) for row in await found.fetchall()]


async def count_since(connection: Connection, vehicle: int, buckets: Sequence[int], *, since: int) -> int:
    """Count a vehicle's rides from payment `since` on."""
    found = await connection.execute(
        """
        SELECT count(*)
        FROM rides
        WHERE bucket = ANY(%s::smallint[]) AND vehicle = %s::bigint AND payment >= %s::bigint
        """,
        (list(buckets), vehicle, since),
    )
    return int(one(await found.fetchone())[0])


async def takings(
    connection: Connection, buckets: Sequence[int], vehicles: Sequence[int], *, day: date, since: int, until: int
) -> list[Takings]:
    """Sum up by line and vehicle what was earned on a service day, in rides with ids from `since` to below `until`."""
    found = await connection.execute(
        """
        SELECT line, vehicle, count(*), sum(fare)::bigint
        FROM rides
        WHERE bucket = ANY(%s::smallint[]) AND vehicle = ANY(%s::bigint[]) AND payment >= %s::bigint AND payment < %s::bigint
            AND service_day = %s
        GROUP BY line, vehicle
        """,
        (list(buckets), list(vehicles), since, until, day),
    )
    return [Takings(*row) for row in await found.fetchall()]


async def bump_catalogue(connection: Connection) -> None:
    """Tell every process that the catalogue changed; whoever changes it too waits until this transaction ends."""
    await connection.execute("UPDATE versions SET number = number + 1 WHERE name = 'catalogue'")
