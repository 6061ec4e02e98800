"""All SQL about bank cards and top-ups. The bucket is named for every row of top_ups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from haihe.base.database import Connection, expect_rows, one
from haihe.base.ids import first_id_at
from haihe.outside.bank import CONTRADICTED
from haihe.wallet.bank_lines.judging import PULL
from haihe.wallet.model import Card, Origin, TopUp, TopUpStatus

_COLUMNS: Final = "id, bucket, citizen, card, amount, status, reason, balance, asked_at, origin"

_CARDS: Final = """
SELECT id, last_digits
FROM bank_cards
WHERE citizen = %s
ORDER BY id DESC
"""

_CARD_NUMBER: Final = """
SELECT c.data_key, b.number
FROM bank_cards b
JOIN citizens c ON c.id = b.citizen
WHERE b.id = %s AND b.citizen = %s
"""

_DATA_KEY: Final = "SELECT data_key FROM citizens WHERE id = %s FOR UPDATE"

_PUT_CARD: Final = """
INSERT INTO bank_cards (id, citizen, number, number_hash, last_digits, mandated_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (citizen, number_hash) DO NOTHING
"""

_CARD_BY_NUMBER: Final = """
SELECT id, last_digits
FROM bank_cards
WHERE citizen = %s AND number_hash = %s
"""

_DROP_CARD: Final = "DELETE FROM bank_cards WHERE id = %s AND citizen = %s"

# One citizen's top-ups begin one after the other, so that two at once cannot pass the day limit together.
_HOLD_CITIZEN: Final = "SELECT id FROM citizens WHERE id = %s FOR UPDATE"

_DAY_TOTAL: Final = """
SELECT coalesce(sum(amount), 0)
FROM top_ups
WHERE bucket = %s AND citizen = %s AND id >= %s AND asked_at >= %s AND status <> 2 AND origin = ANY(%s)
"""

_INSERT: Final = """
INSERT INTO top_ups (bucket, id, citizen, card, amount, status, reason, key_hash, content_hash, balance, asked_at,
    changed_at, next_try_at, tries, origin)
VALUES (%(bucket)s, %(id)s, %(citizen)s, %(card)s, %(amount)s, 0, '', %(key)s, %(content)s, 0, %(now)s,
    %(now)s, %(next_try)s, 0, %(origin)s)
"""

_BY_KEY: Final = f"""
SELECT {_COLUMNS}, content_hash
FROM top_ups
WHERE bucket = %s AND citizen = %s AND key_hash = %s
"""  # noqa: S608 - a constant list of columns

_BY_ID: Final = f"SELECT {_COLUMNS} FROM top_ups WHERE bucket = %s AND id = %s"  # noqa: S608

_SETTLE: Final = """
UPDATE top_ups
SET status = %(status)s,
    reason = %(reason)s,
    balance = %(balance)s,
    changed_at = %(now)s,
    next_try_at = %(next_try)s
WHERE bucket = %(bucket)s AND id = %(id)s
"""

_RECENT: Final = f"""
SELECT {_COLUMNS}
FROM top_ups
WHERE bucket = %s AND citizen = %s AND origin <> 2
ORDER BY id DESC
LIMIT %s
"""  # noqa: S608

# Whoever takes a due one moves its next try on, so that no other process asks the bank at the same time.
_DUE: Final = """
SELECT id, tries
FROM top_ups
WHERE bucket = %s AND status IN (0, 3) AND next_try_at <= %s
ORDER BY next_try_at
LIMIT %s
FOR UPDATE SKIP LOCKED
"""

_MOVE_ON: Final = f"""
UPDATE top_ups
SET tries = tries + 1,
    next_try_at = due.next_try_at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS due (due_id, next_try_at)
WHERE bucket = %s AND id = due_id
RETURNING {_COLUMNS}
"""  # noqa: S608


# Open ones that the bank's statement knows; what was found to contradict it is left to people.
_ON_STATEMENT: Final = f"""
SELECT {_COLUMNS}
FROM top_ups u
WHERE u.bucket = %s AND u.status IN (0, 3) AND EXISTS (
    SELECT 1
    FROM bank_lines l
    WHERE l.kind = %s AND l.reference = u.id::text AND (u.reason <> %s OR l.amount = u.amount)
)
ORDER BY u.id
LIMIT %s
"""  # noqa: S608

_IS_WAITING: Final = """
SELECT EXISTS (
    SELECT 1
    FROM top_ups
    WHERE bucket = %s AND status IN (0, 3) AND asked_at <= %s
)
"""

_IS_USABLE: Final = """
SELECT 1
FROM accounts
WHERE bucket = %s AND id = %s AND flags & 6 = 0
"""


@dataclass(frozen=True, slots=True)
class NewTopUp:
    """A top-up before the bank was asked."""

    id: int
    bucket: int
    citizen: int
    card: int
    amount: int
    key_hash: bytes
    content_hash: bytes
    asked_at: datetime
    next_try_at: datetime
    origin: Origin = Origin.CITIZEN


async def cards(connection: Connection, citizen: int) -> list[Card]:
    """Read a citizen's cards, newest first."""
    return [Card(*row) for row in await (await connection.execute(_CARDS, (citizen,))).fetchall()]


async def card_number(connection: Connection, card: int, *, citizen: int) -> tuple[bytes, bytes] | None:
    """Read the citizen's wrapped data key and the card's sealed number."""
    row = await (await connection.execute(_CARD_NUMBER, (card, citizen))).fetchone()
    return (row[0], row[1]) if row else None


async def data_key(connection: Connection, citizen: int) -> bytes:
    """Read a citizen's wrapped data key, and hold the citizen until the transaction ends."""
    key: bytes = one(await (await connection.execute(_DATA_KEY, (citizen,))).fetchone())[0]
    return key


async def put_card(
    connection: Connection, card: Card, *, citizen: int, number: bytes, number_hash: bytes, now: datetime
) -> Card:
    """Keep a card, or give the one that holds this number already."""
    await connection.execute(_PUT_CARD, (card.id, citizen, number, number_hash, card.last_digits, now))
    return Card(*one(await (await connection.execute(_CARD_BY_NUMBER, (citizen, number_hash))).fetchone()))


async def drop_card(connection: Connection, card: int, *, citizen: int) -> bool:
    """Forget a card; False when the citizen has none of this id."""
    return (await connection.execute(_DROP_CARD, (card, citizen))).rowcount == 1


async def hold_citizen(connection: Connection, citizen: int) -> None:
    """Hold a citizen until the transaction ends."""
    one(await (await connection.execute(_HOLD_CITIZEN, (citizen,))).fetchone())


async def day_total(
    connection: Connection, bucket: int, citizen: int, *, since: datetime, origins: Sequence[Origin]
) -> int:
    """Add up a citizen's top-ups of some origins since a moment, in fen, without the refused."""
    values = (bucket, citizen, first_id_at(since), since, [int(one) for one in origins])
    return int(one(await (await connection.execute(_DAY_TOTAL, values)).fetchone())[0])


async def insert(connection: Connection, new: NewTopUp) -> TopUp:
    """Write a top-up down before the bank is asked."""
    values = {
        "bucket": new.bucket,
        "id": new.id,
        "citizen": new.citizen,
        "card": new.card,
        "amount": new.amount,
        "key": new.key_hash,
        "content": new.content_hash,
        "now": new.asked_at,
        "next_try": new.next_try_at,
        "origin": int(new.origin),
    }
    await connection.execute(_INSERT, values)
    return TopUp(
        id=new.id,
        bucket=new.bucket,
        citizen=new.citizen,
        card=new.card,
        amount=new.amount,
        status=TopUpStatus.ASKED,
        reason="",
        balance=0,
        asked_at=new.asked_at,
        origin=new.origin,
    )


async def by_key(connection: Connection, bucket: int, *, citizen: int, key_hash: bytes) -> tuple[TopUp, bytes] | None:
    """Find the top-up of an idempotency key, with the hash of what it asked."""
    row = await (await connection.execute(_BY_KEY, (bucket, citizen, key_hash))).fetchone()
    return (_top_up(row[:-1]), row[-1]) if row else None


async def by_id(connection: Connection, bucket: int, identity: int, *, lock: bool = False) -> TopUp | None:
    """Find a top-up, and hold it until the transaction ends if `lock`."""
    statement = _BY_ID + " FOR UPDATE" if lock else _BY_ID
    row = await (await connection.execute(statement, (bucket, identity))).fetchone()
    return _top_up(row) if row else None


async def settle(connection: Connection, top_up: TopUp, *, now: datetime, next_try_at: datetime) -> None:
    """Write what became of a top-up."""
    values = {
        "bucket": top_up.bucket,
        "id": top_up.id,
        "status": top_up.status,
        "reason": top_up.reason,
        "balance": top_up.balance,
        "now": now,
        "next_try": next_try_at,
    }
    expect_rows((await connection.execute(_SETTLE, values)).rowcount, expected=1, what="top-up")


async def recent(connection: Connection, bucket: int, citizen: int, *, limit: int) -> list[TopUp]:
    """Read a citizen's newest top-ups."""
    rows = await (await connection.execute(_RECENT, (bucket, citizen, limit))).fetchall()
    return [_top_up(row) for row in rows]


async def due(connection: Connection, bucket: int, *, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Hold open top-ups whose next try has come: id and number of tries; those that others hold are left to them."""
    rows = await (await connection.execute(_DUE, (bucket, now, limit))).fetchall()
    return [(row[0], row[1]) for row in rows]


async def move_on(connection: Connection, bucket: int, ids: list[int], next_tries: list[datetime]) -> list[TopUp]:
    """Set when each is to be tried again, and give them."""
    rows = await (await connection.execute(_MOVE_ON, (ids, next_tries, bucket))).fetchall()
    return [_top_up(row) for row in rows]


async def on_statement(connection: Connection, bucket: int, *, limit: int) -> list[TopUp]:
    """Give open top-ups of which the bank's statement has a line."""
    values = (bucket, PULL, CONTRADICTED.reason, limit)
    return [_top_up(row) for row in await (await connection.execute(_ON_STATEMENT, values)).fetchall()]


async def is_waiting(connection: Connection, bucket: int, *, since: datetime) -> bool:
    """Tell whether the bank's word on a top-up is awaited since a moment or longer."""
    return bool(one(await (await connection.execute(_IS_WAITING, (bucket, since))).fetchone())[0])


async def is_usable(connection: Connection, bucket: int, wallet: int) -> bool:
    """Tell whether a wallet is neither frozen nor closed."""
    return await (await connection.execute(_IS_USABLE, (bucket, wallet))).fetchone() is not None


def _top_up(row: tuple[Any, ...]) -> TopUp:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return TopUp(**{**values, "status": TopUpStatus(values["status"]), "origin": Origin(values["origin"])})
