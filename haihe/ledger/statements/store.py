"""All SQL that reads statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from psycopg.rows import TupleRow

from haihe.base.database import Connection
from haihe.ledger.model import AccountKind, TransferKind
from haihe.ledger.statements.books_store import MOVED, book_of
from haihe.ledger.statements.model import BookStanding, Direction, Filter, Line, Position, Sums, Walk

SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
WALK_LINES: Final = 500
"""Transfers that a walk reads at once."""

_KEY: Final = "(l.first_posted, l.first_batch, l.first_place)"
_BOUND: Final = "(%(posted)s, %(batch)s, %(place)s)"
_AT: Final = "(t.posted, t.batch, t.place)"
_NEWEST_FIRST: Final = "l.first_posted DESC, l.first_batch DESC, l.first_place DESC"
_OLDEST_FIRST: Final = "l.first_posted, l.first_batch, l.first_place"

# What a leaf says of itself decides whether a filter need look into it.
_WORTH_READING: Final = """
    AND (%(kind)s::integer IS NULL OR l.kinds & (1 << %(kind)s::integer) <> 0)
    AND (%(debit)s::boolean IS NULL OR CASE WHEN %(debit)s THEN l.debit_lines ELSE l.credit_lines END > 0)
    AND (%(least)s::bigint IS NULL OR l.amount_max >= %(least)s)
    AND (%(most)s::bigint IS NULL OR l.amount_min <= %(most)s)
    AND (%(number)s::bigint = 0 OR l.id_max >= %(number)s AND (l.id_min < %(number)s + 16 OR l.kinds & ~2 <> 0))
"""

_SIDES: Final = f"""
    CASE WHEN %(account)s = {book_of("d")} THEN t.amount ELSE 0 END AS debited,
    CASE WHEN %(account)s = {book_of("c")} THEN t.amount ELSE 0 END AS credited
"""

_STANDINGS: Final = f"""
SELECT b.account, b.kind,
    CASE WHEN l.is_whole THEN l.lines_forward + cardinality(l.ids) ELSE l.lines_forward + p.lines END,
    CASE WHEN l.is_whole THEN l.debits_forward + l.debits ELSE l.debits_forward + p.debits END,
    CASE WHEN l.is_whole THEN l.credits_forward + l.credits ELSE l.credits_forward + p.credits END,
    CASE WHEN l.is_whole THEN l.last_batch ELSE p.batch END
FROM books b
CROSS JOIN LATERAL (
    SELECT l.*, (l.last_posted, l.last_batch, l.last_place) < {_BOUND} AND l.last_batch <= %(mark)s AS is_whole
    FROM book_leaves l
    WHERE l.bucket = %(bucket)s AND l.account = b.account AND {_KEY} < {_BOUND} AND l.first_batch <= %(mark)s
    ORDER BY {_NEWEST_FIRST}
    LIMIT 1
) l
CROSS JOIN LATERAL (
    SELECT count(*) AS lines,
        coalesce(sum(t.amount) FILTER (WHERE CASE WHEN b.account > 0 THEN t.debit = b.account ELSE b.account = {book_of("d")} END), 0)::bigint AS debits,
        coalesce(sum(t.amount) FILTER (WHERE CASE WHEN b.account > 0 THEN t.credit = b.account ELSE b.account = {book_of("c")} END), 0)::bigint AS credits,
        coalesce(max(t.batch), 0) AS batch
    FROM unnest(l.ids) AS n(id)
    JOIN transfers t ON t.bucket = %(bucket)s AND t.id = n.id
    LEFT JOIN accounts d ON b.account < 0 AND d.bucket = %(bucket)s AND d.id = t.debit
    LEFT JOIN accounts c ON b.account < 0 AND c.bucket = %(bucket)s AND c.id = t.credit
    WHERE NOT l.is_whole AND {_AT} < {_BOUND} AND t.batch <= %(mark)s
) p
WHERE b.bucket = %(bucket)s AND (%(account)s::bigint IS NULL OR b.account = %(account)s)
ORDER BY b.account
"""  # noqa: S608 - constants

_LEAVES: Final = """
SELECT l.first_posted, l.first_batch, l.first_place, l.last_posted, l.last_batch, l.last_place, l.ids
FROM book_leaves l
WHERE l.bucket = %(bucket)s AND l.account = %(account)s AND l.first_batch <= %(mark)s AND {beyond}{worth}
ORDER BY {order}
LIMIT %(limit)s
"""

# The leaf in which a moment falls may begin before it; one that begins with the moment may not be the first that has lines of it.
_LEAF_AT: Final = f"""l.first_posted >= coalesce((
        SELECT l.first_posted
        FROM book_leaves l
        WHERE l.bucket = %(bucket)s AND l.account = %(account)s AND l.first_posted < %(since)s
        ORDER BY {_NEWEST_FIRST}
        LIMIT 1
    ), %(since)s)"""  # noqa: S608 - constants

_OLDER_LEAVES: Final = _LEAVES.format(
    beyond=f"{_LEAF_AT} AND {_KEY} < {_BOUND} AND l.last_posted >= %(since)s", worth=_WORTH_READING, order=_NEWEST_FIRST
)

_NEWER_LEAVES: Final = _LEAVES.format(
    beyond=f"{_LEAF_AT} AND (l.last_posted, l.last_batch, l.last_place) >= {_BOUND} AND l.first_posted < %(until)s",
    worth=_WORTH_READING,
    order=_OLDEST_FIRST,
)

# What a transfer says by itself is asked before its accounts are looked at.
_LINES: Final = f"""
SELECT *
FROM (
    SELECT t.batch, t.place, t.id, t.kind, t.payment, t.names, t.effective, t.posted, {_SIDES},
        t.debit, d.kind AS debit_kind, d.owner AS debit_owner, t.credit, c.kind AS credit_kind, c.owner AS credit_owner
    FROM unnest(%(ids)s::bigint[]) AS n(id)
    JOIN transfers t ON t.bucket = %(bucket)s AND t.id = n.id
    JOIN accounts d ON d.bucket = %(bucket)s AND d.id = t.debit
    JOIN accounts c ON c.bucket = %(bucket)s AND c.id = t.credit
    WHERE t.batch <= %(mark)s
        AND (%(kind)s::integer IS NULL OR t.kind = %(kind)s)
        AND (%(least)s::bigint IS NULL OR t.amount >= %(least)s)
        AND (%(most)s::bigint IS NULL OR t.amount <= %(most)s)
        AND (%(number)s::bigint = 0 OR t.payment = %(number)s OR t.id BETWEEN %(number)s AND %(number)s + 15)
) t
WHERE (%(debit)s::boolean IS NULL OR CASE WHEN %(debit)s THEN t.debited ELSE t.credited END > 0)
    AND (%(other)s::integer IS NULL OR CASE WHEN t.debited > 0 THEN t.credit_kind ELSE t.debit_kind END = %(other)s)
ORDER BY t.batch, t.place
"""  # noqa: S608 - constants

_WALK: Final = f"""
WITH RECURSIVE walk AS (
    SELECT t.*, 1 AS step
    FROM transfers t
    WHERE t.bucket = %(bucket)s AND t.id = %(start)s
    UNION ALL
    SELECT t.*, w.step + 1
    FROM walk w
    JOIN transfers t ON t.bucket = %(bucket)s
        AND t.id = CASE WHEN w.debit = %(account)s THEN w.previous_debit ELSE w.previous_credit END
    WHERE w.step < %(limit)s
)
SELECT t.batch, t.place, t.id, t.kind, t.payment, t.names, t.effective, t.posted,
    CASE WHEN {MOVED} AND t.debit = %(account)s THEN t.amount ELSE 0 END,
    CASE WHEN {MOVED} AND t.credit = %(account)s THEN t.amount ELSE 0 END,
    t.debit, d.kind, d.owner, t.credit, c.kind, c.owner,
    CASE WHEN t.debit = %(account)s THEN t.previous_debit ELSE t.previous_credit END
FROM walk t
JOIN accounts d ON d.bucket = %(bucket)s AND d.id = t.debit
JOIN accounts c ON c.bucket = %(bucket)s AND c.id = t.credit
ORDER BY t.step
"""  # noqa: S608 - constants


class Leaf(NamedTuple):
    """A leaf that is worth reading: where it begins and ends, and its transfers in order."""

    first: Position
    last: Position
    ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be read of one book in one bucket: lines from `since` on and before `until`, in batches up to `mark`."""

    account: int
    bucket: int
    since: Position
    until: Position
    mark: int
    wanted: Filter

    def parameters(self) -> dict[str, object]:
        """Give what every statement about it asks for."""
        return {
            "account": self.account,
            "bucket": self.bucket,
            "mark": self.mark,
            "since": self.since.posted,
            "until": self.until.posted,
        } | filter_parameters(self.wanted)


def filter_parameters(wanted: Filter) -> dict[str, object]:
    """Give a filter's parameters."""
    return {
        "kind": wanted.kind,
        "debit": None if wanted.direction is None else wanted.direction is Direction.DEBIT,
        "least": wanted.amount_min,
        "most": wanted.amount_max,
        "other": wanted.counterparty,
        "number": wanted.number,
    }


async def marks(connection: Connection) -> dict[int, int]:
    """Say for every bucket up to which batch its books are written; 0 where none is."""
    cursor = await connection.execute(
        "SELECT h.bucket, coalesce(c.batch, 0) FROM heads h LEFT JOIN book_cursors c ON c.bucket = h.bucket ORDER BY h.bucket"
    )
    return dict(await cursor.fetchall())


async def head(connection: Connection, bucket: int) -> dict[int, int]:
    """Say which is the newest batch of a bucket."""
    cursor = await connection.execute("SELECT bucket, batch FROM heads WHERE bucket = %s", (bucket,))
    return dict(await cursor.fetchall())


async def standings(
    connection: Connection, bucket: int, before: Position, *, mark: int, account: int | None = None
) -> list[BookStanding]:
    """Sum up a bucket's books, or one of them, over all lines before a position; books that had none are absent."""
    parameters = {"bucket": bucket, "account": account, "mark": mark} | before._asdict()
    rows = await (await connection.execute(_STANDINGS, parameters)).fetchall()
    return [
        BookStanding(bucket, book, AccountKind(kind), Sums(lines, debits, credits_), batch)
        for book, kind, lines, debits, credits_, batch in rows
        if lines
    ]


async def leaves(connection: Connection, reach: Reach, *, to_newer: bool, limit: int) -> list[Leaf]:
    """Read the next leaves that are worth reading: the newest before `reach.until`, or the oldest from `reach.since` on."""
    bound = reach.since if to_newer else reach.until
    parameters = reach.parameters() | bound._asdict() | {"limit": limit}
    rows = await (await connection.execute(_NEWER_LEAVES if to_newer else _OLDER_LEAVES, parameters)).fetchall()
    return [Leaf(Position(*row[:3]), Position(*row[3:6]), row[6]) for row in rows]


async def lines(connection: Connection, reach: Reach, ids: Sequence[int]) -> list[Line]:
    """Read those of some transfers of a book that lie within reach, oldest first."""
    parameters = reach.parameters() | {"ids": list(ids)}
    rows = await (await connection.execute(_LINES, parameters)).fetchall()
    found = [_line(reach.bucket, row) for row in rows]
    return [line for line in found if reach.since <= Position(line.posted, line.batch, line.place) < reach.until]


async def chained(connection: Connection, walk: Walk) -> tuple[int, Sums] | None:
    """Give a chained account's newest transfer, 0 none, and its sums; None if there is no such account. Lines are not counted."""
    cursor = await connection.execute(
        "SELECT last_transfer, debits_posted, credits_posted FROM accounts WHERE bucket = %s AND id = %s",
        (walk.bucket, walk.account),
    )
    row = await cursor.fetchone()
    return (row[0], Sums(0, row[1], row[2])) if row else None


async def steps(connection: Connection, walk: Walk, start: int) -> tuple[list[Line], int]:
    """Walk back from a transfer, newest first, `WALK_LINES` at most; give where to go on, 0 at the end.

    Holds and releases, which moved nothing, have neither debit nor credit.
    """
    parameters = {"bucket": walk.bucket, "account": walk.account, "start": start, "limit": WALK_LINES}
    rows = await (await connection.execute(_WALK, parameters)).fetchall()
    return [_line(walk.bucket, row) for row in rows], rows[-1][16] if rows else 0


def _line(bucket: int, row: TupleRow) -> Line:
    batch, place, identity, kind, payment, names, effective, posted, debit, credit = row[:10]
    other, other_kind, other_owner = row[13:16] if debit else row[10:13]
    return Line(
        bucket=bucket,
        batch=batch,
        place=place,
        id=identity,
        kind=TransferKind(kind),
        payment=payment,
        names=names,
        effective=effective,
        posted=posted,
        debit=debit,
        credit=credit,
        other=other,
        other_kind=AccountKind(other_kind),
        other_owner=other_owner,
    )
