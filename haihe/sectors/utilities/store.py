"""All SQL about plans, accounts, readings and withdrawals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from psycopg.rows import TupleRow

from haihe.base.database import Connection, one
from haihe.sectors.utilities.model import NUMBER, Account, Measure, NewAccount, PeriodFigures, Plan, Reading

_PLAN_COLUMNS: Final = "service, organisation, measure, number_pattern, number_example, due_days, low_income_service, season_starts, season_ends"
_ACCOUNT_COLUMNS: Final = "a.id, a.organisation, a.service, a.number, a.holder, a.area_milli, a.low_income"
_READING_COLUMNS: Final = "r.id, r.account, r.read_on, r.value_milli, r.carried_milli, r.due, r.staff, r.taken_at"


async def plans(connection: Connection) -> list[Plan]:
    """Read all plans."""
    cursor = await connection.execute(f"SELECT {_PLAN_COLUMNS} FROM utility_plans ORDER BY service")  # noqa: S608 - our own columns
    return [
        Plan(
            service=service,
            organisation=organisation,
            measure=Measure(measure),
            pattern=pattern,
            example=example,
            due_days=due_days,
            low_income_service=low_income_service,
            season_starts=season_starts,
            season_ends=season_ends,
        )
        for (
            service,
            organisation,
            measure,
            pattern,
            example,
            due_days,
            low_income_service,
            season_starts,
            season_ends,
        ) in await cursor.fetchall()
    ]


async def put_plans(connection: Connection, many: Sequence[Plan]) -> None:
    """Add plans or bring them up to date, and tell every process to read them anew."""
    await connection.cursor().executemany(
        f"""
        INSERT INTO utility_plans ({_PLAN_COLUMNS})
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (service) DO UPDATE
        SET measure = excluded.measure,
            number_pattern = excluded.number_pattern,
            number_example = excluded.number_example,
            due_days = excluded.due_days,
            low_income_service = excluded.low_income_service,
            season_starts = excluded.season_starts,
            season_ends = excluded.season_ends
        """,  # noqa: S608 - our own columns
        [
            (
                plan.service,
                plan.organisation,
                plan.measure.value,
                plan.pattern,
                plan.example,
                plan.due_days,
                plan.low_income_service,
                plan.season_starts,
                plan.season_ends,
            )
            for plan in many
        ],
    )
    await connection.execute("UPDATE versions SET number = number + 1 WHERE name = 'catalogue'")


# --- accounts


async def insert_accounts(
    connection: Connection, many: Sequence[NewAccount], *, ids: Sequence[int], now: datetime
) -> None:
    """Add accounts whose customer number the company does not have yet."""
    await connection.execute(
        """
        INSERT INTO utility_accounts (opened_at, id, organisation, service, number, holder, area_milli, low_income)
        SELECT %s, n.*
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::boolean[]) AS n
        ON CONFLICT (organisation, number) DO NOTHING
        """,
        (
            now,
            list(ids),
            [new.organisation for new in many],
            [new.service for new in many],
            [new.number for new in many],
            [new.holder for new in many],
            [new.area_milli for new in many],
            [new.low_income for new in many],
        ),
    )


def _accounts(rows: Iterable[TupleRow]) -> list[Account]:
    return [Account(*row) for row in rows]


async def by_numbers(connection: Connection, organisation: int, numbers: Sequence[str]) -> dict[str, Account]:
    """Read a company's accounts by customer number; unknown ones are absent."""
    cursor = await connection.execute(
        f"SELECT {_ACCOUNT_COLUMNS} FROM utility_accounts a WHERE a.organisation = %s AND a.number = ANY(%s)",  # noqa: S608 - our own columns
        (organisation, list(numbers)),
    )
    return {account.number: account for account in _accounts(await cursor.fetchall())}


async def lock_by_numbers(connection: Connection, organisation: int, numbers: Sequence[str]) -> dict[str, Account]:
    """Read and lock a company's accounts in the order of their ids, so that two lists of readings never wait for one another."""
    cursor = await connection.execute(
        f"""
        SELECT {_ACCOUNT_COLUMNS} FROM utility_accounts a
        WHERE a.organisation = %s AND a.number = ANY(%s)
        ORDER BY a.id
        FOR UPDATE
        """,  # noqa: S608 - our own columns
        (organisation, list(numbers)),
    )
    return {account.number: account for account in _accounts(await cursor.fetchall())}


async def lock_account(connection: Connection, organisation: int, identity: int) -> Account | None:
    """Read and lock one account of a company."""
    cursor = await connection.execute(
        f"SELECT {_ACCOUNT_COLUMNS} FROM utility_accounts a WHERE a.organisation = %s AND a.id = %s FOR UPDATE",  # noqa: S608
        (organisation, identity),
    )
    return next(iter(_accounts(await cursor.fetchall())), None)


async def by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Account]:
    """Read accounts by id; unknown ids are absent."""
    cursor = await connection.execute(
        f"SELECT {_ACCOUNT_COLUMNS} FROM utility_accounts a WHERE a.id = ANY(%s)",  # noqa: S608 - our own columns
        (list(ids),),
    )
    return {account.id: account for account in _accounts(await cursor.fetchall())}


async def accounts_after(connection: Connection, service: int, *, after: int, limit: int) -> list[Account]:
    """Read the accounts of a service in the order of their ids, a part at a time."""
    cursor = await connection.execute(
        f"""
        SELECT {_ACCOUNT_COLUMNS} FROM utility_accounts a
        WHERE a.service = %s AND a.id > %s
        ORDER BY a.id
        LIMIT %s
        """,  # noqa: S608 - our own columns
        (service, after, limit),
    )
    return _accounts(await cursor.fetchall())


# --- readings


def _readings(rows: Iterable[TupleRow]) -> list[Reading]:
    return [Reading(*row) for row in rows]


async def histories(connection: Connection, accounts: Sequence[int], *, since: date) -> dict[int, list[Reading]]:
    """Read what holds of these meters, ascending: from a day on, and the last one before it. Withdrawn readings do not hold."""
    cursor = await connection.execute(
        f"""
        SELECT {_READING_COLUMNS}
        FROM unnest(%(accounts)s::bigint[]) AS n(account)
        CROSS JOIN LATERAL (
            SELECT *
            FROM utility_readings r
            WHERE r.account = n.account
                AND r.read_on >= coalesce((
                    SELECT max(b.read_on)
                    FROM utility_readings b
                    WHERE b.account = n.account AND b.read_on < %(since)s
                        AND NOT EXISTS (SELECT FROM utility_withdrawals w WHERE w.reading = b.id)), '-infinity')
                AND NOT EXISTS (SELECT FROM utility_withdrawals w WHERE w.reading = r.id)
        ) r
        ORDER BY r.account, r.read_on
        """,  # noqa: S608 - our own columns
        {"accounts": list(accounts), "since": since},
    )
    found: dict[int, list[Reading]] = defaultdict(list)
    for reading in _readings(await cursor.fetchall()):
        found[reading.account].append(reading)
    return found


async def insert_readings(connection: Connection, many: Sequence[Reading]) -> None:
    """Store readings; they are never changed."""
    await connection.execute(
        """
        INSERT INTO utility_readings (id, account, read_on, value_milli, carried_milli, due, staff, taken_at)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
            %s::timestamptz[])
        """,
        (
            [reading.id for reading in many],
            [reading.account for reading in many],
            [reading.read_on for reading in many],
            [reading.value_milli for reading in many],
            [reading.carried_milli for reading in many],
            [reading.due for reading in many],
            [reading.staff for reading in many],
            [reading.taken_at for reading in many],
        ),
    )


async def newest_readings(connection: Connection, account: int, *, limit: int) -> list[Reading]:
    """Read what holds of one meter, newest first."""
    cursor = await connection.execute(
        f"""
        SELECT {_READING_COLUMNS}
        FROM utility_readings r
        WHERE r.account = %s AND NOT EXISTS (SELECT FROM utility_withdrawals w WHERE w.reading = r.id)
        ORDER BY r.read_on DESC
        LIMIT %s
        """,  # noqa: S608 - our own columns
        (account, limit),
    )
    return _readings(await cursor.fetchall())


async def insert_withdrawal(
    connection: Connection,
    identity: int,
    *,
    account: int,
    reading: int,
    due: int,
    staff: int,
    reason: str,
    now: datetime,
) -> None:
    """Store who withdrew what and why."""
    await connection.execute(
        """
        INSERT INTO utility_withdrawals (id, account, reading, due, staff, withdrawn_at, reason)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        """,
        (identity, account, reading, due, staff, now, reason),
    )


async def reasons(connection: Connection, dues: Sequence[int]) -> Mapping[int, tuple[datetime, str]]:
    """Read when and why bills were withdrawn, by bill."""
    cursor = await connection.execute(
        "SELECT due, withdrawn_at, reason FROM utility_withdrawals WHERE due = ANY(%s) AND due <> 0", (list(dues),)
    )
    return {due: (at, reason) for due, at, reason in await cursor.fetchall()}


# --- figures


async def periods(connection: Connection, organisation: int, *, since: datetime, limit: int) -> list[PeriodFigures]:
    """Sum up a company's bills by period, the newest first."""
    cursor = await connection.execute(
        """
        SELECT period, count(*), sum(amount)::bigint,
            count(*) FILTER (WHERE status = 1), coalesce(sum(amount) FILTER (WHERE status = 1), 0)::bigint,
            count(*) FILTER (WHERE status = 0), coalesce(sum(amount) FILTER (WHERE status = 0), 0)::bigint
        FROM dues
        WHERE organisation = %s AND kind = %s AND status < 2 AND issued_at >= %s
        GROUP BY period
        ORDER BY period DESC
        LIMIT %s
        """,
        (organisation, NUMBER, since, limit),
    )
    return [PeriodFigures(*row) for row in await cursor.fetchall()]


async def account_count(connection: Connection, organisation: int) -> int:
    """Count a company's accounts."""
    cursor = await connection.execute("SELECT count(*) FROM utility_accounts WHERE organisation = %s", (organisation,))
    return int(one(await cursor.fetchone())[0])


async def follow_many(connection: Connection, kind: int, pairs: Sequence[tuple[int, int]], *, now: datetime) -> None:
    """Have many citizens follow accounts: (citizen, account); twice is as once."""
    await connection.execute(
        """
        INSERT INTO follows (citizen, subject, kind, since)
        SELECT n.citizen, n.account, %s, %s FROM unnest(%s::bigint[], %s::bigint[]) AS n(citizen, account)
        ON CONFLICT DO NOTHING
        """,
        (kind, now, [citizen for citizen, _ in pairs], [account for _, account in pairs]),
    )
