"""All SQL of the ledger outside its posting function (migrations/0015_ledger_strength.sql)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from haihe.base.database import one
from haihe.ledger.model import Room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from haihe.base.database import Connection
    from haihe.ledger.model import AccountFlag, NewAccount, TurnoverLimits

_POST: Final = """
SELECT batch, results, balances
FROM ledger_post(%b::smallint, %b::timestamptz, %b::date, %b::boolean,
    %b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::timestamptz[],
    %b::integer[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::smallint[], %b::smallint[],
    %b::bigint[], %b::smallint[], %b::smallint[])
"""

_STATEMENT: Final = """
WITH RECURSIVE walk AS (
    SELECT t.*, n.account, 1 AS step
    FROM unnest(%(accounts)s::bigint[], %(starts)s::bigint[]) AS n(account, start)
    JOIN transfers t ON t.bucket = %(bucket)s AND t.id = n.start AND n.account IN (t.debit, t.credit)
    UNION ALL
    SELECT t.*, w.account, w.step + 1
    FROM walk w
    JOIN transfers t ON t.bucket = %(bucket)s
        AND t.id = CASE WHEN w.debit = w.account THEN w.previous_debit ELSE w.previous_credit END
    WHERE w.step < %(limit)s
)
SELECT account, id, debit, credit, amount, kind, payment, effective, posted, batch, place,
    CASE WHEN debit = account THEN previous_debit ELSE previous_credit END
FROM walk
ORDER BY account, step
"""


class Columns(NamedTuple):
    """A batch of postings as the arrays that `ledger_post` takes; first by posting, then by leg.

    `expires`, `names`, `phase` and `risk` may be empty where no posting says anything of the kind.
    """

    posting: list[int]
    subject: list[int]
    payment: list[int]
    effective: list[datetime]
    expires: list[datetime]
    number: list[int]
    id: list[int]
    debit: list[int]
    credit: list[int]
    amount: list[int]
    kind: list[int]
    currency: list[int]
    names: list[int]
    phase: list[int]
    risk: list[int]


class StatementRow(NamedTuple):
    """One transfer as seen from an account; `before` is the account's transfer before it, 0 none."""

    id: int
    debit: int
    credit: int
    amount: int
    kind: int
    payment: int
    effective: datetime
    posted: datetime
    batch: int
    place: int
    before: int


async def lock(connection: Connection, bucket: int) -> None:
    """Take the bucket for the rest of the transaction: nobody else posts in it until then."""
    await connection.execute("SELECT ledger_lock(%s::smallint)", (bucket,))


async def post(
    connection: Connection, bucket: int, columns: Columns, *, now: datetime, booking_day: date, remember: bool
) -> tuple[int, list[int], list[int]]:
    """Post a batch; answers its number, and a result and a balance for each posting."""
    row = await (await connection.execute(_POST, (bucket, now, booking_day, remember, *columns))).fetchone()
    number, results, balances = one(row)
    return number, results, balances


async def open_accounts(connection: Connection, bucket: int, accounts: Sequence[NewAccount]) -> int:
    """Open what does not exist yet; answers how many of the list now exist as described."""
    row = await (
        await connection.execute(
            """
            SELECT ledger_open(%s::smallint, %s::bigint[], %s::smallint[], %s::bigint[], %s::integer[], %s::smallint[], %s::smallint[])
            """,
            (
                bucket,
                [account.id for account in accounts],
                [int(account.kind) for account in accounts],
                [account.owner for account in accounts],
                [int(account.flags) for account in accounts],
                [account.currency for account in accounts],
                [account.limit_class for account in accounts],
            ),
        )
    ).fetchone()
    return int(one(row)[0])


async def set_flags(
    connection: Connection, bucket: int, account: int, *, add: AccountFlag, remove: AccountFlag
) -> int | None:
    """Add and remove flags; answers the flags now, None if there is no such account."""
    row = await (
        await connection.execute(
            "SELECT ledger_flag(%s::smallint, %s, %s::integer, %s::integer)", (bucket, account, int(add), int(remove))
        )
    ).fetchone()
    settled: int | None = one(row)[0]
    return settled


async def classify(connection: Connection, bucket: int, account: int, limit_class: int) -> bool:
    """Give an account the limits of another class; answers whether there is such an account."""
    row = await (
        await connection.execute(
            "SELECT ledger_classify(%s::smallint, %s, %s::smallint)", (bucket, account, limit_class)
        )
    ).fetchone()
    return bool(one(row)[0])


async def set_limits(connection: Connection, limits: TurnoverLimits, *, since: date) -> bool:
    """Set a class's limits from a booking day on; answers False where a bucket has that day behind it."""
    row = await (
        await connection.execute(
            "SELECT ledger_limit(%s::smallint, %s::date, %s::bigint, %s::bigint, %s::bigint, %s::bigint, %s::bigint, %s::bigint)",
            (
                limits.limit_class,
                since,
                limits.day_a,
                limits.day_b,
                limits.day_c,
                limits.day_d,
                limits.year,
                limits.total,
            ),
        )
    ).fetchone()
    return bool(one(row)[0])


async def balances(connection: Connection, bucket: int, accounts: Sequence[int]) -> dict[int, int]:
    """Read what each account can spend, in minor units; unknown accounts are absent."""
    cursor = await connection.execute(
        """
        SELECT id, credits_posted - debits_posted - debits_pending
        FROM accounts
        WHERE bucket = %s AND id = ANY(%s)
        """,
        (bucket, list(accounts)),
    )
    return dict(await cursor.fetchall())


async def rooms(connection: Connection, bucket: int, accounts: Sequence[int], *, day: date) -> dict[int, Room]:
    """Read what accounts have turned over and may, on a day or the open booking day if that is later; unknown ones are absent."""
    cursor = await connection.execute(
        """
        SELECT a.id, a.limit_class,
            CASE WHEN a.turnover_day = d.day THEN ARRAY[a.turnover_a, a.turnover_b, a.turnover_c, a.turnover_d] ELSE '{0,0,0,0}' END
                || CASE WHEN a.turnover_day >= date_trunc('year', d.day) THEN a.turnover_year ELSE 0 END || a.turnover_total,
            CASE WHEN a.limit_class = 0 THEN '{0,0,0,0,0,0}' ELSE d.limits[a.limit_class * 6 - 5 : a.limit_class * 6] END
        FROM (
            SELECT greatest(h.booking_day, %s::date) AS day, ledger_limits_on(greatest(h.booking_day, %s::date)) AS limits
            FROM heads h
            WHERE h.bucket = %s
        ) d
        JOIN accounts a ON a.bucket = %s AND a.id = ANY(%s)
        """,
        (day, day, bucket, bucket, list(accounts)),
    )
    return {
        identity: Room(limit_class, tuple(used), tuple(limits))
        for identity, limit_class, used, limits in await cursor.fetchall()
    }


async def bucket_count(connection: Connection) -> int:
    """Count the city's buckets, fixed at its founding."""
    row = await (await connection.execute("SELECT count(*) FROM heads")).fetchone()
    return int(one(row)[0])


async def newest_transfers(connection: Connection, bucket: int, accounts: Sequence[int]) -> dict[int, int]:
    """Name each account's newest transfer; accounts that have none are absent."""
    cursor = await connection.execute(
        "SELECT id, last_transfer FROM accounts WHERE bucket = %s AND id = ANY(%s) AND last_transfer <> 0",
        (bucket, list(accounts)),
    )
    return dict(await cursor.fetchall())


async def statement(
    connection: Connection, bucket: int, starts: Mapping[int, int], *, limit: int
) -> dict[int, list[StatementRow]]:
    """Walk chained accounts' transfers back, each from its start (a transfer by account), newest first, at most `limit` of each.

    An account is absent where the start is none of its transfers.
    """
    accounts, firsts = list(starts), list(starts.values())
    parameters = {"bucket": bucket, "accounts": accounts, "starts": firsts, "limit": limit}
    walks: dict[int, list[StatementRow]] = {}
    for account, *row in await (await connection.execute(_STATEMENT, parameters)).fetchall():
        walks.setdefault(account, []).append(StatementRow(*row))
    return walks
