"""All SQL about who was told of a month's statement."""

from __future__ import annotations

from datetime import date
from typing import Final

from haihe.base.database import Connection, one

_BEGIN: Final = """
INSERT INTO statement_notices (bucket, month, last_citizen, is_done)
VALUES (%s, %s, 0, false)
ON CONFLICT (bucket, month) DO NOTHING
"""

_PROGRESS: Final = """
SELECT last_citizen, is_done
FROM statement_notices
WHERE bucket = %s AND month = %s
FOR UPDATE
"""

# Wallets whose newest transfer is not older than the month.
_MOVED: Final = """
SELECT id
FROM accounts
WHERE bucket = %s AND id > %s AND kind = 1 AND last_transfer >= %s
ORDER BY id
LIMIT %s
"""

_ADVANCE: Final = "UPDATE statement_notices SET last_citizen = %s, is_done = %s WHERE bucket = %s AND month = %s"


async def progress(connection: Connection, bucket: int, month: date) -> tuple[int, bool]:
    """Tell how far a bucket was told of a month, and hold that until the transaction ends: the last citizen, whether all were."""
    await connection.execute(_BEGIN, (bucket, month))
    row = one(await (await connection.execute(_PROGRESS, (bucket, month))).fetchone())
    return row[0], row[1]


async def moved(connection: Connection, bucket: int, *, after: int, since_id: int, limit: int) -> list[int]:
    """Give the next citizens whose wallets have moved since an id was made."""
    rows = await (await connection.execute(_MOVED, (bucket, after, since_id, limit))).fetchall()
    return [row[0] for row in rows]


async def advance(connection: Connection, bucket: int, month: date, *, last: int, is_done: bool) -> None:
    """Write down how far a bucket was told."""
    await connection.execute(_ADVANCE, (last, is_done, bucket, month))
