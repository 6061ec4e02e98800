"""All SQL of payments. Lists of a hot path travel as %b: psycopg writes them as text otherwise."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from haihe.base.money import CURRENCY_NUMBER
from haihe.ledger.model import AccountKind
from haihe.payments.model import MOVED, Channel, Payment, Share, Source, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.base.database import Connection

NEWS_READ_MAX: Final = 5_000
"""Payments of one bucket that a reader of news takes at once."""

_COLUMNS: Final = (
    "id, bucket, batch, payer, payee, amount, balance, status, kind, point, service, channel, names, paid_at, shares"
)
_SOURCES: Final = {
    AccountKind.WALLET: Source.BALANCE,
    AccountKind.PURSE: Source.PURSE,
    AccountKind.CITY_FUNDS: Source.FUND,
}


def _payment(row: TupleRow) -> Payment:
    """Read a row of `_COLUMNS` without its shares."""
    (identity, bucket, batch, payer, payee, amount, balance, status, kind, point, service, channel, names, paid_at) = (
        row[:14]
    )
    return Payment(
        identity,
        bucket,
        batch,
        payer,
        payee,
        amount,
        balance,
        Status(status),
        kind,
        point,
        service,
        Channel(channel),
        names,
        paid_at,
    )


async def _payments(connection: Connection, bucket: int, rows: Sequence[TupleRow]) -> list[Payment]:
    """Read rows of `_COLUMNS`; where not the wallet alone paid, the shares are the legs of the posting, a refund's those that it gives back."""
    payments = [_payment(row) for row in rows]
    shared = [payment.id for payment, row in zip(payments, rows, strict=True) if row[14]]
    if not shared:
        return payments
    shares = await _shares(connection, bucket, shared)
    return [replace(payment, shares=shares.get(payment.id, ())) for payment in payments]


async def _shares(connection: Connection, bucket: int, payments: Sequence[int]) -> dict[int, tuple[Share, ...]]:
    cursor = await connection.execute(
        """
        SELECT n.id, s.debit, t.amount, a.kind, coalesce(p.scheme, 0)
        FROM unnest(%b::bigint[]) AS n(id)
        JOIN transfers t ON t.bucket = %b AND t.id BETWEEN n.id AND n.id + 15 AND t.kind IN (1, 5)
        JOIN transfers s ON s.bucket = %b AND s.id = CASE WHEN t.kind = 5 THEN t.names ELSE t.id END
        JOIN accounts a ON a.bucket = %b AND a.id = s.debit
        LEFT JOIN purses p ON p.bucket = %b AND p.account = s.debit
        ORDER BY t.id
        """,
        (list(payments), bucket, bucket, bucket, bucket),
    )
    shares: dict[int, tuple[Share, ...]] = defaultdict(tuple)
    for payment, account, amount, kind, scheme in await cursor.fetchall():
        shares[payment] += (Share(account, amount, _SOURCES[AccountKind(kind)], scheme),)
    return shares


Cursor = AsyncCursor[TupleRow]


async def ask_keys(connection: Connection, bucket: int, keys: Sequence[int]) -> Cursor:
    """Ask which payments stand behind some key hashes; `remembered` reads the answer. In a pipeline this does not wait."""
    return await connection.execute(
        "SELECT key, payment FROM payment_keys WHERE bucket = %s AND key = ANY(%b)", (bucket, list(keys))
    )


async def remembered(connection: Connection, bucket: int, asked: Cursor) -> dict[int, tuple[int, Payment]]:
    """Read what `ask_keys` found: the content hash and the payment under each key hash that is known."""
    known = {payment: key for key, payment in await asked.fetchall()}
    if not known:
        return {}
    cursor = await connection.execute(
        f"SELECT content, {_COLUMNS} FROM payments WHERE bucket = %s AND id = ANY(%s)",  # noqa: S608 - a constant
        (bucket, list(known)),
    )
    rows = await cursor.fetchall()
    payments = await _payments(connection, bucket, [row[1:] for row in rows])
    return {known[payment.id]: (row[0], payment) for row, payment in zip(rows, payments, strict=True)}


async def probe(connection: Connection, bucket: int, key: int) -> tuple[int, Payment] | None:
    """Find what is remembered under one key hash."""
    return (await remembered(connection, bucket, await ask_keys(connection, bucket, [key]))).get(key)


async def insert(
    connection: Connection, bucket: int, payments: Sequence[Payment], *, keys: Sequence[int], contents: Sequence[int]
) -> None:
    """Write payment rows and the keys under which they are remembered."""
    await connection.execute(
        """
        INSERT INTO payments (bucket, id, payer, payee, amount, balance, batch, point, service, names, content, paid_at,
            kind, channel, status, shares, currency)
        SELECT %b, n.*, %b
        FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
            %b::bigint[], %b::bigint[], %b::timestamptz[], %b::smallint[], %b::smallint[], %b::smallint[], %b::smallint[]) AS n
        """,
        (
            bucket,
            CURRENCY_NUMBER,
            [payment.id for payment in payments],
            [payment.payer for payment in payments],
            [payment.payee for payment in payments],
            [payment.amount for payment in payments],
            [payment.balance for payment in payments],
            [payment.batch for payment in payments],
            [payment.point for payment in payments],
            [payment.service for payment in payments],
            [payment.names for payment in payments],
            list(contents),
            [payment.paid_at for payment in payments],
            [payment.kind for payment in payments],
            [int(payment.channel) for payment in payments],
            [int(payment.status) for payment in payments],
            [len(payment.shares) if payment.status in MOVED else 0 for payment in payments],
        ),
    )
    await connection.execute(
        """
        INSERT INTO payment_keys (bucket, key, payment)
        SELECT %b, n.key, n.payment
        FROM unnest(%b::bigint[], %b::bigint[]) AS n(key, payment)
        """,
        (bucket, list(keys), [payment.id for payment in payments]),
    )


async def by_ids(connection: Connection, bucket: int, ids: Sequence[int]) -> dict[int, Payment]:
    """Read payments of a bucket by id; unknown ids are absent."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM payments WHERE bucket = %s AND id = ANY(%s)",  # noqa: S608 - a constant
        (bucket, list(ids)),
    )
    return {payment.id: payment for payment in await _payments(connection, bucket, await cursor.fetchall())}


async def heads(connection: Connection) -> dict[int, int]:
    """Say which batch is the newest of each bucket."""
    return dict(await (await connection.execute("SELECT bucket, batch FROM heads")).fetchall())


async def catalogue_version(connection: Connection) -> int:
    """Say which version of the catalogue is in force."""
    row = await (await connection.execute("SELECT number FROM versions WHERE name = 'catalogue'")).fetchone()
    return int(row[0]) if row else 0


async def paid_since(connection: Connection, bucket: int, *, after: int) -> list[Payment]:
    """Read what was paid in a bucket's batches after one, in order, at most `NEWS_READ_MAX`.

    The batches say between which ids their payments lie, so the payments are found by their key.
    """
    cursor = await connection.execute(
        f"""
        WITH span AS (
            SELECT min(first_id) AS first_id, max(last_id) AS last_id FROM batches WHERE bucket = %(bucket)s AND number > %(after)s
        )
        SELECT {_COLUMNS}
        FROM payments, span
        WHERE bucket = %(bucket)s AND id BETWEEN span.first_id AND span.last_id AND batch > %(after)s AND status = 0
        ORDER BY batch, id
        LIMIT {NEWS_READ_MAX}
        """,  # noqa: S608 - constants
        {"bucket": bucket, "after": after},
    )
    return [_payment(row) for row in await cursor.fetchall()]
