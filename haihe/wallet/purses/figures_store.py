"""All SQL of the figures that sponsors see: sums over all buckets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from haihe.base.database import Connection


@dataclass(frozen=True, slots=True)
class Granted:
    """What was granted of a scheme for one period, in fen, to how many, and what of it lapsed."""

    scheme: int
    period: str
    citizens: int
    amount: int
    lapsed: int


@dataclass(frozen=True, slots=True)
class Use:
    """How often a scheme or campaign was used, by how many, for how many fen."""

    payments: int = 0
    citizens: int = 0
    amount: int = 0


async def paid_in(connection: Connection, funds: Sequence[int]) -> dict[int, int]:
    """Sum up what came into funds, in fen."""
    cursor = await connection.execute(
        "SELECT fund, sum(amount)::bigint FROM pay_ins WHERE fund = ANY(%s) GROUP BY fund", (list(funds),)
    )
    return dict(await cursor.fetchall())


async def left(connection: Connection, funds: Sequence[int]) -> dict[int, int]:
    """Sum up what funds have, in fen."""
    cursor = await connection.execute(
        """
        SELECT a.id, sum(a.credits_posted - a.debits_posted - a.debits_pending)::bigint
        FROM heads h
        JOIN accounts a ON a.bucket = h.bucket AND a.id = ANY(%s)
        GROUP BY a.id
        """,
        (list(funds),),
    )
    return dict(await cursor.fetchall())


async def parts(connection: Connection, fund: int) -> dict[int, int]:
    """Give what a fund has in each bucket, in fen."""
    cursor = await connection.execute(
        """
        SELECT h.bucket, a.credits_posted - a.debits_posted - a.debits_pending
        FROM heads h
        JOIN accounts a ON a.bucket = h.bucket AND a.id = %s
        ORDER BY h.bucket
        """,
        (fund,),
    )
    return dict(await cursor.fetchall())


async def in_purses(connection: Connection, schemes: Sequence[int]) -> dict[int, int]:
    """Sum up what the purses of schemes have, in fen."""
    cursor = await connection.execute(
        """
        SELECT p.scheme, sum(a.credits_posted - a.debits_posted)::bigint
        FROM purses p
        JOIN accounts a ON a.bucket = p.bucket AND a.id = p.account
        WHERE p.scheme = ANY(%s)
        GROUP BY p.scheme
        """,
        (list(schemes),),
    )
    return dict(await cursor.fetchall())


async def granted(connection: Connection, schemes: Sequence[int]) -> list[Granted]:
    """Sum up grants by scheme and period, the newest first."""
    cursor = await connection.execute(
        """
        SELECT scheme, period, count(DISTINCT citizen), sum(amount)::bigint, sum(returned)::bigint
        FROM grants
        WHERE scheme = ANY(%s)
        GROUP BY scheme, period
        ORDER BY scheme, max(posting) DESC
        """,
        (list(schemes),),
    )
    return [Granted(*row) for row in await cursor.fetchall()]


async def used(connection: Connection, programmes: Sequence[int]) -> dict[int, Use]:
    """Sum up uses by scheme's number or campaign's id."""
    cursor = await connection.execute(
        """
        SELECT programme, sum(uses), count(DISTINCT citizen), sum(amount)::bigint
        FROM uses
        WHERE programme = ANY(%s)
        GROUP BY programme
        """,
        (list(programmes),),
    )
    return {programme: Use(*numbers) for programme, *numbers in await cursor.fetchall()}


async def used_by(connection: Connection, bucket: int, citizen: int) -> dict[int, Use]:
    """Sum up what one citizen used, by scheme's number or campaign's id."""
    cursor = await connection.execute(
        """
        SELECT programme, sum(uses), 1, sum(amount)::bigint
        FROM uses
        WHERE bucket = %s AND citizen = %s
        GROUP BY programme
        """,
        (bucket, citizen),
    )
    return {programme: Use(*numbers) for programme, *numbers in await cursor.fetchall()}
