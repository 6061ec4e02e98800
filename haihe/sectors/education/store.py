"""All SQL about classes, pupils, guardians and fee notices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from haihe.base.database import Connection
from haihe.sectors.education.model import NUMBER, NewNotice, Notice, PupilRow, SchoolClass, Standing

_PUPIL: Final = "p.id, p.class AS school_class, p.school, p.number, p.data_key, p.name"
# A notice's dues are issued in its own transaction, so they are found by school and time, for which dues have an index; a day is
# more than any clock steps back.
_NOTICE: Final = "n.id, n.school, n.class, c.name, n.amount, n.issued_at, n.due_on, n.titles"
_STANDING: Final = f"""
SELECT {_NOTICE}, count(d.id) FILTER (WHERE d.status = 1), count(d.id) FILTER (WHERE d.status = 0), count(d.id) FILTER (WHERE d.status = 2)
FROM fee_notices n
JOIN school_classes c ON c.id = n.class
LEFT JOIN dues d ON d.kind = {NUMBER} AND d.organisation = n.school AND d.period = n.id::text
    AND d.issued_at BETWEEN n.issued_at - interval '1 day' AND n.issued_at + interval '1 day'
"""  # noqa: S608 - our own columns


async def classes(connection: Connection, school: int) -> list[SchoolClass]:
    """Read a school's classes by name."""
    async with connection.cursor(row_factory=class_row(SchoolClass)) as cursor:
        await cursor.execute(
            """
            SELECT c.id, c.school, c.name, count(p.id) AS pupils
            FROM school_classes c
            LEFT JOIN pupils p ON p.class = c.id
            WHERE c.school = %s
            GROUP BY c.id
            ORDER BY c.name
            """,
            (school,),
        )
        return await cursor.fetchall()


async def class_of(connection: Connection, school: int, identity: int) -> SchoolClass | None:
    """Find a class of a school."""
    return next((one for one in await classes(connection, school) if one.id == identity), None)


async def put_classes(connection: Connection, school: int, names: Sequence[str], ids: Sequence[int]) -> None:
    """Store classes that are not there yet."""
    await connection.execute(
        """
        INSERT INTO school_classes (school, id, name)
        SELECT %s, * FROM unnest(%s::bigint[], %s::text[])
        ON CONFLICT (school, name) DO NOTHING
        """,
        (school, list(ids), list(names)),
    )


async def put_pupils(connection: Connection, pupils: Sequence[PupilRow]) -> None:
    """Store pupils whose school does not have their number yet."""
    await connection.execute(
        """
        INSERT INTO pupils (id, class, school, number, data_key, name)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bytea[], %s::bytea[])
        ON CONFLICT (school, number) DO NOTHING
        """,
        (
            [pupil.id for pupil in pupils],
            [pupil.school_class for pupil in pupils],
            [pupil.school for pupil in pupils],
            [pupil.number for pupil in pupils],
            [pupil.data_key for pupil in pupils],
            [pupil.name for pupil in pupils],
        ),
    )


async def put_guardians(connection: Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """Store guardians, each (citizen, pupil); twice is as once."""
    await connection.execute(
        "INSERT INTO guardians (citizen, pupil) SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING",
        ([citizen for citizen, _ in pairs], [pupil for _, pupil in pairs]),
    )


async def pupil_ids(connection: Connection, school: int) -> dict[str, int]:
    """Give the pupils of a school by their number."""
    cursor = await connection.execute("SELECT number, id FROM pupils WHERE school = %s", (school,))
    return dict(await cursor.fetchall())


async def pupils_of_class(connection: Connection, identity: int) -> list[PupilRow]:
    """Read the pupils of a class by number."""
    return await _pupils(connection, f"SELECT {_PUPIL} FROM pupils p WHERE p.class = %s ORDER BY p.number", (identity,))  # noqa: S608


async def children_of(connection: Connection, citizen: int) -> list[tuple[PupilRow, str]]:
    """Read a citizen's children with the names of their classes."""
    pupils = await _pupils(
        connection,
        f"SELECT {_PUPIL} FROM guardians g JOIN pupils p ON p.id = g.pupil WHERE g.citizen = %s ORDER BY p.id",  # noqa: S608
        (citizen,),
    )
    cursor = await connection.execute(
        "SELECT id, name FROM school_classes WHERE id = ANY(%s)", ([pupil.school_class for pupil in pupils],)
    )
    names: dict[int, str] = dict(await cursor.fetchall())
    return [(pupil, names[pupil.school_class]) for pupil in pupils]


async def _pupils(connection: Connection, statement: str, values: Sequence[Any]) -> list[PupilRow]:
    async with connection.cursor(row_factory=class_row(PupilRow)) as cursor:
        await cursor.execute(statement.encode(), values)
        return await cursor.fetchall()


async def guardians_of(connection: Connection, pupils: Sequence[int]) -> list[tuple[int, int]]:
    """Read the guardians of pupils, each (citizen, pupil)."""
    cursor = await connection.execute("SELECT citizen, pupil FROM guardians WHERE pupil = ANY(%s)", (list(pupils),))
    return [(citizen, pupil) for citizen, pupil in await cursor.fetchall()]


async def insert_notice(
    connection: Connection, identity: int, notice: NewNotice, *, school: int, issuer: int, now: datetime
) -> bool:
    """Store a notice; False where the school has one of this form key."""
    cursor = await connection.execute(
        """
        INSERT INTO fee_notices (id, school, class, amount, issuer, issued_at, due_on, form_key, titles)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (school, form_key) DO NOTHING
        """,
        (
            identity,
            school,
            notice.school_class,
            notice.amount,
            issuer,
            now,
            notice.due_on,
            notice.form_key,
            Jsonb(dict(notice.titles)),
        ),
    )
    return cursor.rowcount == 1


async def notice_of_form(connection: Connection, school: int, form_key: str) -> int | None:
    """Find the notice that came of a form."""
    cursor = await connection.execute(
        "SELECT id FROM fee_notices WHERE school = %s AND form_key = %s", (school, form_key)
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def standings(connection: Connection, school: int, *, limit: int) -> list[Standing]:
    """Read how a school's newest notices stand."""
    cursor = await connection.execute(
        f"{_STANDING} WHERE n.school = %s GROUP BY n.id, c.name ORDER BY n.id DESC LIMIT %s".encode(), (school, limit)
    )
    return _standings(await cursor.fetchall())


async def standing(connection: Connection, school: int, notice: int) -> Standing | None:
    """Read how one notice of a school stands."""
    cursor = await connection.execute(
        f"{_STANDING} WHERE n.school = %s AND n.id = %s GROUP BY n.id, c.name".encode(), (school, notice)
    )
    return next(iter(_standings(await cursor.fetchall())), None)


def _standings(rows: Iterable[tuple[Any, ...]]) -> list[Standing]:
    return [Standing(Notice(*row[:8]), *row[8:]) for row in rows]


async def names_of(connection: Connection, pupils: Sequence[int]) -> list[PupilRow]:
    """Read pupils by id."""
    statement = f"SELECT {_PUPIL} FROM pupils p WHERE p.id = ANY(%s) ORDER BY p.number"  # noqa: S608 - our own columns
    return await _pupils(connection, statement, (list(pupils),))


async def due_ids(connection: Connection, notice: Notice) -> list[int]:
    """Read the dues of a notice, one for each pupil it was issued to."""
    cursor = await connection.execute(
        """
        SELECT id FROM dues
        WHERE organisation = %s AND kind = %s AND period = %s
            AND issued_at BETWEEN %s::timestamptz - interval '1 day' AND %s::timestamptz + interval '1 day'
        """,
        (notice.school, NUMBER, str(notice.id), notice.issued_at, notice.issued_at),
    )
    return [identity for (identity,) in await cursor.fetchall()]
