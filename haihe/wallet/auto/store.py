"""All SQL about rules for automatic top-ups. The bucket is named for every row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from haihe.base.database import Connection, one
from haihe.wallet.auto.model import AutoRule

_COLUMNS: Final = "bucket, citizen, card, below, amount, month_max, newest, refusals, stopped, set_at, next_look_at"

_OF: Final = f"SELECT {_COLUMNS} FROM auto_top_ups WHERE bucket = %s AND citizen = %s"  # noqa: S608 - constant columns

_PUT: Final = """
INSERT INTO auto_top_ups (bucket, citizen, card, below, amount, month_max, newest, refusals, stopped, set_at, next_look_at)
VALUES (%(bucket)s, %(citizen)s, %(card)s, %(below)s, %(amount)s, %(month_max)s, 0, 0, '', %(now)s, %(now)s)
ON CONFLICT (bucket, citizen) DO UPDATE
SET card = excluded.card,
    below = excluded.below,
    amount = excluded.amount,
    month_max = excluded.month_max,
    refusals = 0,
    stopped = '',
    set_at = excluded.set_at,
    next_look_at = excluded.next_look_at
"""

_DROP: Final = "DELETE FROM auto_top_ups WHERE bucket = %s AND citizen = %s"

# Whose wallet has less than was agreed; what can be spent is credits - debits - held debits.
_LOW: Final = """
SELECT r.citizen
FROM auto_top_ups r
JOIN accounts a ON a.bucket = %(bucket)s AND a.id = r.citizen
WHERE r.bucket = %(bucket)s AND r.stopped = '' AND r.next_look_at <= %(now)s
    AND a.flags & 6 = 0 AND a.credits_posted - a.debits_posted - a.debits_pending < r.below
ORDER BY r.next_look_at
LIMIT %(limit)s
"""

_IS_OPEN: Final = "SELECT 1 FROM top_ups WHERE bucket = %s AND citizen = %s AND status IN (0, 3) AND origin = 1 LIMIT 1"

_MONTH_TOTAL: Final = """
SELECT coalesce(sum(amount), 0)
FROM top_ups
WHERE bucket = %s AND citizen = %s AND id >= %s AND asked_at >= %s AND origin = 1 AND status <> 2
"""

_CARD_GONE: Final = """
UPDATE auto_top_ups
SET stopped = %s
WHERE citizen = %s AND card = %s AND stopped = ''
"""

_ASKED: Final = "UPDATE auto_top_ups SET newest = %s WHERE bucket = %s AND citizen = %s"

_REST: Final = "UPDATE auto_top_ups SET next_look_at = %s WHERE bucket = %s AND citizen = %s"

_SETTLED: Final = """
UPDATE auto_top_ups
SET refusals = %s,
    stopped = %s,
    next_look_at = %s
WHERE bucket = %s AND citizen = %s
"""


async def of(connection: Connection, bucket: int, citizen: int, *, lock: bool = False) -> AutoRule | None:
    """Read a citizen's rule, and hold it until the transaction ends if `lock`."""
    row = await (await connection.execute(_OF + " FOR UPDATE" if lock else _OF, (bucket, citizen))).fetchone()
    return _rule(row) if row else None


async def put(connection: Connection, rule: AutoRule) -> None:
    """Write a rule down, in place of one that was there; what it asked for last stays known."""
    values = {
        "bucket": rule.bucket,
        "citizen": rule.citizen,
        "card": rule.card,
        "below": rule.below,
        "amount": rule.amount,
        "month_max": rule.month_max,
        "now": rule.set_at,
    }
    await connection.execute(_PUT, values)


async def drop(connection: Connection, bucket: int, citizen: int) -> bool:
    """Forget a rule; False when there is none."""
    return (await connection.execute(_DROP, (bucket, citizen))).rowcount == 1


async def low(connection: Connection, bucket: int, *, now: datetime, limit: int) -> list[int]:
    """Give the citizens whose wallets have less than their rules say."""
    rows = await (await connection.execute(_LOW, {"bucket": bucket, "now": now, "limit": limit})).fetchall()
    return [row[0] for row in rows]


async def is_open(connection: Connection, bucket: int, citizen: int) -> bool:
    """Tell whether the bank's word on an automatic top-up is still awaited, of this rule or of one before it."""
    return await (await connection.execute(_IS_OPEN, (bucket, citizen))).fetchone() is not None


async def month_total(connection: Connection, bucket: int, citizen: int, *, first_id: int, since: datetime) -> int:
    """Add up what was pulled automatically since a moment, in fen."""
    return int(one(await (await connection.execute(_MONTH_TOTAL, (bucket, citizen, first_id, since))).fetchone())[0])


async def mark_asked(connection: Connection, bucket: int, citizen: int, top_up: int) -> None:
    """Write down what a rule asked for last."""
    await connection.execute(_ASKED, (top_up, bucket, citizen))


async def stop_for_card(connection: Connection, citizen: int, card: int, reason: str) -> None:
    """Stop a citizen's rule that pulls from a card."""
    await connection.execute(_CARD_GONE, (reason, citizen, card))


async def rest(connection: Connection, bucket: int, citizen: int, *, until: datetime) -> None:
    """Let a rule rest until a moment."""
    await connection.execute(_REST, (until, bucket, citizen))


async def mark_settled(connection: Connection, rule: AutoRule) -> None:
    """Write down how a rule stands after the bank's word."""
    values = (rule.refusals, rule.stopped, rule.next_look_at, rule.bucket, rule.citizen)
    await connection.execute(_SETTLED, values)


def _rule(row: Sequence[Any]) -> AutoRule:
    return AutoRule(**dict(zip(_COLUMNS.split(", "), row, strict=True)))
