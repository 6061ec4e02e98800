"""All SQL of the service counter. The bucket is named for every row of cash_ins that is read by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from haihe.base.database import expect_rows, one
from haihe.payments.desk.model import CashIn, FoundBy, Reversal, Visit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from haihe.base.database import Connection

LISTED_MAX: Final = 500

_VISIT: Final = """
SELECT id, organisation, clerk, citizen, bucket, opened_at, found_by, card_seen, code_told
FROM desk_visits
WHERE id = %s
"""
_PUT_VISIT: Final = """
INSERT INTO desk_visits (id, organisation, clerk, citizen, bucket, opened_at, found_by)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_PROVE: Final = "UPDATE desk_visits SET card_seen = card_seen OR %s, code_told = code_told OR %s WHERE id = %s"

_CASH: Final = """
    id, bucket, citizen, organisation, clerk, amount, taken_at, day,
    EXISTS (SELECT 1 FROM cash_reversals r WHERE r.bucket = cash_ins.bucket AND r.cash_in = cash_ins.id)
"""
_BY_KEY: Final = f"SELECT {_CASH} FROM cash_ins WHERE clerk = %s AND key_hash = %s"  # noqa: S608 - a constant list of columns
_BY_ID: Final = f"SELECT {_CASH} FROM cash_ins WHERE organisation = %s AND id = %s"  # noqa: S608
_OF_DAY: Final = f"""
SELECT {_CASH}
FROM cash_ins
WHERE organisation = %s AND day = %s AND (%s = 0 OR clerk = %s)
ORDER BY id DESC
LIMIT %s
"""  # noqa: S608
_SUMS: Final = """
SELECT clerk, count(*), sum(amount)::bigint
FROM cash_ins
WHERE organisation = %s AND day = %s
    AND NOT EXISTS (SELECT 1 FROM cash_reversals r WHERE r.bucket = cash_ins.bucket AND r.cash_in = cash_ins.id)
GROUP BY clerk
"""
_PUT_REVERSAL: Final = """
INSERT INTO cash_reversals (id, bucket, cash_in, asked_by, decided_by, reversed_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (bucket, cash_in) DO NOTHING
"""
_INSERT: Final = """
INSERT INTO cash_ins (id, bucket, citizen, organisation, clerk, amount, taken_at, day, key_hash)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
# The row stays locked until the transaction ends: a clerk's cash-ins decide about the day's limit one by one.
_FILL: Final = """
INSERT INTO cash_drawers (clerk, day, amount)
VALUES (%s, %s, %s)
ON CONFLICT (clerk, day) DO UPDATE SET amount = cash_drawers.amount + excluded.amount
RETURNING amount
"""
_EMPTY: Final = "UPDATE cash_drawers SET amount = amount - %s WHERE clerk = %s AND day = %s"


async def visit(connection: Connection, identity: int) -> Visit | None:
    """Read a visit."""
    row = await (await connection.execute(_VISIT, (identity,))).fetchone()
    if row is None:
        return None
    number, organisation, clerk, citizen, bucket, opened_at, found_by, card_seen, code_told = row
    return Visit(number, organisation, clerk, citizen, bucket, opened_at, FoundBy(found_by), card_seen, code_told)


async def put_visit(connection: Connection, visit: Visit) -> None:
    """Store a new visit."""
    values = (
        visit.id,
        visit.organisation,
        visit.clerk,
        visit.citizen,
        visit.bucket,
        visit.opened_at,
        int(visit.found_by),
    )
    await connection.execute(_PUT_VISIT, values)


async def prove(connection: Connection, visit: int, *, card_seen: bool = False, code_told: bool = False) -> None:
    """Write what was proved; what was proved before stays."""
    cursor = await connection.execute(_PROVE, (card_seen, code_told, visit))
    expect_rows(cursor.rowcount, expected=1, what="visit")


async def by_key(connection: Connection, *, clerk: int, key_hash: bytes) -> CashIn | None:
    """Find what a clerk's form has done before."""
    return _cash(await (await connection.execute(_BY_KEY, (clerk, key_hash))).fetchone())


async def by_id(connection: Connection, *, organisation: int, identity: int) -> CashIn | None:
    """Find a cash-in of an organisation."""
    return _cash(await (await connection.execute(_BY_ID, (organisation, identity))).fetchone())


async def of_day(connection: Connection, *, organisation: int, day: date, clerk: int = 0) -> list[CashIn]:
    """Read a day's cash-ins, newest first, of one clerk or (0) of all."""
    values = (organisation, day, clerk, clerk, LISTED_MAX)
    return [CashIn(*row) for row in await (await connection.execute(_OF_DAY, values)).fetchall()]


async def sums(connection: Connection, *, organisation: int, day: date) -> Mapping[int, tuple[int, int]]:
    """Sum up a day: how many and fen, by clerk."""
    rows = await (await connection.execute(_SUMS, (organisation, day))).fetchall()
    return {clerk: (count, amount) for clerk, count, amount in rows}


async def fill_drawer(connection: Connection, *, clerk: int, day: date, amount: int) -> int:
    """Count cash into a clerk's drawer; give what is in it by then, in fen."""
    return int(one(await (await connection.execute(_FILL, (clerk, day, amount))).fetchone())[0])


async def empty_drawer(connection: Connection, cash: CashIn) -> None:
    """Count cash that was given back out of its clerk's drawer."""
    cursor = await connection.execute(_EMPTY, (cash.amount, cash.clerk, cash.day))
    expect_rows(cursor.rowcount, expected=1, what="drawer")


async def insert(connection: Connection, cash: CashIn, *, key_hash: bytes) -> None:
    """Store a cash-in."""
    values = (
        cash.id,
        cash.bucket,
        cash.citizen,
        cash.organisation,
        cash.clerk,
        cash.amount,
        cash.taken_at,
        cash.day,
        key_hash,
    )
    await connection.execute(_INSERT, values)


async def put_reversal(connection: Connection, one: Reversal) -> bool:
    """Write down that a cash-in is taken back; False when it was before."""
    values = (one.id, one.bucket, one.cash_in, one.asked_by, one.decided_by, one.reversed_at)
    return (await connection.execute(_PUT_REVERSAL, values)).rowcount == 1


async def put_float(connection: Connection, bucket: int, *, organisation: int, posting: int, amount: int) -> bool:
    """Write down with how much a counter begins in a bucket; False when that was done before."""
    cursor = await connection.execute(
        "INSERT INTO cash_floats (organisation, posting, amount, bucket) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (organisation, posting, amount, bucket),
    )
    return cursor.rowcount == 1


def _cash(row: tuple[Any, ...] | None) -> CashIn | None:
    return CashIn(*row) if row else None
