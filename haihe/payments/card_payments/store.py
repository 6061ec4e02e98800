"""All SQL about payments by card. The bucket is named for every row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from haihe.base.database import Connection, expect_rows, one
from haihe.base.ids import first_id_at
from haihe.payments.card_payments.model import CardPayment, CardPaymentStatus
from haihe.wallet.model import TopUpStatus

_COLUMNS: Final = "id, bucket, citizen, code, amount, typed, companion, is_static, status, reason, payment, asked_at"

_INSERT: Final = """
INSERT INTO card_payments (bucket, id, citizen, code, amount, typed, companion, is_static, status, reason, payment,
    key_hash, content_hash, asked_at, changed_at)
VALUES (%(bucket)s, %(id)s, %(citizen)s, %(code)s, %(amount)s, %(typed)s, %(companion)s, %(is_static)s, 0, '', 0,
    %(key)s, %(content)s, %(now)s, %(now)s)
"""

_BY_KEY: Final = f"""
SELECT {_COLUMNS}, content_hash
FROM card_payments
WHERE bucket = %s AND citizen = %s AND key_hash = %s
"""  # noqa: S608 - a constant list of columns

_BY_ID: Final = f"SELECT {_COLUMNS} FROM card_payments WHERE bucket = %s AND id = %s"  # noqa: S608

_STATIC_TOTAL: Final = """
SELECT coalesce(sum(amount), 0)
FROM card_payments
WHERE bucket = %s AND citizen = %s AND id >= %s AND asked_at >= %s AND is_static AND status <> 2
"""

# What the bank's word allows to go on with.
_KNOWN: Final = """
SELECT c.id
FROM card_payments c
JOIN top_ups u ON u.bucket = %(bucket)s AND u.id = c.id AND u.status IN (1, 2, 4)
WHERE c.bucket = %(bucket)s AND c.status = 0
ORDER BY c.id
LIMIT %(limit)s
"""

_PULL: Final = "SELECT status, reason FROM top_ups WHERE bucket = %s AND id = %s"

_SETTLE: Final = """
UPDATE card_payments
SET status = %s,
    reason = %s,
    payment = %s,
    changed_at = %s
WHERE bucket = %s AND id = %s AND status = 0
"""


async def insert(connection: Connection, new: CardPayment, *, key_hash: bytes, content_hash: bytes) -> None:
    """Write a payment by card down, after the top-up that pulls the money for it."""
    values = {
        "bucket": new.bucket,
        "id": new.id,
        "citizen": new.citizen,
        "code": new.code,
        "amount": new.amount,
        "typed": new.typed,
        "companion": new.companion,
        "is_static": new.is_static,
        "key": key_hash,
        "content": content_hash,
        "now": new.asked_at,
    }
    await connection.execute(_INSERT, values)


async def by_key(
    connection: Connection, bucket: int, *, citizen: int, key_hash: bytes
) -> tuple[CardPayment, bytes] | None:
    """Find the payment by card of an idempotency key, with the hash of what it asked."""
    row = await (await connection.execute(_BY_KEY, (bucket, citizen, key_hash))).fetchone()
    return (_card_payment(row[:-1]), row[-1]) if row else None


async def by_id(connection: Connection, bucket: int, identity: int, *, lock: bool = False) -> CardPayment | None:
    """Find a payment by card, and hold it until the transaction ends if `lock`."""
    statement = _BY_ID + " FOR UPDATE" if lock else _BY_ID
    row = await (await connection.execute(statement, (bucket, identity))).fetchone()
    return _card_payment(row) if row else None


async def static_total(connection: Connection, bucket: int, citizen: int, *, since: datetime) -> int:
    """Add up what a citizen paid from cards at static codes since a moment, in fen, without what the bank refused."""
    values = (bucket, citizen, first_id_at(since), since)
    return int(one(await (await connection.execute(_STATIC_TOTAL, values)).fetchone())[0])


async def known(connection: Connection, bucket: int, *, limit: int) -> list[int]:
    """Give the open ones of which the bank's word is known."""
    rows = await (await connection.execute(_KNOWN, {"bucket": bucket, "limit": limit})).fetchall()
    return [row[0] for row in rows]


async def pull_of(connection: Connection, bucket: int, identity: int) -> tuple[TopUpStatus, str]:
    """Tell what became of the pull for a payment by card, and the bank's reason."""
    row = one(await (await connection.execute(_PULL, (bucket, identity))).fetchone())
    return TopUpStatus(row[0]), row[1]


async def settle(connection: Connection, row: CardPayment, *, now: datetime) -> None:
    """Write what became of an open payment by card."""
    values = (int(row.status), row.reason, row.payment, now, row.bucket, row.id)
    expect_rows((await connection.execute(_SETTLE, values)).rowcount, expected=1, what="payment by card")


def _card_payment(row: Sequence[Any]) -> CardPayment:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return CardPayment(**{**values, "status": CardPaymentStatus(values["status"])})
