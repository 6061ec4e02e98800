"""All SQL about contributions: the programme, standings, relatives, who is covered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

import msgspec
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from haihe.base.database import Connection
from haihe.sectors.social.model import (
    NUMBER,
    Contribution,
    Group,
    Programme,
    TierFigures,
    Traced,
    WindowRule,
)

_COLUMNS: Final = (
    "c.person, c.year, c.id, c.organisation, c.tier, c.amount, c.subsidy, c.payment, c.bucket, c.payer, c.receipt, "
    "c.covered_from, c.recorded_at"
)


def _contributions(rows: Iterable[TupleRow]) -> list[Contribution]:
    return [Contribution(*row) for row in rows]


# --- the programme


async def programmes(connection: Connection) -> list[Programme]:
    """Read all programmes, past and future ones too."""
    cursor = await connection.execute("SELECT organisation, valid_from, windows, groups FROM social_programmes")
    return [
        Programme(
            organisation,
            valid_from,
            msgspec.convert(windows, tuple[WindowRule, ...]),
            msgspec.convert(groups, tuple[Group, ...]),
        )
        for organisation, valid_from, windows, groups in await cursor.fetchall()
    ]


async def insert_programme(connection: Connection, one: Programme) -> None:
    """Store a programme if none of its bureau begins on the same day; a stored one is never changed."""
    await connection.execute(
        """
        INSERT INTO social_programmes (organisation, valid_from, windows, groups)
        VALUES (%s, %s, %s, %s)
        ON CONFLICT DO NOTHING
        """,
        (
            one.organisation,
            one.valid_from,
            Jsonb(msgspec.to_builtins(one.windows)),
            Jsonb(msgspec.to_builtins(one.groups)),
        ),
    )


async def insert_standings(connection: Connection, many: Sequence[tuple[int, str]], *, valid_from: date) -> None:
    """Write down standings of people (id, standing) from a day on; twice is as once."""
    await connection.execute(
        """
        INSERT INTO social_standings (person, standing, valid_from)
        SELECT n.person, n.standing, %s
        FROM unnest(%s::bigint[], %s::text[]) AS n(person, standing)
        ON CONFLICT DO NOTHING
        """,
        (valid_from, [person for person, _ in many], [standing for _, standing in many]),
    )


async def standings(connection: Connection, people: Sequence[int], day: date) -> dict[int, set[str]]:
    """Read the standings of people on a day; who has none is absent."""
    cursor = await connection.execute(
        """
        SELECT person, standing
        FROM social_standings
        WHERE person = ANY(%s) AND valid_from <= %s AND (until IS NULL OR until >= %s)
        """,
        (list(people), day, day),
    )
    found: dict[int, set[str]] = {}
    for person, standing in await cursor.fetchall():
        found.setdefault(person, set()).add(standing)
    return found


# --- relatives


async def relatives(connection: Connection, citizen: int) -> list[int]:
    """Read whom a citizen pays for, in the order in which they were added."""
    cursor = await connection.execute(
        "SELECT person FROM social_relatives WHERE citizen = %s ORDER BY since, person", (citizen,)
    )
    return [person for (person,) in await cursor.fetchall()]


async def insert_relatives(connection: Connection, pairs: Sequence[tuple[int, int]], now: datetime) -> None:
    """Let citizens pay for people (citizen, person); twice is as once."""
    await connection.execute(
        """
        INSERT INTO social_relatives (citizen, person, since)
        SELECT n.citizen, n.person, %s
        FROM unnest(%s::bigint[], %s::bigint[]) AS n(citizen, person)
        ON CONFLICT DO NOTHING
        """,
        (now, [citizen for citizen, _ in pairs], [person for _, person in pairs]),
    )


async def delete_relative(connection: Connection, citizen: int, *, person: int) -> None:
    """Take a person off a citizen's list."""
    await connection.execute("DELETE FROM social_relatives WHERE citizen = %s AND person = %s", (citizen, person))


# --- who is covered


async def choose_alone(connection: Connection, person: int) -> None:
    """Let nobody else choose for a person until the transaction ends; payments go on."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (person,))


async def covered(connection: Connection, people: Sequence[int], year: int) -> dict[int, Contribution]:
    """Read the contributions of people for a year; who is not covered is absent."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM contributions c WHERE c.person = ANY(%s) AND c.year = %s",  # noqa: S608 - our own columns
        (list(people), year),
    )
    return {one.person: one for one in _contributions(await cursor.fetchall())}


async def insert_contributions(connection: Connection, many: Sequence[Contribution]) -> None:
    """Write who is covered, in one statement, which a pipeline need not wait for: it writes all or fails."""
    await connection.execute(f"{_INSERT}", _values(many))


async def insert_unpaid(connection: Connection, contribution: Contribution) -> bool:
    """Write that someone is covered without a payment; False if the person was covered for this year already."""
    cursor = await connection.execute(f"{_INSERT} ON CONFLICT (person, year) DO NOTHING", _values([contribution]))
    return cursor.rowcount == 1


_INSERT: Final = """
INSERT INTO contributions (person, year, id, organisation, tier, amount, subsidy, payment, bucket, payer, receipt,
    covered_from, recorded_at)
SELECT *
FROM unnest(%b::bigint[], %b::smallint[], %b::bigint[], %b::bigint[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[],
    %b::smallint[], %b::bigint[], %b::text[], %b::date[], %b::timestamptz[])
"""


def _values(many: Sequence[Contribution]) -> tuple[list[object], ...]:
    return (
        [one.person for one in many],
        [one.year for one in many],
        [one.id for one in many],
        [one.organisation for one in many],
        [one.tier for one in many],
        [one.amount for one in many],
        [one.subsidy for one in many],
        [one.payment for one in many],
        [one.bucket for one in many],
        [one.payer for one in many],
        [one.receipt for one in many],
        [one.covered_from for one in many],
        [one.recorded_at for one in many],
    )


# --- the bureau


async def years(connection: Connection, organisation: int) -> list[int]:
    """Read for which years people are covered, the newest first."""
    cursor = await connection.execute(
        "SELECT DISTINCT year FROM contributions WHERE organisation = %s ORDER BY year DESC", (organisation,)
    )
    return [year for (year,) in await cursor.fetchall()]


async def newest(connection: Connection, organisation: int, year: int, *, limit: int) -> list[Contribution]:
    """Read a bureau's newest contributions for a year."""
    cursor = await connection.execute(
        f"""
        SELECT {_COLUMNS} FROM contributions c
        WHERE c.organisation = %s AND c.year = %s
        ORDER BY c.recorded_at DESC, c.id DESC LIMIT %s
        """,  # noqa: S608 - our own columns
        (organisation, year, limit),
    )
    return _contributions(await cursor.fetchall())


async def tiers(connection: Connection, organisation: int, year: int, now: datetime) -> list[TierFigures]:
    """Sum up a bureau's year by tier: paid, covered without paying, and chosen but not paid yet."""
    cursor = await connection.execute(
        """
        SELECT coalesce(c.tier, d.tier), coalesce(c.paid, 0), coalesce(c.amount, 0), coalesce(c.subsidised, 0),
            coalesce(c.subsidy, 0), coalesce(d.open, 0), coalesce(d.amount, 0)
        FROM (
            SELECT tier, count(*) FILTER (WHERE payment <> 0) AS paid, sum(amount)::bigint AS amount,
                count(*) FILTER (WHERE payment = 0) AS subsidised, sum(subsidy)::bigint AS subsidy
            FROM contributions
            WHERE organisation = %(organisation)s AND year = %(year)s
            GROUP BY tier
        ) c
        FULL JOIN (
            SELECT body ->> 'tier' AS tier, count(*) AS open, sum(amount)::bigint AS amount
            FROM dues
            WHERE organisation = %(organisation)s AND kind = %(kind)s AND period = %(period)s AND status = 0
                AND (expires_at IS NULL OR expires_at > %(now)s)
            GROUP BY body ->> 'tier'
        ) d ON d.tier = c.tier
        ORDER BY 1
        """,
        {"organisation": organisation, "year": year, "period": str(year), "kind": NUMBER, "now": now},
    )
    return [TierFigures(*row) for row in await cursor.fetchall()]


async def trace(connection: Connection, identity: int, *, organisation: int) -> Traced | None:
    """Follow a bureau's contribution to its payment, the ledger's batch and its transfers."""
    cursor = await connection.execute(
        f"""
        SELECT coalesce(max(p.batch), 0), coalesce(min(t.id), 0), coalesce(sum(t.amount), 0)::bigint, {_COLUMNS}
        FROM contributions c
        LEFT JOIN payments p ON p.bucket = c.bucket AND p.id = c.payment
        LEFT JOIN transfers t ON t.bucket = c.bucket AND t.id BETWEEN c.payment AND c.payment + 15 AND t.payment = c.payment
        WHERE c.id = %s AND c.organisation = %s
        GROUP BY {_COLUMNS}
        """,  # noqa: S608 - our own columns
        (identity, organisation),
    )
    row = await cursor.fetchone()
    return Traced(Contribution(*row[3:]), *row[:3]) if row else None
