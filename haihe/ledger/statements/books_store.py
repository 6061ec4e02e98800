"""All SQL that writes the books."""

from __future__ import annotations

from typing import Final

from haihe.base.database import Connection, one
from haihe.base.ids import LEGS_MAX
from haihe.ledger.model import AccountFlag, AccountKind, Phase

LEAF_LINES: Final = 128
"""Lines of a full leaf: about a kilobyte of ids, which stays within its row."""
BATCHES_MAX: Final = 500
TRANSFERS_MAX: Final = 50_000
"""Transfers after which a step takes no further batch."""

MOVED: Final = f"t.phase IN ({Phase.POST:d}, {Phase.CAPTURE:d})"
"""Which transfers (`t`) moved money: holds and releases do not."""

_SPAN: Final = """
SELECT max(b.number), min(b.first_id), max(b.last_id), count(*), sum(b.transfers)
FROM (
    SELECT number, first_id, last_id, transfers, sum(transfers) OVER (ORDER BY number) - transfers AS before
    FROM batches
    WHERE bucket = %s AND number > %s AND number <= %s
) b
WHERE b.before < %s
"""


def book_of(account: str) -> str:
    """Give the SQL for the book in which an account (an alias of `accounts`) stands: its own, or the control account of its kind."""
    return (
        f"CASE WHEN {account}.flags & {AccountFlag.CHAINED:d} = 0 AND {account}.kind <> {AccountKind.REFUNDABLE:d}"
        f" THEN {account}.id ELSE -{account}.kind::bigint END"
    )


# A transfer between two accounts of one control account is one line with both sides.
_WRITE: Final = f"""
WITH fresh AS MATERIALIZED (
    SELECT t.id, t.amount, t.kind, t.batch, t.place, t.posted, d.kind AS debit_kind, c.kind AS credit_kind,
        {book_of("d")} AS debit_book, {book_of("c")} AS credit_book
    FROM transfers t
    JOIN accounts d ON d.bucket = %(bucket)s AND d.id = t.debit
    JOIN accounts c ON c.bucket = %(bucket)s AND c.id = t.credit
    WHERE t.bucket = %(bucket)s AND t.id BETWEEN %(first_id)s AND %(last_id)s AND t.batch > %(after)s AND t.batch <= %(newest)s
        AND {MOVED}
), sides AS MATERIALIZED (
    SELECT debit_book AS book, debit_kind AS book_kind, id, amount, kind, batch, place, posted,
        amount AS debit, CASE WHEN credit_book = debit_book THEN amount ELSE 0 END AS credit
    FROM fresh
    UNION ALL
    SELECT credit_book, credit_kind, id, amount, kind, batch, place, posted, 0, amount
    FROM fresh
    WHERE credit_book <> debit_book
), opened AS (
    INSERT INTO books (bucket, account, kind)
    SELECT DISTINCT %(bucket)s::smallint, book, book_kind FROM sides
    ON CONFLICT DO NOTHING
), last AS MATERIALIZED (
    SELECT b.book, l.first_posted, l.first_batch, l.first_place, cardinality(l.ids) AS lines,
        l.lines_forward + cardinality(l.ids) AS all_lines, l.debits_forward + l.debits AS all_debits, l.credits_forward + l.credits AS all_credits
    FROM (SELECT DISTINCT book FROM sides) b
    CROSS JOIN LATERAL (
        SELECT *
        FROM book_leaves l
        WHERE l.bucket = %(bucket)s AND l.account = b.book
        ORDER BY l.first_posted DESC, l.first_batch DESC, l.first_place DESC
        LIMIT 1
    ) l
), numbered AS (
    SELECT s.*, (row_number() OVER (PARTITION BY s.book ORDER BY s.batch, s.place) - 1 + coalesce(l.lines, 0)) / %(leaf)s AS leaf
    FROM sides s
    LEFT JOIN last l ON l.book = s.book
), grouped AS (
    SELECT book, leaf, array_agg(id ORDER BY batch, place) AS ids, count(*) AS lines, sum(debit)::bigint AS debits, sum(credit)::bigint AS credits,
        count(*) FILTER (WHERE debit > 0) AS debit_lines, count(*) FILTER (WHERE credit > 0) AS credit_lines,
        min(amount) AS amount_min, max(amount) AS amount_max, min(id) AS id_min, max(id) AS id_max, bit_or(1 << kind) AS kinds,
        min(posted) AS first_posted, min(batch) AS first_batch, (array_agg(place ORDER BY batch, place))[1] AS first_place,
        max(posted) AS last_posted, max(batch) AS last_batch, (array_agg(place ORDER BY batch DESC, place DESC))[1] AS last_place
    FROM numbered
    GROUP BY book, leaf
), written AS (
    INSERT INTO book_leaves AS b (bucket, account, first_posted, first_batch, first_place, last_posted, last_batch, last_place,
        lines_forward, debits_forward, credits_forward, debits, credits, debit_lines, credit_lines,
        amount_min, amount_max, id_min, id_max, kinds, ids)
    SELECT %(bucket)s, g.book,
        CASE WHEN g.leaf = 0 THEN coalesce(l.first_posted, g.first_posted) ELSE g.first_posted END,
        CASE WHEN g.leaf = 0 THEN coalesce(l.first_batch, g.first_batch) ELSE g.first_batch END,
        CASE WHEN g.leaf = 0 THEN coalesce(l.first_place, g.first_place) ELSE g.first_place END,
        g.last_posted, g.last_batch, g.last_place,
        coalesce(l.all_lines, 0) + coalesce(sum(g.lines) OVER earlier, 0),
        coalesce(l.all_debits, 0) + coalesce(sum(g.debits) OVER earlier, 0),
        coalesce(l.all_credits, 0) + coalesce(sum(g.credits) OVER earlier, 0),
        g.debits, g.credits, g.debit_lines, g.credit_lines, g.amount_min, g.amount_max, g.id_min, g.id_max, g.kinds, g.ids
    FROM grouped g
    LEFT JOIN last l ON l.book = g.book
    WINDOW earlier AS (PARTITION BY g.book ORDER BY g.leaf ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ON CONFLICT (bucket, account, first_posted, first_batch, first_place) DO UPDATE
    SET last_posted = excluded.last_posted,
        last_batch = excluded.last_batch,
        last_place = excluded.last_place,
        debits = b.debits + excluded.debits,
        credits = b.credits + excluded.credits,
        debit_lines = b.debit_lines + excluded.debit_lines,
        credit_lines = b.credit_lines + excluded.credit_lines,
        amount_min = least(b.amount_min, excluded.amount_min),
        amount_max = greatest(b.amount_max, excluded.amount_max),
        id_min = least(b.id_min, excluded.id_min),
        id_max = greatest(b.id_max, excluded.id_max),
        kinds = b.kinds | excluded.kinds,
        ids = b.ids || excluded.ids
), moved AS (
    UPDATE book_cursors c
    SET batch = %(newest)s
    WHERE c.bucket = %(bucket)s
)
SELECT count(*) FROM fresh
"""  # noqa: S608 - constants


async def write(connection: Connection, bucket: int, *, after: int) -> tuple[bool, int]:
    """Write the batches after one into the books; tell whether there may be more, and how many transfers of them moved money.

    A batch is seen with all its transfers or not at all: they were committed together, and are read after it.
    """
    span = await connection.execute(_SPAN, (bucket, after, after + BATCHES_MAX, TRANSFERS_MAX))
    newest, first_id, last_id, batches, transfers = one(await span.fetchone())
    if not batches:
        return False, 0
    parameters = {
        "bucket": bucket,
        "after": after,
        "newest": newest,
        "first_id": first_id,
        "last_id": last_id + LEGS_MAX - 1,
        "leaf": LEAF_LINES,
    }
    written = int(one(await (await connection.execute(_WRITE, parameters)).fetchone())[0])
    return batches == BATCHES_MAX or transfers >= TRANSFERS_MAX, written
