"""All SQL about payment codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from haihe.base.database import Connection, expect_rows
from haihe.codes.model import PaymentCode


async def insert(connection: Connection, code: PaymentCode) -> None:
    """Store a new code."""
    await connection.execute(
        "INSERT INTO payment_codes (code, citizen, bucket, expires_at) VALUES (%s, %s, %s, %s)",
        (code.code, code.citizen, code.bucket, code.expires_at),
    )


async def find(connection: Connection, number: int) -> PaymentCode | None:
    """Read one code."""
    cursor = await connection.execute(
        "SELECT code, citizen, bucket, expires_at, payment FROM payment_codes WHERE code = %s", (number,)
    )
    row = await cursor.fetchone()
    return None if row is None else PaymentCode(*row)


async def used(connection: Connection, codes: Sequence[int]) -> dict[int, int]:
    """Read which of some codes have paid."""
    cursor = await connection.execute(
        "SELECT code, payment FROM payment_codes WHERE code = ANY(%b) AND payment <> 0", (list(codes),)
    )
    return dict(await cursor.fetchall())


async def use_up(connection: Connection, codes: Sequence[int], payments: Sequence[int]) -> None:
    """Write into codes which payment used them up."""
    cursor = await connection.execute(
        """
        UPDATE payment_codes c SET payment = n.payment
        FROM unnest(%b::bigint[], %b::bigint[]) AS n(code, payment)
        WHERE c.code = n.code AND c.payment = 0
        RETURNING c.code
        """,
        (list(codes), list(payments)),
    )
    expect_rows(len(await cursor.fetchall()), expected=len(codes), what="payment codes used up")


async def forget(connection: Connection, *, before: datetime) -> None:
    """Remove codes that ended before a moment."""
    await connection.execute("DELETE FROM payment_codes WHERE expires_at < %s", (before,))
