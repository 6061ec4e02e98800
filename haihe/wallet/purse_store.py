"""All SQL about funds, schemes and purses."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from haihe.base.database import Connection
from haihe.ledger.model import AccountFlag
from haihe.wallet.purse_model import Fund, Holdings, Purse, Scheme


async def funds(connection: Connection) -> list[Fund]:
    """Read all funds."""
    async with connection.cursor(row_factory=class_row(Fund)) as cursor:
        await cursor.execute("SELECT id, organisation, key, names FROM funds ORDER BY id")
        return await cursor.fetchall()


async def schemes(connection: Connection) -> list[Scheme]:
    """Read all schemes."""
    async with connection.cursor(row_factory=class_row(Scheme)) as cursor:
        await cursor.execute("SELECT id, key, names, fund FROM schemes ORDER BY id")
        return await cursor.fetchall()


async def put_fund(connection: Connection, fund: Fund) -> None:
    """Store a fund, or its new names."""
    await connection.execute(
        """
        INSERT INTO funds (id, organisation, key, names) VALUES (%s, %s, %s, %s)
        ON CONFLICT (key) DO UPDATE SET names = excluded.names
        """,
        (fund.id, fund.organisation, fund.key, Jsonb(dict(fund.names))),
    )


async def put_scheme(connection: Connection, scheme: Scheme) -> None:
    """Store a scheme, or its new names; concurrent founders get different numbers."""
    await connection.execute("LOCK TABLE schemes IN SHARE ROW EXCLUSIVE MODE")
    await connection.execute(
        """
        INSERT INTO schemes (id, key, names, fund)
        SELECT coalesce(max(id), 0) + 1, %s, %s, %s FROM schemes
        ON CONFLICT (key) DO UPDATE SET names = excluded.names
        """,
        (scheme.key, Jsonb(dict(scheme.names)), scheme.fund),
    )


async def bump_catalogue(connection: Connection) -> None:
    """Have every process read the catalogue anew."""
    await connection.execute("UPDATE versions SET number = number + 1 WHERE name = 'catalogue'")


async def put_purses(
    connection: Connection, bucket: int, *, scheme: int, citizens: Sequence[int], accounts: Sequence[int]
) -> None:
    """Store purses that are not there yet."""
    await connection.execute(
        """
        INSERT INTO purses (bucket, citizen, scheme, account)
        SELECT %s, n.citizen, %s, n.account FROM unnest(%s::bigint[], %s::bigint[]) AS n(citizen, account)
        ON CONFLICT DO NOTHING
        """,
        (bucket, scheme, list(citizens), list(accounts)),
    )


_PURSES = """
SELECT p.account, p.citizen, p.scheme, a.credits_posted - a.debits_posted - a.debits_pending, a.flags
FROM purses p
JOIN accounts a ON a.bucket = p.bucket AND a.id = p.account
WHERE p.bucket = %b AND p.citizen = ANY(%b)
ORDER BY p.citizen, p.scheme
"""


async def accounts_of(connection: Connection, bucket: int, *, scheme: int, citizens: Sequence[int]) -> dict[int, int]:
    """Give the purse account of each citizen for a scheme, whether it is opened in the ledger already or not."""
    cursor = await connection.execute(
        "SELECT citizen, account FROM purses WHERE bucket = %s AND scheme = %s AND citizen = ANY(%s)",
        (bucket, scheme, list(citizens)),
    )
    return dict(await cursor.fetchall())


async def purses_of(connection: Connection, bucket: int, citizens: Sequence[int]) -> list[Purse]:
    """Read the purses of citizens of one bucket, with what is left in them."""
    cursor = await connection.execute(_PURSES, (bucket, list(citizens)))
    return [
        Purse(account, citizen, scheme, amount, AccountFlag(flags))
        for account, citizen, scheme, amount, flags in await cursor.fetchall()
    ]


async def holdings(
    connection: Connection, bucket: int, *, citizens: Sequence[int], accounts: Sequence[int]
) -> Holdings:
    """Read what may be drawn on: the purses of citizens, and other accounts with their flags. Right under the bucket's lock."""
    found = Holdings()
    for purse in await purses_of(connection, bucket, citizens):
        found.purses[purse.citizen, purse.scheme] = purse
    cursor = await connection.execute(
        """
        SELECT id, credits_posted - debits_posted - debits_pending, flags
        FROM accounts WHERE bucket = %b AND id = ANY(%b)
        """,
        (bucket, list(accounts)),
    )
    for account, amount, flags in await cursor.fetchall():
        found.amounts[account] = amount
        found.flags[account] = AccountFlag(flags)
    return found
