"""All SQL about money between citizens. Every statement about money names the one bucket whose rows it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from haihe.base.database import Connection
from haihe.ledger.crossings.model import State
from haihe.ledger.model import Result, SystemAccount
from haihe.wallet.sending.model import Received, Sending, Status

_STATUS: Final[Mapping[int | None, Status]] = {
    None: Status.ARRIVED,
    State.OPEN: Status.SENT,
    State.ARRIVED: Status.ARRIVED,
    State.RETURNED: Status.RETURNED,
}
"""By the state of the crossing; without one both live in one bucket, and the money arrived at once."""

_SENDINGS: Final = """
SELECT s.id, s.bucket, s.sender, s.recipient, s.amount, s.balance, s.sent_at, s.result, s.note, c.state, c.back, s.content
FROM sendings s
LEFT JOIN crossings c ON c.bucket = s.bucket AND c.id = s.id
"""

_BY_KEY: Final = _SENDINGS + "WHERE s.bucket = %s AND s.sender = %s AND s.key_hash = %s"
_BY_IDS: Final = _SENDINGS + "WHERE s.bucket = %s AND s.id = ANY(%s)"

# Which sendings were taken back by these transfers.
_BY_UNDOINGS: Final = """
SELECT t.id, t.names
FROM transfers t
WHERE t.bucket = %s AND t.id = ANY(%s) AND t.names <> 0
"""

_INSERT: Final = """
INSERT INTO sendings (bucket, id, sender, recipient, amount, balance, sent_at, result, key_hash, content, note)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

_INSERT_ARRIVALS: Final = """
INSERT INTO arrivals (bucket, id, recipient, sender, amount, balance, arrived_at, note)
SELECT %b, n.id, n.recipient, n.sender, n.amount, n.balance, n.arrived_at, n.note
FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::bytea[])
    AS n(id, recipient, sender, amount, balance, arrived_at, note)
"""

_ARRIVALS: Final = """
SELECT id, bucket, recipient, sender, amount, balance, arrived_at, note
FROM arrivals
WHERE bucket = %s AND id = ANY(%s)
"""

_DATA_KEYS: Final = "SELECT id, data_key FROM citizens WHERE id = ANY(%s)"

_TAKES_MONEY: Final = """
SELECT 1
FROM accounts
WHERE bucket = %s AND id = %s AND flags & 6 = 0
"""


@dataclass(frozen=True, slots=True)
class NewSending:
    """What is written down with the posting, or instead of one that was refused."""

    id: int
    bucket: int
    sender: int
    recipient: int
    amount: int
    balance: int
    sent_at: datetime
    result: Result
    key_hash: bytes
    content: bytes
    note: bytes


async def by_key(connection: Connection, bucket: int, *, sender: int, key_hash: bytes) -> tuple[Sending, bytes] | None:
    """Find the sending of an idempotency key, with the hash of what it asked."""
    row = await (await connection.execute(_BY_KEY, (bucket, sender, key_hash))).fetchone()
    return (_sending(row), row[-1]) if row else None


async def by_ids(connection: Connection, bucket: int, ids: Sequence[int]) -> dict[int, Sending]:
    """Find sendings of senders who live in a bucket; the unknown are absent."""
    rows = await (await connection.execute(_BY_IDS, (bucket, list(ids)))).fetchall()
    return {row[0]: _sending(row) for row in rows}


async def undone_by(connection: Connection, bucket: int, transfers: Sequence[int]) -> dict[int, int]:
    """Tell which postings these transfers name: by transfer."""
    return dict(await (await connection.execute(_BY_UNDOINGS, (bucket, list(transfers)))).fetchall())


async def insert(connection: Connection, new: NewSending) -> None:
    """Write a sending down."""
    values = (new.bucket, new.id, new.sender, new.recipient, new.amount, new.balance, new.sent_at, int(new.result))
    await connection.execute(_INSERT, (*values, new.key_hash, new.content, new.note))


async def insert_arrivals(connection: Connection, bucket: int, received: Sequence[Received]) -> None:
    """Write down what arrived in a bucket."""
    await connection.execute(
        _INSERT_ARRIVALS,
        (
            bucket,
            [one.id for one in received],
            [one.recipient for one in received],
            [one.sender for one in received],
            [one.amount for one in received],
            [one.balance for one in received],
            [one.arrived_at for one in received],
            [one.note for one in received],
        ),
    )


async def arrivals(connection: Connection, bucket: int, ids: Sequence[int]) -> dict[int, Received]:
    """Find what arrived in a bucket; the unknown are absent."""
    rows = await (await connection.execute(_ARRIVALS, (bucket, list(ids)))).fetchall()
    return {row[0]: Received(*row) for row in rows}


async def data_keys(connection: Connection, citizens: Sequence[int]) -> dict[int, bytes]:
    """Read the wrapped data keys of citizens."""
    return dict(await (await connection.execute(_DATA_KEYS, (list(citizens),))).fetchall())


async def takes_money(connection: Connection, bucket: int, account: int) -> bool:
    """Tell whether an account is there and neither frozen nor closed."""
    return await (await connection.execute(_TAKES_MONEY, (bucket, account))).fetchone() is not None


def _sending(row: tuple[Any, ...]) -> Sending:
    identity, bucket, sender, recipient, amount, balance, sent_at, result, note, state, back, _ = row
    return Sending(
        id=identity,
        bucket=bucket,
        sender=sender,
        recipient=recipient,
        amount=amount,
        balance=balance,
        sent_at=sent_at,
        result=Result(result),
        status=_STATUS[state],
        is_held=back == SystemAccount.SUSPENSE,
        note=note,
    )
