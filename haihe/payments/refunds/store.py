"""All SQL of refunds. What was given back is read from the ledger: the refundable account's chain leads to every refund."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from haihe.base.database import Connection, one
from haihe.ledger.model import AccountFlag, AccountKind, TransferKind
from haihe.payments.refunds.model import PaidShare
from haihe.payments.refunds.rules import ACCOUNT_PLACE

# Each debit of a payment's refundable account is a leg of one refund; walking back meets them all, newest first.
_WALK: Final = f"""
WITH RECURSIVE walk AS (
    SELECT n.payment, t.id, t.debit, t.previous_debit, t.previous_credit
    FROM unnest(%(payments)s::bigint[]) AS n(payment)
    JOIN accounts a ON a.bucket = %(bucket)s AND a.id = n.payment + {ACCOUNT_PLACE}
    JOIN transfers t ON t.bucket = %(bucket)s AND t.id = a.last_transfer
    UNION ALL
    SELECT w.payment, t.id, t.debit, t.previous_debit, t.previous_credit
    FROM walk w
    JOIN transfers t ON t.bucket = %(bucket)s
        AND t.id = CASE WHEN w.debit = w.payment + {ACCOUNT_PLACE} THEN w.previous_debit ELSE w.previous_credit END
), given AS (
    SELECT payment, id / 16 * 16 AS refund FROM walk WHERE debit = payment + {ACCOUNT_PLACE}
)
"""  # noqa: S608 - a constant

_SHARES: Final = f"""
{_WALK}, returned AS (
    SELECT r.names, sum(r.amount)::bigint AS amount
    FROM given g
    JOIN transfers r ON r.bucket = %(bucket)s AND r.id BETWEEN g.refund AND g.refund + 15 AND r.kind = {TransferKind.REFUND:d}
    GROUP BY r.names
)
SELECT n.payment, t.id, t.debit, a.kind, a.flags, t.amount, t.amount - coalesce(r.amount, 0), coalesce(s.fund, 0), coalesce(f.flags, 0)
FROM unnest(%(payments)s::bigint[]) AS n(payment)
JOIN transfers t ON t.bucket = %(bucket)s AND t.id BETWEEN n.payment AND n.payment + 15 AND t.kind = {TransferKind.PAYMENT:d}
JOIN accounts a ON a.bucket = %(bucket)s AND a.id = t.debit
LEFT JOIN returned r ON r.names = t.id
LEFT JOIN purses u ON u.bucket = %(bucket)s AND u.account = t.debit
LEFT JOIN schemes s ON s.id = u.scheme
LEFT JOIN accounts f ON f.bucket = %(bucket)s AND f.id = s.fund
ORDER BY t.id
"""  # noqa: S608 - constants


class Held(NamedTuple):
    """A share that waits: the transfer that brought it in flight, of which refund, where it belongs, fen."""

    transfer: int
    refund: int
    account: int
    amount: int


async def shares(connection: Connection, bucket: int, payments: Sequence[int]) -> dict[int, list[PaidShare]]:
    """Read the shares of payments with what is left of each, in their order. Right under the bucket's lock."""
    cursor = await connection.execute(_SHARES.encode(), {"bucket": bucket, "payments": list(payments)})
    found: dict[int, list[PaidShare]] = defaultdict(list)
    for payment, transfer, account, kind, flags, amount, rest, fund, fund_flags in await cursor.fetchall():
        found[payment].append(
            PaidShare(
                transfer, account, AccountKind(kind), AccountFlag(flags), amount, rest, fund, AccountFlag(fund_flags)
            )
        )
    return found


async def refunds_of(connection: Connection, bucket: int, payments: Sequence[int]) -> dict[int, list[int]]:
    """Name the refunds of payments, oldest first; payments without any are absent."""
    cursor = await connection.execute(
        f"{_WALK} SELECT payment, refund FROM given ORDER BY refund".encode(),  # noqa: S608 - a constant
        {"bucket": bucket, "payments": list(payments)},
    )
    found: dict[int, list[int]] = defaultdict(list)
    for payment, refund in await cursor.fetchall():
        found[payment].append(refund)
    return found


async def rests(connection: Connection, bucket: int, payments: Sequence[int]) -> dict[int, int]:
    """Read what the ledger says is left of payments, in fen; those of which nothing was ever given back are absent."""
    cursor = await connection.execute(
        f"""
        SELECT id - {ACCOUNT_PLACE}, credits_posted - debits_posted - debits_pending
        FROM accounts
        WHERE bucket = %s AND id = ANY(%s) AND credits_posted > 0
        """,  # noqa: S608 - a constant
        (bucket, [payment + ACCOUNT_PLACE for payment in payments]),
    )
    return dict(await cursor.fetchall())


async def put_reasons(connection: Connection, bucket: int, reasons: Sequence[tuple[int, int, str]]) -> None:
    """Write down refund, staff and reason."""
    await connection.execute(
        """
        INSERT INTO refunds (bucket, id, staff, reason)
        SELECT %s, n.* FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS n
        """,
        (bucket, *([row[place] for row in reasons] for place in range(3))),
    )


async def reasons(connection: Connection, bucket: int, refunds: Sequence[int]) -> dict[int, tuple[int, str, int]]:
    """Read of refunds who gave them, why, and how many fen of them still wait."""
    cursor = await connection.execute(
        """
        SELECT r.id, r.staff, r.reason, (
            SELECT coalesce(sum(t.amount), 0)::bigint
            FROM refunds_held h
            JOIN transfers t ON t.bucket = %(bucket)s AND t.id = h.transfer
            WHERE h.bucket = %(bucket)s AND h.transfer BETWEEN r.id AND r.id + 15 AND h.posting = 0
        )
        FROM refunds r
        WHERE r.bucket = %(bucket)s AND r.id = ANY(%(refunds)s)
        """,
        {"bucket": bucket, "refunds": list(refunds)},
    )
    return {refund: (staff, reason, held) for refund, staff, reason, held in await cursor.fetchall()}


async def put_held(connection: Connection, bucket: int, held: Sequence[tuple[int, int]]) -> None:
    """Write down transfers that wait in flight, and the accounts in which they belong."""
    await connection.execute(
        "INSERT INTO refunds_held (bucket, transfer, account) SELECT %s, n.* FROM unnest(%s::bigint[], %s::bigint[]) AS n",
        (bucket, [transfer for transfer, _ in held], [account for _, account in held]),
    )


async def movable(connection: Connection, bucket: int, *, limit: int) -> list[Held]:
    """Read what waits and could go on now, because its account takes money again. Right under the bucket's lock."""
    cursor = await connection.execute(
        """
        SELECT h.transfer, t.payment, h.account, t.amount
        FROM refunds_held h
        JOIN transfers t ON t.bucket = %(bucket)s AND t.id = h.transfer
        JOIN accounts a ON a.bucket = %(bucket)s AND a.id = h.account AND a.flags & 6 = 0
        WHERE h.bucket = %(bucket)s AND h.posting = 0
        ORDER BY h.transfer
        LIMIT %(limit)s
        """,
        {"bucket": bucket, "limit": limit},
    )
    return [Held(*row) for row in await cursor.fetchall()]


async def moved_on(connection: Connection, bucket: int, moved: Sequence[tuple[int, int]]) -> None:
    """Write down by which posting each transfer went on."""
    await connection.execute(
        """
        UPDATE refunds_held h
        SET posting = n.posting
        FROM unnest(%s::bigint[], %s::bigint[]) AS n(transfer, posting)
        WHERE h.bucket = %s AND h.transfer = n.transfer AND h.posting = 0
        """,
        ([transfer for transfer, _ in moved], [posting for _, posting in moved], bucket),
    )


async def bucket_of(connection: Connection, payment: int) -> int | None:
    """Find the bucket in which a payment is, None if there is no such payment: one look by key in every bucket."""
    cursor = await connection.execute(
        "SELECT p.bucket FROM heads h JOIN payments p ON p.bucket = h.bucket AND p.id = %s", (payment,)
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else None


async def waiting(connection: Connection) -> int:
    """Count the shares that wait in flight, over all buckets."""
    return int(
        one(await (await connection.execute("SELECT count(*) FROM refunds_held WHERE posting = 0")).fetchone())[0]
    )
