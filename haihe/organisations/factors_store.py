"""All SQL about second factors of staff, and from when on an organisation requires them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from haihe.base.database import Connection, expect_rows


class Factor(NamedTuple):
    """A stored second factor: wrapped key, sealed secret, the newest step that was used."""

    key: bytes
    secret: bytes
    last_step: int


async def put(connection: Connection, staff: int, factor: Factor, codes: Sequence[bytes], now: datetime) -> None:
    """Store a factor instead of the one before, with its recovery codes."""
    await drop(connection, staff)
    await connection.execute(
        "INSERT INTO staff_factors (staff, key, secret, last_step, enrolled_at) VALUES (%s, %s, %s, %s, %s)",
        (staff, factor.key, factor.secret, factor.last_step, now),
    )
    await connection.execute(
        "INSERT INTO staff_recovery_codes (staff, code) SELECT %s, unnest(%s::bytea[])", (staff, list(codes))
    )


async def lock(connection: Connection, staff: int) -> Factor | None:
    """Read a factor and hold it until the transaction ends."""
    query = "SELECT key, secret, last_step FROM staff_factors WHERE staff = %s FOR UPDATE"
    row = await (await connection.execute(query, (staff,))).fetchone()
    return Factor(bytes(row[0]), bytes(row[1]), row[2]) if row else None


async def use_step(connection: Connection, staff: int, step: int) -> None:
    """Write down that a step's code was used."""
    cursor = await connection.execute("UPDATE staff_factors SET last_step = %s WHERE staff = %s", (step, staff))
    expect_rows(cursor.rowcount, expected=1, what="a used step")


async def use_code(connection: Connection, staff: int, code: bytes) -> bool:
    """Use a recovery code up; tell whether it was one."""
    query = "DELETE FROM staff_recovery_codes WHERE staff = %s AND code = %s"
    return (await connection.execute(query, (staff, code))).rowcount == 1


async def drop(connection: Connection, staff: int) -> bool:
    """Remove a factor with its recovery codes; tell whether there was one."""
    return (await connection.execute("DELETE FROM staff_factors WHERE staff = %s", (staff,))).rowcount == 1


async def codes_left(connection: Connection, staff: int) -> int | None:
    """Count the recovery codes; None without a factor."""
    query = """
    SELECT (SELECT count(*) FROM staff_recovery_codes c WHERE c.staff = f.staff)
    FROM staff_factors f
    WHERE f.staff = %s
    """
    row = await (await connection.execute(query, (staff,))).fetchone()
    return int(row[0]) if row else None


async def required_from(connection: Connection, organisation: int) -> date | None:
    """Tell from which day on an organisation requires the second factor."""
    query = "SELECT second_factor_from FROM organisation_security WHERE organisation = %s"
    row = await (await connection.execute(query, (organisation,))).fetchone()
    return row[0] if row else None


async def require_from(connection: Connection, organisation: int, day: date | None) -> None:
    """Require it from a day on, or no longer."""
    if day is None:
        await connection.execute("DELETE FROM organisation_security WHERE organisation = %s", (organisation,))
        return
    await connection.execute(
        """
        INSERT INTO organisation_security (organisation, second_factor_from)
        VALUES (%s, %s)
        ON CONFLICT (organisation) DO UPDATE SET second_factor_from = excluded.second_factor_from
        """,
        (organisation, day),
    )
