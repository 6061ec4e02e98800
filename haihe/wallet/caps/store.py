"""All SQL of caps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final

from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from haihe.base.database import Connection
from haihe.wallet.caps.model import Cap, Period, Scope

_ASK: Final = """
SELECT citizen, bucket, scope, period, amount, set_by, spent, spent_from
FROM caps
WHERE bucket = %s AND citizen = ANY(%b)
"""
_COUNT: Final = """
UPDATE caps c
SET spent = CASE WHEN c.spent_from = n.since THEN c.spent ELSE 0 END + n.amount,
    spent_from = n.since
FROM unnest(%s::bigint[], %s::smallint[], %s::smallint[], %s::bigint[], %s::date[]) AS n(citizen, scope, period, amount, since)
WHERE c.bucket = %s AND c.citizen = n.citizen AND c.scope = n.scope AND c.period = n.period
"""
_PUT: Final = """
INSERT INTO caps (bucket, citizen, scope, period, amount, set_by)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (bucket, citizen, scope, period) DO UPDATE SET amount = excluded.amount, set_by = excluded.set_by
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
    """Set a cap, or another amount of one; what was spent stays counted."""
    await connection.execute(_PUT, (cap.bucket, cap.citizen, int(cap.scope), int(cap.period), cap.amount, cap.set_by))


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
