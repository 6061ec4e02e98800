"""Evens a campaign's budget out: each bucket has a part of it, and where one is nearly used up the others give.

A discount is given out of the payer's own bucket, under its lock alone; so no payment ever waits for another bucket. Between the runs
of this job a bucket may have nothing while others still have some: its riders pay the full price, as their pages tell them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from haihe.base.clock import service_day
from haihe.base.database import Connection
from haihe.base.jobs import Periodic
from haihe.ledger.crossings.model import Arrival, Crossing, Return
from haihe.ledger.crossings.service import Crossings
from haihe.wallet.purses import figures_store as store
from haihe.wallet.purses.model import Campaign, in_force
from haihe.wallet.purses.service import Purses

EVEN_CRON: Final = "* * * * * */20"
"""Every twenty seconds (they stand last)."""


class _Nobody:
    """Is told of a crossing and has nothing to write: the money is the same sponsor's before and after."""

    async def arrived(self, connection: Connection, bucket: int, arrivals: Sequence[Arrival]) -> None:
        """Write nothing."""

    async def returned(self, connection: Connection, bucket: int, returns: Sequence[Return]) -> None:
        """Write nothing."""


@dataclass(frozen=True, slots=True)
class Move:
    """So many fen from one bucket's part to another's."""

    source: int
    target: int
    amount: int


def jobs(purses: Purses) -> list[Periodic]:
    """Give the work that runs beside the city."""
    return [Periodic("purses.even_out", "purses", EVEN_CRON, partial(even_out, purses))]


def moves(parts: Mapping[int, int]) -> list[Move]:
    """Say how parts become even, to the fen below; nothing as long as the smallest is at least half of what each would have."""
    even = sum(parts.values()) // len(parts) if parts else 0
    if not parts or 2 * min(parts.values()) >= even:
        return []
    short = [[bucket, even - part] for bucket, part in sorted(parts.items()) if part < even]
    found: list[Move] = []
    for bucket, part in sorted(parts.items()):
        spare = part - even
        while spare > 0 and short:
            amount = min(spare, short[-1][1])
            found.append(Move(bucket, short[-1][0], amount))
            spare -= amount
            short[-1][1] -= amount
            if not short[-1][1]:
                short.pop()
    return found


async def even_out(purses: Purses) -> None:
    """Even out the budgets of all campaigns that run today."""
    now = purses.clock.now()
    for campaign in list(purses.directory.campaigns.values()):
        terms = in_force(purses.directory.campaign_terms.get(campaign.id, ()), now)
        if terms is not None and terms.first_day <= service_day(now) <= terms.last_day:
            await _even_out(purses, campaign)


async def _even_out(purses: Purses, campaign: Campaign) -> None:
    async with purses.database.connection() as connection:
        parts = await store.parts(connection, campaign.id)
    crossings = Crossings(purses.database, purses.clock, _Nobody())
    planned = moves(parts)
    for bucket in sorted({one.source for one in planned}):
        going = [_crossing(purses, campaign, one) for one in planned if one.source == bucket]
        async with purses.database.transaction() as connection:
            await crossings.begin(connection, bucket, going, remember=False)
        await crossings.finish(bucket, [one.id for one in going])


def _crossing(purses: Purses, campaign: Campaign, move: Move) -> Crossing:
    identity, undo = purses.ids.take(2)
    return Crossing(
        id=identity,
        undo=undo,
        bucket=move.source,
        target=move.target,
        debit=campaign.id,
        credit=campaign.id,
        amount=move.amount,
        effective=purses.clock.now(),
    )
