"""All SQL about hospitals, policies, patients' years, clinic bills and looks at records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from psycopg.rows import class_row

from haihe.base.database import Connection, expect_rows
from haihe.sectors.health.model import BillRow, Level, Look, Policy, Year

_BILL: Final = "due, patient, hospital, visit, clerk, deductible, fund, year"


async def levels(connection: Connection) -> dict[int, Level]:
    """Read the level of every hospital."""
    cursor = await connection.execute("SELECT organisation, level FROM hospitals")
    return {organisation: Level(level) for organisation, level in await cursor.fetchall()}


async def policies(connection: Connection) -> list[Policy]:
    """Read all policies, the newest first."""
    cursor = await connection.execute(
        """
        SELECT valid_from, deductible, ceiling, primary_percent, secondary_percent, tertiary_percent
        FROM health_policies
        ORDER BY valid_from DESC
        """
    )
    return [
        Policy(day, deductible, ceiling, dict(zip(Level, percents, strict=True)))
        for day, deductible, ceiling, *percents in await cursor.fetchall()
    ]


async def put_hospitals(connection: Connection, hospitals: Mapping[int, Level]) -> None:
    """Store hospitals' levels."""
    await connection.execute(
        """
        INSERT INTO hospitals (organisation, level)
        SELECT * FROM unnest(%s::bigint[], %s::smallint[])
        ON CONFLICT (organisation) DO UPDATE SET level = excluded.level
        """,
        (list(hospitals), [int(level) for level in hospitals.values()]),
    )


async def put_policies(connection: Connection, many: Sequence[Policy]) -> None:
    """Store policies that are not there yet; what has begun once stays."""
    for policy in many:
        await connection.execute(
            "INSERT INTO health_policies VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (policy.valid_from, policy.deductible, policy.ceiling, *(policy.percents[level] for level in Level)),
        )


async def put_insured(connection: Connection, patients: Sequence[int], *, since: datetime) -> None:
    """Store who is insured; twice is as once."""
    await connection.execute(
        "INSERT INTO insured (patient, since) SELECT n, %s FROM unnest(%s::bigint[]) AS n ON CONFLICT DO NOTHING",
        (since, list(patients)),
    )


async def put_years(connection: Connection, year: int, before: Mapping[int, Year]) -> None:
    """Store what the insurer knew of patients' year before the city's own bills; who has one keeps it."""
    await connection.execute(
        """
        INSERT INTO health_years (year, patient, deductible_before, fund_before, deductible_used, fund_used)
        SELECT %s, n.patient, n.deductible, n.fund, n.deductible, n.fund
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(patient, deductible, fund)
        ON CONFLICT DO NOTHING
        """,
        (
            year,
            list(before),
            [one.deductible_used for one in before.values()],
            [one.fund_used for one in before.values()],
        ),
    )


async def insured_of(connection: Connection, patients: Sequence[int]) -> set[int]:
    """Tell who of these is insured."""
    cursor = await connection.execute("SELECT patient FROM insured WHERE patient = ANY(%s)", (list(patients),))
    return {patient for (patient,) in await cursor.fetchall()}


async def year_of(connection: Connection, patient: int, year: int) -> Year:
    """Read what a patient's year has used."""
    cursor = await connection.execute(
        "SELECT deductible_used, fund_used FROM health_years WHERE patient = %s AND year = %s", (patient, year)
    )
    row = await cursor.fetchone()
    return Year(*row) if row else Year()


async def lock_years(connection: Connection, patients: Sequence[int], year: int) -> dict[int, Year]:
    """Lock the year of patients, made where there was none, until the transaction ends; give what each has used."""
    await put_years(connection, year, {patient: Year() for patient in sorted(patients)})
    cursor = await connection.execute(
        """
        SELECT patient, deductible_used, fund_used
        FROM health_years
        WHERE patient = ANY(%s) AND year = %s
        ORDER BY patient
        FOR UPDATE
        """,
        (list(patients), year),
    )
    return {patient: Year(*used) for patient, *used in await cursor.fetchall()}


async def use_years(connection: Connection, year: int, used: Mapping[int, Year]) -> None:
    """Write what the locked years of patients have used now."""
    cursor = await connection.execute(
        """
        UPDATE health_years y
        SET deductible_used = n.deductible, fund_used = n.fund
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(patient, deductible, fund)
        WHERE y.patient = n.patient AND y.year = %s
        """,
        (
            list(used),
            [one.deductible_used for one in used.values()],
            [one.fund_used for one in used.values()],
            year,
        ),
    )
    expect_rows(cursor.rowcount, expected=len(used), what="health years")


async def give_back(connection: Connection, bill: BillRow) -> None:
    """Take off a patient's year what a withdrawn bill had used of it."""
    cursor = await connection.execute(
        """
        UPDATE health_years
        SET deductible_used = deductible_used - %s, fund_used = fund_used - %s
        WHERE patient = %s AND year = %s
        """,
        (bill.deductible, bill.fund, bill.patient, bill.year),
    )
    expect_rows(cursor.rowcount, expected=1, what="health year given back")


async def bills_of_visits(
    connection: Connection, hospital: int, visits: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """Find the dues of visits, each (patient, visit number), of a hospital, whatever became of them."""
    cursor = await connection.execute(
        """
        SELECT b.patient, b.visit, b.due
        FROM unnest(%s::bigint[], %s::bigint[]) AS n(patient, visit)
        JOIN health_bills b ON b.patient = n.patient AND b.hospital = %s AND b.visit = n.visit
        """,
        ([patient for patient, _ in visits], [visit for _, visit in visits], hospital),
    )
    return {(patient, visit): due for patient, visit, due in await cursor.fetchall()}


async def insert_bills(connection: Connection, bills: Sequence[BillRow]) -> None:
    """Store bills beside their dues."""
    await connection.execute(
        f"""
        INSERT INTO health_bills ({_BILL})
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
            %s::smallint[])
        """,  # noqa: S608 - our own columns
        (
            [bill.due for bill in bills],
            [bill.patient for bill in bills],
            [bill.hospital for bill in bills],
            [bill.visit for bill in bills],
            [bill.clerk for bill in bills],
            [bill.deductible for bill in bills],
            [bill.fund for bill in bills],
            [bill.year for bill in bills],
        ),
    )


async def bill(connection: Connection, due: int, hospital: int) -> BillRow | None:
    """Find a bill of a hospital by its due."""
    async with connection.cursor(row_factory=class_row(BillRow)) as cursor:
        await cursor.execute(
            f"SELECT {_BILL} FROM health_bills WHERE due = %s AND hospital = %s",  # noqa: S608 - our own columns
            (due, hospital),
        )
        return await cursor.fetchone()


async def insert_look(connection: Connection, look: Look) -> None:
    """Write down that a clerk opened a patient's record."""
    await connection.execute(
        "INSERT INTO clinic_looks (id, staff, hospital, patient, at) VALUES (%s, %s, %s, %s, %s)",
        (look.id, look.staff, look.hospital, look.patient, look.at),
    )


async def look(connection: Connection, identity: int, *, staff: int, since: datetime) -> Look | None:
    """Find a look of this clerk that is not too old."""
    async with connection.cursor(row_factory=class_row(Look)) as cursor:
        await cursor.execute(
            "SELECT id, staff, hospital, patient, at FROM clinic_looks WHERE id = %s AND staff = %s AND at >= %s",
            (identity, staff, since),
        )
        return await cursor.fetchone()


async def looks_of(connection: Connection, hospital: int, *, limit: int) -> list[Look]:
    """Read a hospital's newest looks."""
    async with connection.cursor(row_factory=class_row(Look)) as cursor:
        await cursor.execute(
            "SELECT id, staff, hospital, patient, at FROM clinic_looks WHERE hospital = %s ORDER BY id DESC LIMIT %s",
            (hospital, limit),
        )
        return await cursor.fetchall()
