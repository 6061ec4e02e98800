"""All SQL about funds, schemes, campaigns and purses, but for what lapsed (`lapse_store`) and the figures (`figures_store`)."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from psycopg import AsyncCursor
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

from haihe.base.database import Connection, one
from haihe.ledger.model import AccountFlag
from haihe.wallet.purses.model import Campaign, Fund, Grant, Purse, Scheme

Cursor = AsyncCursor[TupleRow]

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Since when the first terms of anything hold: before the city."""


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


_PURSES: Final = """
SELECT p.account, p.citizen, p.scheme, a.credits_posted - a.debits_posted - a.debits_pending, a.flags, g.living, g.next, g.has_lapsed
FROM purses p
JOIN accounts a ON a.bucket = p.bucket AND a.id = p.account
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount) FILTER (WHERE lapses_at IS NULL OR lapses_at > %b), 0)::bigint AS living,
        min(lapses_at) FILTER (WHERE lapses_at > %b) AS next,
        coalesce(bool_or(lapses_at <= %b), false) AS has_lapsed
    FROM grants
    WHERE bucket = p.bucket AND scheme = p.scheme AND citizen = p.citizen
) g
WHERE p.bucket = %b AND p.citizen = ANY(%b)
ORDER BY p.citizen, p.scheme
"""
# What lapses first counts as spent first, so what is above the grants that still live is left of those that lapsed. Where none has, all is good.


async def accounts_of(connection: Connection, bucket: int, *, scheme: int, citizens: Sequence[int]) -> dict[int, int]:
    """Give the purse account of each citizen for a scheme, whether it is opened in the ledger already or not."""
    cursor = await connection.execute(
        "SELECT citizen, account FROM purses WHERE bucket = %s AND scheme = %s AND citizen = ANY(%s)",
        (bucket, scheme, list(citizens)),
    )
    return dict(await cursor.fetchall())


async def ask_purses(connection: Connection, bucket: int, citizens: Sequence[int], at: datetime) -> Cursor:
    """Ask for the purses of citizens of one bucket; `read_purses` reads the answer. In a pipeline this does not wait."""
    return await connection.execute(_PURSES, (at, at, at, bucket, list(citizens)))


async def read_purses(asked: Cursor) -> list[Purse]:
    """Read purses with what may be spent of them, what has lapsed, and when more lapses."""
    return [_purse(*row) for row in await asked.fetchall()]


def _purse(
    account: int,
    citizen: int,
    scheme: int,
    money: int,
    flags: int,
    living: int,
    lapses_at: datetime | None,
    has_lapsed: bool,
) -> Purse:
    lapsed = max(0, money - living) if has_lapsed else 0
    return Purse(account, citizen, scheme, money - lapsed, AccountFlag(flags), lapses_at if money else None, lapsed)


async def purses_of(connection: Connection, bucket: int, citizens: Sequence[int], at: datetime) -> list[Purse]:
    """Read the purses of citizens of one bucket as they stand at a moment."""
    return await read_purses(await ask_purses(connection, bucket, citizens, at))


async def purse_accounts(connection: Connection, bucket: int, citizen: int) -> dict[int, int]:
    """Give a citizen's purse accounts by scheme."""
    cursor = await connection.execute(
        """
        SELECT p.scheme, p.account
        FROM purses p
        JOIN accounts a ON a.bucket = p.bucket AND a.id = p.account
        WHERE p.bucket = %b AND p.citizen = %b
        ORDER BY p.scheme
        """,
        (bucket, citizen),
    )
    return dict(await cursor.fetchall())


async def put_grants(
    connection: Connection, bucket: int, *, scheme: int, grants: Sequence[Grant], lapses_at: datetime | None
) -> set[int]:
    """Write grants down, each once for its citizen and period; give the posting ids of those that were not there yet."""
    cursor = await connection.execute(
        """
        INSERT INTO grants (bucket, scheme, citizen, period, posting, amount, lapses_at)
        SELECT %s, %s, n.citizen, n.period, n.posting, n.amount, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) AS n(posting, citizen, amount, period)
        ON CONFLICT DO NOTHING
        RETURNING posting
        """,
        (
            bucket,
            scheme,
            lapses_at,
            [one.id for one in grants],
            [one.citizen for one in grants],
            [one.amount for one in grants],
            [one.period or str(one.id) for one in grants],
        ),
    )
    return {row[0] for row in await cursor.fetchall()}


async def granted(connection: Connection, bucket: int, *, scheme: int, period: str) -> set[int]:
    """Say who was granted something for a period."""
    cursor = await connection.execute(
        "SELECT citizen FROM grants WHERE bucket = %s AND scheme = %s AND period = %s", (bucket, scheme, period)
    )
    return {row[0] for row in await cursor.fetchall()}


async def given(connection: Connection, schemes: Sequence[int], period: str) -> tuple[int, int]:
    """Sum up what was granted of schemes for a period: to how many, and fen."""
    cursor = await connection.execute(
        "SELECT count(DISTINCT citizen), coalesce(sum(amount), 0)::bigint FROM grants WHERE scheme = ANY(%s) AND period = %s",
        (list(schemes), period),
    )
    count, amount = one(await cursor.fetchone())
    return int(count), int(amount)


async def put_pay_in(connection: Connection, bucket: int, *, fund: int, posting: int, amount: int, period: str) -> bool:
    """Write down that money came into a fund, once for each period; say whether it was not there yet."""
    cursor = await connection.execute(
        "INSERT INTO pay_ins (bucket, fund, period, posting, amount) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (bucket, fund, period, posting, amount),
    )
    return cursor.rowcount == 1


async def terms(connection: Connection) -> list[tuple[int, datetime, object]]:
    """Read the terms of all schemes and campaigns, the oldest first."""
    cursor = await connection.execute("SELECT programme, since, body FROM programme_terms ORDER BY programme, since")
    return await cursor.fetchall()


async def put_terms(connection: Connection, programme: int, body: object, now: datetime) -> bool:
    """Let new terms hold from now on, the first ones from the beginning of time; the same terms as the newest change nothing."""
    cursor = await connection.execute(
        """
        WITH newest AS (SELECT since, body FROM programme_terms WHERE programme = %(programme)s ORDER BY since DESC LIMIT 1)
        INSERT INTO programme_terms (programme, since, body)
        SELECT %(programme)s, coalesce((SELECT greatest(%(now)s, since + interval '1 microsecond') FROM newest), %(beginning)s), %(body)s
        WHERE (SELECT body FROM newest) IS DISTINCT FROM %(body)s
        """,
        {"programme": programme, "now": now, "beginning": BEGINNING, "body": Jsonb(body)},
    )
    return cursor.rowcount == 1


async def campaigns(connection: Connection) -> list[Campaign]:
    """Read all campaigns."""
    cursor = await connection.execute("SELECT id, key FROM campaigns ORDER BY id")
    return [Campaign(*row) for row in await cursor.fetchall()]


async def put_campaign(connection: Connection, campaign: Campaign) -> None:
    """Store a campaign that is not there yet."""
    await connection.execute(
        "INSERT INTO campaigns (id, key) VALUES (%s, %s) ON CONFLICT DO NOTHING", (campaign.id, campaign.key)
    )


async def members(connection: Connection) -> dict[int, Sequence[int]]:
    """Read for whom each campaign is, sorted."""
    found: dict[int, array[int]] = defaultdict(lambda: array("q"))
    cursor = await connection.execute("SELECT campaign, citizen FROM campaign_members ORDER BY campaign, citizen")
    for campaign, citizen in await cursor.fetchall():
        found[campaign].append(citizen)
    return dict(found)


async def put_members(connection: Connection, campaign: int, citizens: Mapping[int, int]) -> int:
    """Add citizens, with their buckets, to those that a campaign is for; say how many were not there yet."""
    cursor = await connection.execute(
        """
        INSERT INTO campaign_members (campaign, citizen, bucket)
        SELECT %s, n.citizen, n.bucket FROM unnest(%s::bigint[], %s::smallint[]) AS n(citizen, bucket)
        ON CONFLICT DO NOTHING
        """,
        (campaign, list(citizens), list(citizens.values())),
    )
    return cursor.rowcount
