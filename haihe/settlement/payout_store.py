"""All SQL about payouts, their parts in the buckets, and where organisations want their money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from haihe.base.database import Connection, expect_rows, one
from haihe.settlement.model import Payout, PayoutStatus, Portion

_COLUMNS: Final = "id, organisation, day, account, amount, status, reason, planned_at, changed_at"
_PORTION: Final = "p.bucket, p.payout, p.organisation, p.amount, p.posting, p.ending"

# What closed days brought less what was paid out, by organisation and bucket. A refused payout is owed again.
_OWED: Final = """
SELECT organisation, bucket, sum(amount)::bigint
FROM (
    SELECT s.organisation, s.bucket, s.gross - s.refunded - s.fee AS amount
    FROM settlement_shares s
    WHERE s.day BETWEEN %(since)s AND %(day)s
    UNION ALL
    SELECT p.organisation, p.bucket, -p.amount
    FROM payout_portions p
    JOIN payouts o ON o.id = p.payout
    WHERE o.status <> 3
) AS moved
GROUP BY organisation, bucket
"""

_ACCOUNTS: Final = """
SELECT DISTINCT ON (organisation) organisation, account
FROM payout_accounts
ORDER BY organisation, since DESC
"""

_PUT_ACCOUNTS: Final = """
INSERT INTO payout_accounts (organisation, since, account)
SELECT n.organisation, %s, n.account
FROM unnest(%s::bigint[], %s::text[]) AS n(organisation, account)
WHERE NOT EXISTS (SELECT 1 FROM payout_accounts a WHERE a.organisation = n.organisation)
"""

_INSERT: Final = """
INSERT INTO payouts (id, organisation, day, account, amount, status, planned_at, changed_at, next_try_at)
SELECT n.id, n.organisation, %(day)s, n.account, n.amount, 0, %(now)s, %(now)s, %(now)s
FROM unnest(%(ids)s::bigint[], %(organisations)s::bigint[], %(accounts)s::text[], %(amounts)s::bigint[])
    AS n(id, organisation, account, amount)
"""

_INSERT_PORTIONS: Final = """
INSERT INTO payout_portions (bucket, payout, organisation, amount, posting, ending)
SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
"""

_TO_MOVE: Final = f"""
SELECT {_PORTION}, o.planned_at
FROM payout_portions p
JOIN payouts o ON o.id = p.payout
WHERE p.bucket = %s AND NOT p.is_ended AND NOT p.is_moved AND o.status = 0
ORDER BY p.payout
LIMIT %s
FOR UPDATE OF p
"""  # noqa: S608 - a constant list of columns

_MOVED: Final = """
UPDATE payout_portions p
SET amount = n.amount,
    is_moved = true,
    is_ended = n.amount = 0
FROM unnest(%s::bigint[], %s::bigint[]) AS n(payout, amount)
WHERE p.bucket = %s AND p.payout = n.payout
"""

# A payout whose parts have all left the tills may be asked for; without a fen it is over.
_ALL_MOVED: Final = """
UPDATE payouts o
SET amount = m.amount,
    status = CASE WHEN m.amount > 0 THEN 1 ELSE 5 END,
    changed_at = %(now)s,
    next_try_at = %(now)s
FROM (
    SELECT p.payout, sum(p.amount) AS amount
    FROM payout_portions p
    JOIN payouts o ON o.id = p.payout AND o.status = 0
    GROUP BY p.payout
    HAVING bool_and(p.is_moved)
) AS m
WHERE o.id = m.payout AND o.status = 0
"""

_OPEN_FEES: Final = """
SELECT organisation, sum(fee)::bigint
FROM settlement_shares
WHERE bucket = %s AND fee > 0 AND NOT fee_posted
GROUP BY organisation
"""

# Whoever takes a due one moves its next try on, so that no other process asks the bank at the same time.
_DUE: Final = """
SELECT id, tries
FROM payouts
WHERE status IN (1, 4) AND next_try_at <= %s AND (tries > 0 OR %s)
ORDER BY next_try_at
LIMIT %s
FOR UPDATE SKIP LOCKED
"""

_MOVE_ON: Final = f"""
UPDATE payouts
SET tries = tries + 1,
    next_try_at = due.next_try_at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS due (due_id, next_try_at)
WHERE id = due_id
RETURNING tries, {_COLUMNS}
"""  # noqa: S608

_SETTLE: Final = """
UPDATE payouts
SET status = %s,
    reason = %s,
    changed_at = %s,
    next_try_at = %s
WHERE id = %s
"""

_TO_END: Final = f"""
SELECT {_PORTION}, o.status, o.changed_at
FROM payout_portions p
JOIN payouts o ON o.id = p.payout
WHERE p.bucket = %s AND p.is_moved AND NOT p.is_ended AND o.status IN (2, 3)
ORDER BY p.payout
LIMIT %s
FOR UPDATE OF p
"""  # noqa: S608

_ENDED: Final = "UPDATE payout_portions SET is_ended = true WHERE bucket = %s AND payout = ANY(%s)"

_OF_ORGANISATION: Final = f"""
SELECT {_COLUMNS}
FROM payouts
WHERE organisation = %s AND day >= %s
ORDER BY day
"""  # noqa: S608

_OF_DAY: Final = f"SELECT {_COLUMNS} FROM payouts WHERE day = %s"  # noqa: S608

_TO_PLAN: Final = "SELECT max(day) FROM settled_days WHERE NOT is_planned"
_PLANNED: Final = "UPDATE settled_days SET is_planned = true WHERE day <= %s AND NOT is_planned"
_ANYTHING_TO_ASK: Final = """
SELECT EXISTS (SELECT 1 FROM payouts WHERE status IN (0, 1, 4) AND next_try_at <= %s)
"""


async def owed(connection: Connection, *, since: date, day: date) -> dict[int, dict[int, int]]:
    """Give what organisations are owed by closed days from one to another, by organisation and bucket."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for organisation, bucket, amount in await (
        await connection.execute(_OWED, {"since": since, "day": day})
    ).fetchall():
        found[organisation][bucket] = amount
    return found


async def accounts(connection: Connection) -> dict[int, str]:
    """Give the bank account of every organisation that has one."""
    return dict(await (await connection.execute(_ACCOUNTS)).fetchall())


async def put_first_accounts(connection: Connection, wished: Mapping[int, str], now: datetime) -> None:
    """Give organisations that have none a bank account."""
    await connection.execute(_PUT_ACCOUNTS, (now, list(wished), list(wished.values())))


async def put_account(connection: Connection, organisation: int, account: str, now: datetime) -> None:
    """Write down where an organisation wants its money from now on."""
    await connection.execute(
        "INSERT INTO payout_accounts (organisation, since, account) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (organisation, now, account),
    )


async def day_to_plan(connection: Connection) -> date | None:
    """Give the newest settled day after which nothing was planned yet."""
    day: date | None = one(await (await connection.execute(_TO_PLAN)).fetchone())[0]
    return day


async def mark_planned(connection: Connection, day: date) -> None:
    """Write down that payouts up to a day are planned."""
    await connection.execute(_PLANNED, (day,))


async def insert(connection: Connection, payouts: Sequence[Payout], portions: Sequence[Portion]) -> None:
    """Write down payouts of one day and their parts, before anything moves."""
    if not payouts:
        return
    columns = {
        "day": payouts[0].day,
        "now": payouts[0].planned_at,
        "ids": [payout.id for payout in payouts],
        "organisations": [payout.organisation for payout in payouts],
        "accounts": [payout.account for payout in payouts],
        "amounts": [payout.amount for payout in payouts],
    }
    await connection.execute(_INSERT, columns)
    await connection.execute(
        _INSERT_PORTIONS,
        (
            [portion.bucket for portion in portions],
            [portion.payout for portion in portions],
            [portion.organisation for portion in portions],
            [portion.amount for portion in portions],
            [portion.posting for portion in portions],
            [portion.ending for portion in portions],
        ),
    )


async def to_move(connection: Connection, bucket: int, *, limit: int) -> list[tuple[Portion, datetime]]:
    """Give the parts of a bucket that are still in their tills, with the time of their plan, and hold them."""
    rows = await (await connection.execute(_TO_MOVE, (bucket, limit))).fetchall()
    return [(_portion(row[:6]), row[6]) for row in rows]


async def open_fees(connection: Connection, bucket: int) -> dict[int, int]:
    """Give what organisations still have to pay as fees in a bucket."""
    return dict(await (await connection.execute(_OPEN_FEES, (bucket,))).fetchall())


async def mark_moved(connection: Connection, bucket: int, amounts: Mapping[int, int]) -> None:
    """Write down how much of each payout has left a bucket's tills; nothing is possible."""
    cursor = await connection.execute(_MOVED, (list(amounts), list(amounts.values()), bucket))
    expect_rows(cursor.rowcount, expected=len(amounts), what="parts of payouts")


async def mark_all_moved(connection: Connection, now: datetime) -> None:
    """Let the payouts whose parts have all moved be asked for."""
    await connection.execute(_ALL_MOVED, {"now": now})


async def due(connection: Connection, *, now: datetime, may_push: bool, limit: int) -> list[tuple[int, int]]:
    """Give payouts that the bank is to be asked about (id, tries so far), and hold them; new ones only if `may_push`."""
    return [(row[0], row[1]) for row in await (await connection.execute(_DUE, (now, may_push, limit))).fetchall()]


async def move_on(
    connection: Connection, ids: Sequence[int], next_tries: Sequence[datetime]
) -> list[tuple[int, Payout]]:
    """Count a try of each, with the time of the next one; give them with their tries."""
    rows = await (await connection.execute(_MOVE_ON, (list(ids), list(next_tries)))).fetchall()
    return [(row[0], _payout(row[1:])) for row in rows]


async def payout(connection: Connection, identity: int, *, lock: bool = False) -> Payout | None:
    """Read one payout, and hold it if `lock`."""
    query = f"SELECT {_COLUMNS} FROM payouts WHERE id = %s" + (" FOR UPDATE" if lock else "")  # noqa: S608
    row = await (await connection.execute(query.encode(), (identity,))).fetchone()
    return _payout(row) if row else None


async def settle(connection: Connection, payout: Payout, *, next_try_at: datetime) -> None:
    """Write down what became of a payout."""
    values = (int(payout.status), payout.reason, payout.changed_at, next_try_at, payout.id)
    cursor = await connection.execute(_SETTLE, values)
    expect_rows(cursor.rowcount, expected=1, what="payout")


async def to_end(connection: Connection, bucket: int, *, limit: int) -> list[tuple[Portion, PayoutStatus, datetime]]:
    """Give the parts of a bucket whose payout is known and which are still on their way, and hold them."""
    rows = await (await connection.execute(_TO_END, (bucket, limit))).fetchall()
    return [(_portion(row[:6]), PayoutStatus(row[6]), row[7]) for row in rows]


async def mark_ended(connection: Connection, bucket: int, payouts: Sequence[int]) -> None:
    """Write down that parts of a bucket have reached the bank or their tills."""
    await connection.execute(_ENDED, (bucket, list(payouts)))


async def anything_to_ask(connection: Connection, now: datetime) -> bool:
    """Tell whether there are open payouts whose time has come."""
    return bool(one(await (await connection.execute(_ANYTHING_TO_ASK, (now,))).fetchone())[0])


async def of_organisation(connection: Connection, organisation: int, *, since: date) -> list[Payout]:
    """Read an organisation's payouts from a day on, oldest first."""
    cursor = await connection.execute(_OF_ORGANISATION, (organisation, since))
    return [_payout(row) for row in await cursor.fetchall()]


async def of_day(connection: Connection, day: date) -> dict[int, Payout]:
    """Read all payouts of a day, by organisation."""
    found = [_payout(row) for row in await (await connection.execute(_OF_DAY, (day,))).fetchall()]
    return {payout.organisation: payout for payout in found}


def _payout(row: Sequence[Any]) -> Payout:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return Payout(**{**values, "status": PayoutStatus(values["status"])})


def _portion(row: Sequence[Any]) -> Portion:
    names = ("bucket", "payout", "organisation", "amount", "posting", "ending")
    return Portion(**dict(zip(names, row, strict=True)))
