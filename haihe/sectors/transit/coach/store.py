"""All SQL about coaches: the catalogue in memory, runs, tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from psycopg.types.json import Jsonb

from haihe.base.database import Connection, expect_rows, one
from haihe.sectors.transit.coach.model import Call, CoachTariff, Departure, Route, Run, Seats, Stop, Ticket

_TICKET: Final = (
    "t.id, t.run, t.citizen, t.due, t.payment, t.by_distance, t.surcharge, t.checked_at, t.held_until, t.seat, "
    "t.from_place, t.to_place, t.released, t.code, r.departure, r.day"
)

# --- the catalogue


async def stops(connection: Connection) -> list[Stop]:
    """Read all stops in the order of their making."""
    cursor = await connection.execute("SELECT id, key, names FROM coach_stops ORDER BY id")
    return [Stop(*row) for row in await cursor.fetchall()]


async def routes(connection: Connection) -> list[Route]:
    """Read all routes with their stops."""
    cursor = await connection.execute(
        """
        SELECT r.id, r.organisation, r.key, r.names, r.factor, r.toll,
            array_agg(s.stop ORDER BY s.place), array_agg(s.at_m ORDER BY s.place), array_agg(s.after_min ORDER BY s.place)
        FROM coach_routes r
        JOIN coach_route_stops s ON s.route = r.id
        GROUP BY r.id
        ORDER BY r.id
        """
    )
    return [
        Route(identity, organisation, key, names, factor, toll, tuple(Call(*call) for call in zip(*calls, strict=True)))
        for identity, organisation, key, names, factor, toll, *calls in await cursor.fetchall()
    ]


async def departures(connection: Connection) -> list[Departure]:
    """Read the timetable by time."""
    cursor = await connection.execute(
        "SELECT id, route, leaves, seats, weekdays FROM coach_departures ORDER BY leaves, id"
    )
    return [
        Departure(identity, route, leaves, seats, frozenset(weekdays))
        for identity, route, leaves, seats, weekdays in await cursor.fetchall()
    ]


async def tariffs(connection: Connection) -> list[CoachTariff]:
    """Read all tariffs, past and future ones too."""
    cursor = await connection.execute("SELECT valid_from, per_km, load_percent, until FROM coach_tariffs")
    return [CoachTariff(*row) for row in await cursor.fetchall()]


async def put_stops(connection: Connection, many: Sequence[Stop]) -> None:
    """Store stops by key, or bring their names up to date."""
    await connection.execute(
        """
        INSERT INTO coach_stops (id, key, names)
        SELECT * FROM unnest(%s::bigint[], %s::text[], %s::jsonb[])
        ON CONFLICT (key) DO UPDATE SET names = excluded.names
        """,
        ([one.id for one in many], [one.key for one in many], [Jsonb(dict(one.names)) for one in many]),
    )


async def put_routes(connection: Connection, many: Sequence[Route]) -> None:
    """Store routes by company and key, or bring them up to date, without their stops."""
    await connection.execute(
        """
        INSERT INTO coach_routes (id, organisation, key, names, factor, toll)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::jsonb[], %s::smallint[], %s::bigint[])
        ON CONFLICT (organisation, key) DO UPDATE SET names = excluded.names, factor = excluded.factor, toll = excluded.toll
        """,
        (
            [one.id for one in many],
            [one.organisation for one in many],
            [one.key for one in many],
            [Jsonb(dict(one.names)) for one in many],
            [one.factor for one in many],
            [one.toll for one in many],
        ),
    )


async def route_ids(connection: Connection) -> dict[tuple[int, str], int]:
    """Read the ids of all routes by company and key."""
    cursor = await connection.execute("SELECT organisation, key, id FROM coach_routes")
    return {(organisation, key): identity for organisation, key, identity in await cursor.fetchall()}


async def put_calls(connection: Connection, many: Sequence[tuple[int, int, Call]]) -> None:
    """Replace the stops of routes: (route, place from 1, call)."""
    await connection.execute(
        "DELETE FROM coach_route_stops WHERE route = ANY(%s)", (sorted({route for route, _, _ in many}),)
    )
    await connection.execute(
        """
        INSERT INTO coach_route_stops (route, place, stop, at_m, after_min)
        SELECT * FROM unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::integer[], %s::smallint[])
        """,
        (
            [route for route, _, _ in many],
            [place for _, place, _ in many],
            [call.stop for _, _, call in many],
            [call.at_m for _, _, call in many],
            [call.after_min for _, _, call in many],
        ),
    )


async def put_departures(connection: Connection, many: Sequence[Departure]) -> None:
    """Store departures by route and time, or bring them up to date."""
    await connection.execute(
        """
        INSERT INTO coach_departures (id, route, leaves, seats, weekdays)
        SELECT id, route, leaves, seats, weekdays::smallint[]
        FROM unnest(%s::bigint[], %s::bigint[], %s::time[], %s::smallint[], %s::text[]) AS n(id, route, leaves, seats, weekdays)
        ON CONFLICT (route, leaves) DO UPDATE SET seats = excluded.seats, weekdays = excluded.weekdays
        """,
        (
            [one.id for one in many],
            [one.route for one in many],
            [one.leaves for one in many],
            [one.seats for one in many],
            ["{" + ",".join(map(str, sorted(one.weekdays))) + "}" for one in many],
        ),
    )


async def put_tariffs(connection: Connection, many: Sequence[CoachTariff]) -> None:
    """Store tariffs that are not there yet; a stored one is never changed."""
    await connection.execute(
        """
        INSERT INTO coach_tariffs (valid_from, per_km, load_percent, until)
        SELECT * FROM unnest(%s::date[], %s::integer[], %s::smallint[], %s::date[])
        ON CONFLICT DO NOTHING
        """,
        (
            [one.valid_from for one in many],
            [one.per_km for one in many],
            [one.load_percent for one in many],
            [one.until for one in many],
        ),
    )


async def bump_catalogue(connection: Connection) -> None:
    """Tell every process that the catalogue changed; whoever changes it too waits until this transaction ends."""
    await connection.execute("UPDATE versions SET number = number + 1 WHERE name = 'catalogue'")


# --- runs and their seats


async def order_alone(connection: Connection, citizen: int) -> None:
    """Let a citizen order one seat at a time, in whatever runs: so the count of held ones is right until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (citizen,))


async def lock_run(connection: Connection, departure: Departure, day: date, *, fresh: int) -> Run:
    """Have a departure's run of a day, locked until the transaction ends; who orders in it waits for the others."""
    await connection.execute(
        "INSERT INTO coach_runs (id, departure, day, seats) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (fresh, departure.id, day, departure.seats),
    )
    cursor = await connection.execute(
        "SELECT id, departure, day, seats FROM coach_runs WHERE departure = %s AND day = %s FOR UPDATE",
        (departure.id, day),
    )
    return Run(*one(await cursor.fetchone()))


async def seats_of(connection: Connection, departures: Sequence[int], day: date, *, now: datetime) -> dict[int, Seats]:
    """Count the seats of departures on a day, by departure; one in which nobody ordered is absent."""
    cursor = await connection.execute(
        """
        SELECT r.departure, r.seats,
            count(*) FILTER (WHERE t.payment <> 0),
            count(*) FILTER (WHERE t.payment = 0 AND t.held_until > %s),
            count(*) FILTER (WHERE t.checked_at IS NOT NULL),
            coalesce(sum(t.by_distance + t.surcharge) FILTER (WHERE t.payment <> 0), 0)::bigint
        FROM coach_runs r
        LEFT JOIN coach_tickets t ON t.run = r.id AND NOT t.released
        WHERE r.departure = ANY(%s) AND r.day = %s
        GROUP BY r.id
        """,
        (now, list(departures), day),
    )
    return {row[0]: Seats(*row[1:]) for row in await cursor.fetchall()}


async def taken_seats(connection: Connection, run: int) -> list[int]:
    """Read the seats of a run that are held or sold."""
    cursor = await connection.execute("SELECT seat FROM coach_tickets WHERE run = %s AND NOT released", (run,))
    return [seat for (seat,) in await cursor.fetchall()]


async def lapsed_dues(connection: Connection, run: int, *, now: datetime) -> list[int]:
    """Read and lock the dues of a run's tickets whose time to pay is over, in the order in which payments lock them."""
    cursor = await connection.execute(
        """
        SELECT d.id
        FROM coach_tickets t
        JOIN dues d ON d.id = t.due
        WHERE t.run = %s AND t.payment = 0 AND NOT t.released AND t.held_until <= %s
        ORDER BY d.id
        FOR UPDATE OF d
        """,
        (run, now),
    )
    return [due for (due,) in await cursor.fetchall()]


async def release(connection: Connection, dues: Sequence[int]) -> None:
    """Give the seats back of tickets whose dues were withdrawn; of one that was paid meanwhile nothing changes."""
    await connection.execute(
        """
        UPDATE coach_tickets t
        SET released = true
        FROM dues d
        WHERE t.due = ANY(%s) AND d.id = t.due AND d.status = 2
        """,
        (list(dues),),
    )


# --- tickets


async def insert_ticket(connection: Connection, ticket: Ticket, *, order_key: str, now: datetime) -> None:
    """Store a ticket that is held."""
    await connection.execute(
        """
        INSERT INTO coach_tickets (id, run, citizen, due, by_distance, surcharge, ordered_at, held_until, seat, from_place, to_place,
            code, order_key)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            ticket.id,
            ticket.run,
            ticket.citizen,
            ticket.due,
            ticket.by_distance,
            ticket.surcharge,
            now,
            ticket.held_until,
            ticket.seat,
            ticket.from_place,
            ticket.to_place,
            ticket.code,
            order_key,
        ),
    )


async def sell(connection: Connection, bucket: int, paid: Sequence[tuple[int, int]]) -> None:
    """Write into tickets what paid them: (ticket, payment)."""
    cursor = await connection.execute(
        """
        UPDATE coach_tickets t
        SET payment = n.payment, bucket = %s
        FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, payment)
        WHERE t.id = n.id AND t.payment = 0 AND NOT t.released
        RETURNING t.id
        """,
        (bucket, [ticket for ticket, _ in paid], [payment for _, payment in paid]),
    )
    expect_rows(len(await cursor.fetchall()), expected=len(paid), what="tickets sold")


async def ordered(connection: Connection, citizen: int, order_key: str) -> Ticket | None:
    """Read what a citizen ordered with a key and still has."""
    return await _first(connection, "t.citizen = %s AND t.order_key = %s AND NOT t.released", (citizen, order_key))


async def own_ticket(connection: Connection, citizen: int, identity: int) -> Ticket | None:
    """Read a citizen's own ticket."""
    return await _first(connection, "t.citizen = %s AND t.id = %s", (citizen, identity))


async def by_code(connection: Connection, code: str) -> Ticket | None:
    """Read a sold ticket by what its square says."""
    return await _first(connection, "t.code = %s AND t.payment <> 0", (code,))


async def tickets_of(connection: Connection, citizen: int, *, since: date, now: datetime, limit: int) -> list[Ticket]:
    """Read what a citizen has bought or is holding for days from one on, the next first."""
    return await _all(
        connection,
        "t.citizen = %s AND r.day >= %s AND NOT t.released AND (t.payment <> 0 OR t.held_until > %s) ORDER BY r.day, t.id LIMIT %s",
        (citizen, since, now, limit),
    )


async def passengers(connection: Connection, departure: int, day: date) -> list[Ticket]:
    """Read the sold tickets of a departure on a day by seat."""
    return await _all(
        connection, "r.departure = %s AND r.day = %s AND t.payment <> 0 ORDER BY t.seat", (departure, day)
    )


async def count_held(connection: Connection, citizen: int, *, now: datetime) -> int:
    """Count the seats that a citizen holds and has not paid."""
    cursor = await connection.execute(
        "SELECT count(*) FROM coach_tickets WHERE citizen = %s AND payment = 0 AND NOT released AND held_until > %s",
        (citizen, now),
    )
    return int(one(await cursor.fetchone())[0])


async def mark_checked(connection: Connection, ticket: int, *, staff: int, now: datetime) -> bool:
    """Write down that a ticket was shown; False when it had been before."""
    cursor = await connection.execute(
        "UPDATE coach_tickets SET checked_at = %s, checked_by = %s WHERE id = %s AND checked_at IS NULL",
        (now, staff, ticket),
    )
    return cursor.rowcount == 1


async def _first(connection: Connection, where: str, values: Sequence[object]) -> Ticket | None:
    return next(iter(await _all(connection, where, values)), None)


async def _all(connection: Connection, where: str, values: Sequence[object]) -> list[Ticket]:
    cursor = await connection.execute(
        f"SELECT {_TICKET} FROM coach_tickets t JOIN coach_runs r ON r.id = t.run WHERE {where}",  # noqa: S608 - our own text
        tuple(values),
    )
    return [Ticket(*row) for row in await cursor.fetchall()]
