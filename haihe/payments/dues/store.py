"""All SQL about dues and who follows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from haihe.base.database import Connection, expect_rows, one
from haihe.payments.dues.model import DayFigures, Due, DueStatus, NewDue

_COLUMNS: Final = (
    "d.id, d.kind, d.organisation, d.subject, d.service, d.period, d.amount, d.status, d.issued_at, d.due_on, d.expires_at, "
    "d.payment, d.payer, d.settled_at, d.body"
)


def _dues(rows: Iterable[TupleRow]) -> list[Due]:
    return [
        Due(
            id=row[0],
            kind=row[1],
            organisation=row[2],
            subject=row[3],
            service=row[4],
            period=row[5],
            amount=row[6],
            status=DueStatus(row[7]),
            issued_at=row[8],
            due_on=row[9],
            expires_at=row[10],
            payment=row[11],
            payer=row[12],
            settled_at=row[13],
            body=row[14],
        )
        for row in rows
    ]


async def insert(
    connection: Connection, kind: int, many: Sequence[NewDue], *, ids: Sequence[int], now: datetime
) -> int:
    """Store dues of which no living one has the same subject and period; answers how many were stored."""
    cursor = await connection.execute(
        """
        INSERT INTO dues (kind, issued_at, id, organisation, subject, service, period, amount, due_on, expires_at, body)
        SELECT %s, %s, n.*
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::date[], %s::timestamptz[],
            %s::jsonb[]) AS n
        ON CONFLICT (kind, subject, period) WHERE status < 2 DO NOTHING
        RETURNING id
        """,
        (
            kind,
            now,
            list(ids),
            [new.organisation for new in many],
            [new.subject for new in many],
            [new.service for new in many],
            [new.period for new in many],
            [new.amount for new in many],
            [new.due_on for new in many],
            [new.expires_at for new in many],
            [Jsonb(dict(new.body)) for new in many],
        ),
    )
    return len(await cursor.fetchall())


async def living(connection: Connection, kind: int, wanted: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Due]:
    """Read the living dues (open or paid) of these subjects and periods."""
    cursor = await connection.execute(
        f"""
        SELECT {_COLUMNS}
        FROM unnest(%s::bigint[], %s::text[]) AS n(subject, period)
        JOIN dues d ON d.kind = %s AND d.subject = n.subject AND d.period = n.period AND d.status < 2
        """,  # noqa: S608 - our own columns
        ([subject for subject, _ in wanted], [period for _, period in wanted], kind),
    )
    return {(due.subject, due.period): due for due in _dues(await cursor.fetchall())}


async def by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Due]:
    """Read dues by id; unknown ids are absent."""
    cursor = await connection.execute(f"SELECT {_COLUMNS} FROM dues d WHERE d.id = ANY(%s)", (list(ids),))  # noqa: S608 - our own columns
    return {due.id: due for due in _dues(await cursor.fetchall())}


async def followed(connection: Connection, identity: int, citizen: int) -> Due | None:
    """Read a due if this citizen follows its subject."""
    cursor = await connection.execute(
        f"""
        SELECT {_COLUMNS}
        FROM dues d
        JOIN follows f ON f.kind = d.kind AND f.subject = d.subject AND f.citizen = %s
        WHERE d.id = %s
        """,  # noqa: S608 - our own columns
        (citizen, identity),
    )
    return next(iter(_dues(await cursor.fetchall())), None)


async def open_of(connection: Connection, citizen: int, *, now: datetime, limit: int) -> list[Due]:
    """Read what is open of what a citizen follows, the most urgent first."""
    cursor = await connection.execute(
        f"""
        SELECT {_COLUMNS}
        FROM follows f
        JOIN dues d ON d.kind = f.kind AND d.subject = f.subject AND d.status = 0
        WHERE f.citizen = %s AND (d.expires_at IS NULL OR d.expires_at > %s)
        ORDER BY d.due_on, d.id
        LIMIT %s
        """,  # noqa: S608 - our own columns
        (citizen, now, limit),
    )
    return _dues(await cursor.fetchall())


async def of_subjects(connection: Connection, kind: int, subjects: Sequence[int], *, limit: int) -> list[Due]:
    """Read the newest dues of some subjects, whatever became of them."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM dues d WHERE d.kind = %s AND d.subject = ANY(%s) ORDER BY d.id DESC LIMIT %s",  # noqa: S608
        (kind, list(subjects), limit),
    )
    return _dues(await cursor.fetchall())


async def of_organisation(connection: Connection, organisation: int, *, kinds: Sequence[int], limit: int) -> list[Due]:
    """Read the newest dues that an organisation issued."""
    cursor = await connection.execute(
        f"""
        SELECT {_COLUMNS} FROM dues d
        WHERE d.organisation = %s AND d.kind = ANY(%s)
        ORDER BY d.issued_at DESC, d.id DESC LIMIT %s
        """,  # noqa: S608 - our own columns
        (organisation, list(kinds), limit),
    )
    return _dues(await cursor.fetchall())


async def lock(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[DueStatus, int, datetime | None]]:
    """Lock dues until the transaction ends, in the order of their ids; give status, payment and end of each."""
    cursor = await connection.execute(
        "SELECT id, status, payment, expires_at FROM dues WHERE id = ANY(%b) ORDER BY id FOR UPDATE", (list(ids),)
    )
    return {row[0]: (DueStatus(row[1]), row[2], row[3]) for row in await cursor.fetchall()}


async def settle(connection: Connection, paid: Sequence[tuple[int, int, int, int, datetime]]) -> None:
    """Write into dues what paid them: (due, payment, payer, bucket, time), of locked and open ones."""
    cursor = await connection.execute(
        """
        UPDATE dues d
        SET status = 1, payment = n.payment, payer = n.payer, bucket = n.bucket, settled_at = n.at
        FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::smallint[], %b::timestamptz[]) AS n(id, payment, payer, bucket, at)
        WHERE d.id = n.id AND d.status = 0
        RETURNING d.id
        """,
        tuple(list(column) for column in zip(*paid, strict=True)),
    )
    expect_rows(len(await cursor.fetchall()), expected=len(paid), what="dues settled")


async def withdraw(connection: Connection, ids: Sequence[int], *, organisation: int, now: datetime) -> int:
    """Withdraw open dues of an organisation; answers how many were open."""
    cursor = await connection.execute(
        "UPDATE dues SET status = 2, settled_at = %s WHERE id = ANY(%s) AND organisation = %s AND status = 0 RETURNING id",
        (now, list(ids), organisation),
    )
    return len(await cursor.fetchall())


async def follow(connection: Connection, citizen: int, *, kind: int, subjects: Sequence[int], now: datetime) -> None:
    """Have a citizen follow subjects; twice is as once."""
    await connection.execute(
        """
        INSERT INTO follows (citizen, kind, subject, since)
        SELECT %s, %s, n, %s FROM unnest(%s::bigint[]) AS n
        ON CONFLICT DO NOTHING
        """,
        (citizen, kind, now, list(subjects)),
    )


async def follow_all(connection: Connection, pairs: Sequence[tuple[int, int]], *, kind: int, now: datetime) -> None:
    """Have citizens follow subjects, each (citizen, subject); twice is as once."""
    await connection.execute(
        """
        INSERT INTO follows (citizen, kind, subject, since)
        SELECT n.citizen, %s, n.subject, %s FROM unnest(%s::bigint[], %s::bigint[]) AS n(citizen, subject)
        ON CONFLICT DO NOTHING
        """,
        (kind, now, [citizen for citizen, _ in pairs], [subject for _, subject in pairs]),
    )


async def unfollow(connection: Connection, citizen: int, *, kind: int, subject: int) -> None:
    """Have a citizen follow a subject no longer."""
    await connection.execute(
        "DELETE FROM follows WHERE citizen = %s AND kind = %s AND subject = %s", (citizen, kind, subject)
    )


async def followed_subjects(connection: Connection, citizen: int, kind: int) -> list[int]:
    """Read what a citizen follows, in the order of its beginning."""
    cursor = await connection.execute(
        "SELECT subject FROM follows WHERE citizen = %s AND kind = %s ORDER BY since, subject", (citizen, kind)
    )
    return [subject for (subject,) in await cursor.fetchall()]


async def figures(connection: Connection, organisation: int, *, since: datetime, until: datetime) -> DayFigures:
    """Sum up what an organisation charged, was paid and withdrew between two moments, and what is open now."""
    row = await (
        await connection.execute(
            """
            SELECT count(*) FILTER (WHERE issued_at >= %(since)s AND issued_at < %(until)s),
                coalesce(sum(amount) FILTER (WHERE issued_at >= %(since)s AND issued_at < %(until)s), 0)::bigint,
                count(*) FILTER (WHERE status = 1 AND settled_at >= %(since)s AND settled_at < %(until)s),
                coalesce(sum(amount) FILTER (WHERE status = 1 AND settled_at >= %(since)s AND settled_at < %(until)s), 0)::bigint,
                count(*) FILTER (WHERE status = 0 AND (expires_at IS NULL OR expires_at > %(until)s)),
                coalesce(sum(amount) FILTER (WHERE status = 0 AND (expires_at IS NULL OR expires_at > %(until)s)), 0)::bigint,
                count(*) FILTER (WHERE status = 2 AND settled_at >= %(since)s AND settled_at < %(until)s),
                coalesce(sum(amount) FILTER (WHERE status = 2 AND settled_at >= %(since)s AND settled_at < %(until)s), 0)::bigint
            FROM dues
            WHERE organisation = %(organisation)s
            """,
            {"organisation": organisation, "since": since, "until": until},
        )
    ).fetchone()
    return DayFigures(*one(row))
