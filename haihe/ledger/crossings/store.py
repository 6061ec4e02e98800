"""All SQL about crossings. Every statement names the one bucket whose rows it touches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from haihe.base.database import expect_rows
from haihe.ledger.crossings.model import Crossing, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.base.database import Connection
    from haihe.ledger.crossings.model import Return

_INSERT: Final = """
INSERT INTO crossings (bucket, id, undo, target, debit, credit, amount, effective, body)
SELECT %b, n.id, n.undo, n.target, n.debit, n.credit, n.amount, n.effective, n.body
FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::bytea[])
    AS n(id, undo, target, debit, credit, amount, effective, body)
"""

_COLUMNS: Final = "id, undo, bucket, target, debit, credit, amount, effective, body"

_OPEN: Final = f"""
SELECT {_COLUMNS}
FROM crossings
WHERE bucket = %s AND id > %s AND state = 0
ORDER BY id
LIMIT %s
"""  # noqa: S608 - a constant list of columns

_BY_IDS: Final = f"""
SELECT {_COLUMNS}
FROM crossings
WHERE bucket = %s AND id = ANY(%s) AND state = 0
ORDER BY id
"""  # noqa: S608

_STATES: Final = "SELECT id, state FROM crossings WHERE bucket = %s AND id = ANY(%s)"

_ARRIVED: Final = "UPDATE crossings SET state = 1 WHERE bucket = %s AND id = ANY(%s) AND state = 0"

_RETURNED: Final = """
UPDATE crossings c
SET state = 2,
    reason = n.reason,
    back = n.back
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(id, reason, back)
WHERE c.bucket = %s AND c.id = n.id AND c.state = 0
"""


async def insert(connection: Connection, bucket: int, crossings: Sequence[Crossing]) -> None:
    """Write down crossings whose first step was posted in this transaction."""
    await connection.execute(
        _INSERT,
        (
            bucket,
            [one.id for one in crossings],
            [one.undo for one in crossings],
            [one.target for one in crossings],
            [one.debit for one in crossings],
            [one.credit for one in crossings],
            [one.amount for one in crossings],
            [one.effective for one in crossings],
            [one.body for one in crossings],
        ),
    )


async def open_after(connection: Connection, bucket: int, after: int, *, limit: int) -> list[Crossing]:
    """Read what is open in a bucket after an id, the oldest first."""
    return [_crossing(row) for row in await (await connection.execute(_OPEN, (bucket, after, limit))).fetchall()]


async def open_of(connection: Connection, bucket: int, ids: Sequence[int]) -> list[Crossing]:
    """Read which of these are open."""
    return [_crossing(row) for row in await (await connection.execute(_BY_IDS, (bucket, list(ids)))).fetchall()]


async def states(connection: Connection, bucket: int, ids: Sequence[int]) -> dict[int, State]:
    """Read how these stand; what never crossed is absent."""
    rows = await (await connection.execute(_STATES, (bucket, list(ids)))).fetchall()
    return {identity: State(state) for identity, state in rows}


async def mark_arrived(connection: Connection, bucket: int, ids: Sequence[int]) -> None:
    """Write that these have arrived; who comes second changes nothing."""
    await connection.execute(_ARRIVED, (bucket, list(ids)))


async def mark_returned(connection: Connection, bucket: int, returns: Sequence[Return]) -> None:
    """Write that these open ones were undone, why, and where the money went."""
    ids = [one.crossing.id for one in returns]
    values = (ids, [int(one.reason) for one in returns], [one.back for one in returns], bucket)
    expect_rows((await connection.execute(_RETURNED, values)).rowcount, expected=len(ids), what="returned crossings")


def _crossing(row: tuple[Any, ...]) -> Crossing:
    identity, undo, bucket, target, debit, credit, amount, effective, body = row
    return Crossing(identity, undo, bucket, target, debit, credit, amount, effective, body=body)
