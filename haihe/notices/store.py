"""All SQL about notices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from haihe.base.database import Connection, one
from haihe.notices.model import Choice, Group, Stored, Text

FORGET_AT_ONCE_MAX: Final = 5_000
_COLUMNS: Final = "id, bucket, number, citizen, kind, body, at, read_at"

_LAGGING: Final = """
SELECT h.bucket
FROM outbox_heads h
LEFT JOIN notice_cursors c ON c.bucket = h.bucket
WHERE h.number > coalesce(c.number, 0)
ORDER BY h.bucket
"""
_HAVE_CURSOR: Final = "INSERT INTO notice_cursors (bucket, number) VALUES (%s, 0) ON CONFLICT DO NOTHING"
_LOCK_CURSOR: Final = "SELECT number FROM notice_cursors WHERE bucket = %s FOR UPDATE"
_MOVE_CURSOR: Final = "UPDATE notice_cursors SET number = %s WHERE bucket = %s"

# Whom news may be told: citizens who are there, with what they chose. A group without a row is as everybody's at first.
_LISTENERS: Final = """
SELECT c.id, coalesce(array_agg(n.kind_group) FILTER (WHERE n.sms), '{}')
FROM citizens c
LEFT JOIN notice_choices n ON n.citizen = c.id
WHERE c.id = ANY(%s) AND c.erased_at IS NULL
GROUP BY c.id
"""
_INSERT: Final = """
INSERT INTO notices (number, id, citizen, at, bucket, kind, body)
SELECT n.number, n.id, n.citizen, n.at, n.bucket, n.kind, n.body
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::smallint[], %s::text[], %s::jsonb[])
    AS n (number, id, citizen, at, bucket, kind, body)
ON CONFLICT (bucket, number) DO NOTHING
"""
_INSERT_TEXTS: Final = """
INSERT INTO notice_texts (number, bucket, next_try_at)
SELECT n.number, n.bucket, %s
FROM unnest(%s::bigint[], %s::smallint[]) AS n (number, bucket)
ON CONFLICT DO NOTHING
"""

# A text is taken by moving its next try on, so that it is sent by one process, and again if that one dies.
_TAKE_TEXTS: Final = """
UPDATE notice_texts t
SET tries = t.tries + 1,
    next_try_at = %(until)s
FROM (
    SELECT bucket, number
    FROM notice_texts
    WHERE state = 0 AND next_try_at <= %(now)s
    ORDER BY next_try_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
) AS due
JOIN notices n USING (bucket, number)
WHERE t.bucket = due.bucket AND t.number = due.number
RETURNING t.tries, n.id, n.bucket, n.number, n.citizen, n.kind, n.body, n.at, n.read_at
"""
_END_TEXT: Final = "UPDATE notice_texts SET state = %s, sent_at = %s WHERE bucket = %s AND number = %s"

_INBOX: Final = f"SELECT {_COLUMNS} FROM notices WHERE citizen = %s AND id < %s ORDER BY id DESC LIMIT %s"  # noqa: S608 - constants
_FRESH: Final = f"""
SELECT {_COLUMNS}
FROM notices
WHERE bucket = %s AND number > %s AND number <= %s AND citizen = ANY(%s)
ORDER BY number
"""  # noqa: S608
_UNREAD: Final = "SELECT count(*) FROM notices WHERE citizen = %s AND read_at IS NULL"
_READ_UP_TO: Final = "UPDATE notices SET read_at = %s WHERE citizen = %s AND id <= %s AND read_at IS NULL"
_CHOICES: Final = "SELECT kind_group, live, sms FROM notice_choices WHERE citizen = %s"
_CHOOSE: Final = """
INSERT INTO notice_choices (citizen, kind_group, live, sms)
VALUES (%s, %s, %s, %s)
ON CONFLICT (citizen, kind_group) DO UPDATE
SET live = excluded.live,
    sms = excluded.sms
"""
_FORGET: Final = """
DELETE FROM notices
WHERE id IN (SELECT id FROM notices WHERE id < %s ORDER BY id LIMIT %s)
"""
_FORGET_NEWS: Final = """
DELETE FROM outbox o
USING (
    SELECT n.bucket, n.number
    FROM outbox n
    JOIN notice_cursors c ON c.bucket = n.bucket AND n.number <= c.number
    WHERE n.at < %s
    ORDER BY n.at
    LIMIT %s
) AS old
WHERE o.bucket = old.bucket AND o.number = old.number
"""


@dataclass(frozen=True, slots=True)
class Listener:
    """Someone who may be told: which groups also by short message."""

    citizen: int
    sms_groups: frozenset[Group]


async def lagging(connection: Connection) -> list[int]:
    """Say which buckets have news that were not told."""
    return [bucket for (bucket,) in await (await connection.execute(_LAGGING)).fetchall()]


async def lock_cursor(connection: Connection, bucket: int) -> int:
    """Say up to which news of a bucket everything was told, and hold it until the transaction ends."""
    await connection.execute(_HAVE_CURSOR, (bucket,))
    return int(one(await (await connection.execute(_LOCK_CURSOR, (bucket,))).fetchone())[0])


async def move_cursor(connection: Connection, bucket: int, number: int) -> None:
    """Write up to which news of a bucket everything was told."""
    await connection.execute(_MOVE_CURSOR, (number, bucket))


async def cursors(connection: Connection) -> dict[int, int]:
    """Say of every bucket up to which news everything was told."""
    return dict(await (await connection.execute("SELECT bucket, number FROM notice_cursors")).fetchall())


async def listeners(connection: Connection, citizens: Collection[int]) -> dict[int, Listener]:
    """Find who of these are citizens that can be told something."""
    rows = await (await connection.execute(_LISTENERS, (list(citizens),))).fetchall()
    return {citizen: Listener(citizen, frozenset(map(Group, groups))) for citizen, groups in rows}


async def insert(connection: Connection, notices: Sequence[Stored]) -> None:
    """Keep notices; those that are there stay as they are."""
    await connection.execute(
        _INSERT,
        (
            [one.number for one in notices],
            [one.id for one in notices],
            [one.citizen for one in notices],
            [one.at for one in notices],
            [one.bucket for one in notices],
            [one.kind for one in notices],
            [Jsonb(one.body) for one in notices],
        ),
    )


async def insert_texts(connection: Connection, notices: Sequence[Stored], *, now: datetime) -> None:
    """Have short messages sent of these notices."""
    await connection.execute(_INSERT_TEXTS, (now, [one.number for one in notices], [one.bucket for one in notices]))


async def take_texts(connection: Connection, *, now: datetime, until: datetime, limit: int) -> list[Text]:
    """Take short messages whose time has come; nobody else takes them before `until`."""
    cursor = await connection.execute(_TAKE_TEXTS, {"now": now, "until": until, "limit": limit})
    return [
        Text(bucket, number, tries, Stored(identity, bucket, number, citizen, kind, body, at, read_at))
        for tries, identity, bucket, number, citizen, kind, body, at, read_at in await cursor.fetchall()
    ]


async def end_text(connection: Connection, text: Text, *, state: int, sent_at: datetime | None) -> None:
    """Write what became of a short message."""
    await connection.execute(_END_TEXT, (state, sent_at, text.bucket, text.number))


async def inbox(connection: Connection, citizen: int, *, before: int, limit: int) -> list[Stored]:
    """Read somebody's notices below an id, newest first."""
    return await _stored(connection, _INBOX, (citizen, before, limit))


async def fresh(
    connection: Connection, bucket: int, *, after: int, up_to: int, citizens: Collection[int]
) -> list[Stored]:
    """Read what some citizens were told between two places of a bucket."""
    return await _stored(connection, _FRESH, (bucket, after, up_to, list(citizens)))


async def _stored(connection: Connection, statement: str, values: tuple[object, ...]) -> list[Stored]:
    async with connection.cursor(row_factory=class_row(Stored)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()


async def unread(connection: Connection, citizen: int) -> int:
    """Count what somebody has not read."""
    return int(one(await (await connection.execute(_UNREAD, (citizen,))).fetchone())[0])


async def read_up_to(connection: Connection, citizen: int, identity: int, *, now: datetime) -> int:
    """Mark everything up to a notice as read; give how much was new."""
    return (await connection.execute(_READ_UP_TO, (now, citizen, identity))).rowcount


async def choices(connection: Connection, citizen: int) -> dict[Group, Choice]:
    """Read what somebody chose, by group."""
    rows = await (await connection.execute(_CHOICES, (citizen,))).fetchall()
    return {Group(group): Choice(Group(group), live, sms) for group, live, sms in rows}


async def choose(connection: Connection, citizen: int, choice: Choice) -> None:
    """Write what somebody chose for a group."""
    await connection.execute(_CHOOSE, (citizen, choice.group, choice.live, choice.sms))


async def forget(connection: Connection, *, first_id: int, before: datetime) -> int:
    """Forget a piece of what is old: notices below an id, news from before a time that were told; give how much it was."""
    notices = await connection.execute(_FORGET, (first_id, FORGET_AT_ONCE_MAX))
    news = await connection.execute(_FORGET_NEWS, (before, FORGET_AT_ONCE_MAX))
    return notices.rowcount + news.rowcount
