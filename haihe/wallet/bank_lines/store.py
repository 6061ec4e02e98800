"""All SQL about the lines of the bank's statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from haihe.base.database import Connection
from haihe.outside.bank import BankLine

_NEWEST_LINE: Final = "SELECT number, kind, reference, amount, balance FROM bank_lines ORDER BY number DESC LIMIT 1"

_PUT_LINES: Final = """
INSERT INTO bank_lines (number, kind, reference, amount, balance, read_at)
SELECT n.number, n.kind, n.reference, n.amount, n.balance, %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[]) AS n(number, kind, reference, amount, balance)
ON CONFLICT DO NOTHING
"""

_AMOUNT: Final = "SELECT amount FROM bank_lines WHERE kind = %s AND reference = %s"


async def newest_line(connection: Connection) -> BankLine | None:
    """Read the last line of the bank's statement that is known here."""
    row = await (await connection.execute(_NEWEST_LINE)).fetchone()
    return BankLine(*row) if row else None


async def put_lines(connection: Connection, lines: Sequence[BankLine], now: datetime) -> None:
    """Store lines of the bank's statement; those that are known stay as they are."""
    columns = (
        [line.number for line in lines],
        [line.kind for line in lines],
        [line.reference for line in lines],
        [line.amount for line in lines],
        [line.balance for line in lines],
    )
    await connection.execute(_PUT_LINES, (now, *columns))


async def amount_of(connection: Connection, kind: str, reference: int) -> int | None:
    """Tell how much the line of a reference moved, in signed fen; None while the statement has none."""
    row = await (await connection.execute(_AMOUNT, (kind, str(reference)))).fetchone()
    return row[0] if row else None
