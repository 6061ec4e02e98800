"""All SQL about withdrawals. The bucket is named for every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from haihe.base.database import Connection, expect_rows, one
from haihe.base.ids import first_id_at
from haihe.outside.bank import CONTRADICTED
from haihe.wallet.bank_lines.judging import PUSH
from haihe.wallet.withdrawals.model import Withdrawal, WithdrawalStatus

_COLUMNS: Final = "id, bucket, ending, citizen, card, amount, status, reason, balance, asked_at"

_DAY_TOTAL: Final = """
SELECT coalesce(sum(amount), 0)
FROM withdrawals
WHERE bucket = %s AND citizen = %s AND id >= %s AND asked_at >= %s AND status <> 2
"""

_INSERT: Final = """
INSERT INTO withdrawals (bucket, id, ending, citizen, card, amount, status, reason, key_hash, content_hash, balance, asked_at,
    changed_at, next_try_at, tries)
VALUES (%(bucket)s, %(id)s, %(ending)s, %(citizen)s, %(card)s, %(amount)s, 0, '', %(key)s, %(content)s, %(balance)s, %(now)s,
    %(now)s, %(next_try)s, 0)
"""

_BY_KEY: Final = f"""
SELECT {_COLUMNS}, content_hash
FROM withdrawals
WHERE bucket = %s AND citizen = %s AND key_hash = %s
"""  # noqa: S608 - a constant list of columns

_BY_ID: Final = f"SELECT {_COLUMNS} FROM withdrawals WHERE bucket = %s AND id = %s"  # noqa: S608

_SETTLE: Final = """
UPDATE withdrawals
SET status = %(status)s,
    reason = %(reason)s,
    balance = %(balance)s,
    changed_at = %(now)s,
    next_try_at = %(next_try)s
WHERE bucket = %(bucket)s AND id = %(id)s
"""

_RECENT: Final = f"""
SELECT {_COLUMNS}
FROM withdrawals
WHERE bucket = %s AND citizen = %s
ORDER BY id DESC
LIMIT %s
"""  # noqa: S608

# Whoever takes a due one moves its next try on, so that no other process asks the bank at the same time.
_DUE: Final = """
SELECT id, tries
FROM withdrawals
WHERE bucket = %s AND status IN (0, 3) AND next_try_at <= %s
ORDER BY next_try_at
LIMIT %s
FOR UPDATE SKIP LOCKED
"""

_MOVE_ON: Final = f"""
UPDATE withdrawals
SET tries = tries + 1,
    next_try_at = due.next_try_at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS due (due_id, next_try_at)
WHERE bucket = %s AND id = due_id
RETURNING {_COLUMNS}
"""  # noqa: S608

# Open ones that the bank's statement knows; what was found to contradict it is left to people.
_ON_STATEMENT: Final = f"""
SELECT {_COLUMNS}
FROM withdrawals w
WHERE w.bucket = %s AND w.status IN (0, 3) AND EXISTS (
    SELECT 1
    FROM bank_lines l
    WHERE l.kind = %s AND l.reference = w.id::text AND (w.reason <> %s OR l.amount = -w.amount)
)
ORDER BY w.id
LIMIT %s
"""  # noqa: S608

_IS_WAITING: Final = """
SELECT EXISTS (
    SELECT 1
    FROM withdrawals
    WHERE bucket = %s AND status IN (0, 3) AND asked_at <= %s
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWithdrawal:
    """A withdrawal before the bank was asked."""

    withdrawal: Withdrawal
    key_hash: bytes
    content_hash: bytes
    next_try_at: datetime


async def day_total(connection: Connection, bucket: int, citizen: int, *, since: datetime) -> int:
    """Add up a citizen's withdrawals since a moment, in fen, without the refused."""
    values = (bucket, citizen, first_id_at(since), since)
    return int(one(await (await connection.execute(_DAY_TOTAL, values)).fetchone())[0])


async def insert(connection: Connection, new: NewWithdrawal) -> None:
    """Write a withdrawal down before the bank is asked."""
    row = new.withdrawal
    values = {
        "bucket": row.bucket,
        "id": row.id,
        "ending": row.ending,
        "citizen": row.citizen,
        "card": row.card,
        "amount": row.amount,
        "key": new.key_hash,
        "content": new.content_hash,
        "balance": row.balance,
        "now": row.asked_at,
        "next_try": new.next_try_at,
    }
    await connection.execute(_INSERT, values)


async def by_key(
    connection: Connection, bucket: int, *, citizen: int, key_hash: bytes
) -> tuple[Withdrawal, bytes] | None:
    """Find the withdrawal of an idempotency key, with the hash of what it asked."""
    row = await (await connection.execute(_BY_KEY, (bucket, citizen, key_hash))).fetchone()
    return (_withdrawal(row[:-1]), row[-1]) if row else None


async def by_id(connection: Connection, bucket: int, identity: int, *, lock: bool = False) -> Withdrawal | None:
    """Find a withdrawal, and hold it until the transaction ends if `lock`."""
    statement = _BY_ID + " FOR UPDATE" if lock else _BY_ID
    row = await (await connection.execute(statement, (bucket, identity))).fetchone()
    return _withdrawal(row) if row else None


async def settle(connection: Connection, row: Withdrawal, *, now: datetime, next_try_at: datetime) -> None:
    """Write what became of a withdrawal."""
    values = {
        "bucket": row.bucket,
        "id": row.id,
        "status": int(row.status),
        "reason": row.reason,
        "balance": row.balance,
        "now": now,
        "next_try": next_try_at,
    }
    expect_rows((await connection.execute(_SETTLE, values)).rowcount, expected=1, what="withdrawal")


async def recent(connection: Connection, bucket: int, citizen: int, *, limit: int) -> list[Withdrawal]:
    """Read a citizen's newest withdrawals."""
    rows = await (await connection.execute(_RECENT, (bucket, citizen, limit))).fetchall()
    return [_withdrawal(row) for row in rows]


async def due(connection: Connection, bucket: int, *, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Hold open withdrawals whose next try has come: id and number of tries; those that others hold are left to them."""
    rows = await (await connection.execute(_DUE, (bucket, now, limit))).fetchall()
    return [(row[0], row[1]) for row in rows]


async def move_on(
    connection: Connection, bucket: int, ids: Sequence[int], next_tries: Sequence[datetime]
) -> list[Withdrawal]:
    """Set when each is to be tried again, and give them."""
    rows = await (await connection.execute(_MOVE_ON, (list(ids), list(next_tries), bucket))).fetchall()
    return [_withdrawal(row) for row in rows]


async def on_statement(connection: Connection, bucket: int, *, limit: int) -> list[Withdrawal]:
    """Give open withdrawals of which the bank's statement has a line."""
    values = (bucket, PUSH, CONTRADICTED.reason, limit)
    return [_withdrawal(row) for row in await (await connection.execute(_ON_STATEMENT, values)).fetchall()]


async def is_waiting(connection: Connection, bucket: int, *, since: datetime) -> bool:
    """Tell whether the bank's word on a withdrawal is awaited since a moment or longer."""
    return bool(one(await (await connection.execute(_IS_WAITING, (bucket, since))).fetchone())[0])


def _withdrawal(row: Sequence[Any]) -> Withdrawal:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return Withdrawal(**{**values, "status": WithdrawalStatus(values["status"])})
