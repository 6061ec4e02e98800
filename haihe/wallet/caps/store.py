"""All SQL of caps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from haihe.base.database import Connection, one
from haihe.wallet.caps.model import Cap, Period, Scope

_ASK: Final = """
SELECT citizen, bucket, scope, period, amount, set_by, spent, spent_from
FROM caps
WHERE bucket = %s AND citizen = ANY(%b)
"""

# What is counted for a period that is over changes nothing of the one that runs.
_COUNT: Final = """
UPDATE caps c
SET spent = CASE WHEN c.spent_from < n.since THEN 0 ELSE c.spent END + CASE WHEN c.spent_from > n.since THEN 0 ELSE n.amount END,
    spent_from = greatest(c.spent_from, n.since)
FROM unnest(%s::bigint[], %s::smallint[], %s::smallint[], %s::bigint[], %s::date[]) AS n(citizen, scope, period, amount, since)
WHERE c.bucket = %s AND c.citizen = n.citizen AND c.scope = n.scope AND c.period = n.period
"""
_PUT: Final = """
INSERT INTO caps (bucket, citizen, scope, period, amount, set_by, spent, spent_from)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (bucket, citizen, scope, period) DO UPDATE SET amount = excluded.amount, set_by = excluded.set_by
"""

# What left a wallet for payments (1) and for other citizens (7) and counts in the period that began at `since`: the walk back over its
# transfers ends where it has passed that moment.
_LEFT: Final = """
WITH RECURSIVE walk AS (
    SELECT t.debit, t.amount, t.kind, t.effective, t.posted,
        CASE WHEN t.debit = a.id THEN t.previous_debit ELSE t.previous_credit END AS before
    FROM accounts a
    JOIN transfers t ON t.bucket = %(bucket)s AND t.id = a.last_transfer
    WHERE a.bucket = %(bucket)s AND a.id = %(citizen)s
    UNION ALL
    SELECT t.debit, t.amount, t.kind, t.effective, t.posted,
        CASE WHEN t.debit = %(citizen)s THEN t.previous_debit ELSE t.previous_credit END
    FROM walk w
    JOIN transfers t ON t.bucket = %(bucket)s AND t.id = w.before
    WHERE w.posted >= %(since)s
)
SELECT coalesce(sum(amount), 0)::bigint
FROM walk
WHERE debit = %(citizen)s AND kind IN (1, 7) AND effective >= %(since)s
"""
_DROP: Final = "DELETE FROM caps WHERE bucket = %s AND citizen = %s AND scope = %s AND period = %s"


async def ask(connection: Connection, bucket: int, citizens: Sequence[int]) -> AsyncCursor[TupleRow]:
    """Ask for the caps of some citizens; `read` reads the answer. In a pipeline this does not wait."""
    return await connection.execute(_ASK, (bucket, list(citizens)))


async def read(asked: AsyncCursor[TupleRow]) -> dict[int, list[Cap]]:
    """Read what `ask` found: the caps by citizen; who has none is absent."""
    found: dict[int, list[Cap]] = defaultdict(list)
    for citizen, bucket, scope, period, amount, set_by, spent, spent_from in await asked.fetchall():
        found[citizen].append(
            Cap(
                citizen=citizen,
                bucket=bucket,
                scope=Scope(scope),
                period=Period(period),
                amount=amount,
                set_by=set_by,
                spent=spent,
                spent_from=spent_from,
            )
        )
    return dict(found)


async def of(connection: Connection, bucket: int, citizen: int) -> list[Cap]:
    """Read a citizen's caps."""
    return (await read(await ask(connection, bucket, [citizen]))).get(citizen, [])


async def put(connection: Connection, cap: Cap) -> None:
    """Set a cap, or another amount of one; what was spent stays counted, a new one begins with what it says."""
    await connection.execute(
        _PUT,
        (
            cap.bucket,
            cap.citizen,
            int(cap.scope),
            int(cap.period),
            cap.amount,
            cap.set_by,
            cap.spent,
            cap.spent_from,
        ),
    )


async def left_wallet(connection: Connection, bucket: int, citizen: int, *, since: datetime) -> int:
    """Sum up what has left a wallet for payments and other citizens since a moment, in fen; under the bucket's lock."""
    values = {"bucket": bucket, "citizen": citizen, "since": since}
    return int(one(await (await connection.execute(_LEFT, values)).fetchone())[0])


async def drop(connection: Connection, bucket: int, citizen: int, *, scope: Scope, period: Period) -> None:
    """Lift a cap; one that is not there is lifted."""
    await connection.execute(_DROP, (bucket, citizen, int(scope), int(period)))


async def count(connection: Connection, bucket: int, spent: Sequence[tuple[Cap, int, date]]) -> None:
    """Count what was paid under caps: fen, in the period that began on a day. Under the bucket's lock."""
    await connection.execute(
        _COUNT,
        (
            [cap.citizen for cap, _, _ in spent],
            [int(cap.scope) for cap, _, _ in spent],
            [int(cap.period) for cap, _, _ in spent],
            [amount for _, amount, _ in spent],
            [since for _, _, since in spent],
            bucket,
        ),
    )
