"""Tallies: what was paid, added up by organisation, kind, day and hour, a second after it was paid.

Readers of a page must not read a day's payments. So one reader follows the batches of each bucket, whose numbers are gap-free and in
commit order, and adds up what is new; where it stands is a row that changes in the same transaction. So every payment is counted exactly
once, however many processes read and whenever one is killed. Nothing is done while somebody pays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import structlog

from haihe.base.clock import Clock, day_start, service_day
from haihe.base.database import Connection, Database, TryAgain
from haihe.base.ids import first_id_at
from haihe.ledger.service import bucket_count
from haihe.payments import tallies_store as store
from haihe.payments.dues.model import DayFigures
from haihe.payments.dues.service import Dues
from haihe.payments.tallies_store import HourTally, Sum

log = structlog.get_logger()

EVERY_S: Final = 1.0
"""How far the tallies stay behind the payments."""
LATEST_MAX: Final = 20
"""Payments that an organisation's day lists."""


@dataclass(frozen=True, slots=True)
class DayTallies:
    """An organisation's day: what it was paid by kind and hour, what it gave back, and what it is owed by dues.

    `latest` names the newest payments as (bucket, id).
    """

    day: date
    dues: DayFigures
    hours: Sequence[HourTally]
    refunded: Sum
    latest: Sequence[tuple[int, int]]

    @property
    def paid(self) -> Sum:
        """Everything that reached the till on this day by payments."""
        return Sum(sum(one.payments for one in self.hours), sum(one.amount for one in self.hours))

    @property
    def charged(self) -> Sum:
        """What was asked for on this day: dues that were issued, and what was sold on the spot."""
        sold = Sum(self.paid.number - self.dues.paid, self.paid.amount - self.dues.paid_amount)
        return Sum(self.dues.charged + sold.number, self.dues.charged_amount + sold.amount)


@dataclass(frozen=True)
class Tallies:
    """The tallies of all buckets."""

    database: Database
    clock: Clock
    dues: Dues

    async def run(self) -> None:
        """Follow the payments for ever; a lost database is waited for."""
        while True:
            with suppress(TryAgain):
                try:
                    await self.catch_up()
                except TryAgain:
                    raise
                except Exception:
                    log.exception("tallies failed; they go on")
            await asyncio.sleep(EVERY_S)

    async def catch_up(self) -> int:
        """Add up whatever was committed before now; give how many payments were added."""
        async with self.database.connection() as connection:
            lagging = await store.lagging(connection)
            fresh = [bucket for bucket, batch in lagging.items() if batch is None]
            if fresh:
                await store.begin(connection, fresh)
        return sum([await self._catch_up(bucket) for bucket in lagging])

    async def _catch_up(self, bucket: int) -> int:
        added, more = 0, True
        while more:
            more, payments = await self.database.repeat(lambda connection: _step(connection, bucket))
            added += payments
        return added

    async def day(self, organisation: int, day: date) -> DayTallies:
        """Give an organisation's day, as of now.

        Dues are read before the tallies are brought up to date, so that no due counts as paid whose payment does not.
        "Refunded" is what the ledger moved out of the till on that day to accounts that pay: wallets, purses, funds.
        """
        dues = await self.dues.day(organisation, day)
        await self.catch_up()
        async with self.database.connection() as connection:
            buckets = range(await bucket_count(connection))
            return DayTallies(
                day=day,
                dues=dues,
                hours=await store.day_of(connection, buckets, organisation, day),
                refunded=await _refunded(connection, buckets, organisation, day),
                latest=await store.newest_payments(connection, buckets, organisation, day, limit=LATEST_MAX),
            )

    def today(self) -> date:
        """Tell the city's day."""
        return service_day(self.clock.now())


async def _step(connection: Connection, bucket: int) -> tuple[bool, int]:
    """Add up the next batches of a bucket; tell whether there may be more, and how many payments they had."""
    after = await store.lock_cursor(connection, bucket)
    newest, payments = await store.add(connection, bucket, after=after)
    return newest - after == store.BATCHES_MAX, payments


async def _refunded(connection: Connection, buckets: Sequence[int], organisation: int, day: date) -> Sum:
    """Sum up what a till gave back; the transfers are only looked through where money ever left it."""
    if not await store.till_debits(connection, buckets, organisation):
        return Sum()
    start = day_start(day)
    return await store.given_back(
        connection,
        buckets,
        organisation,
        since=start,
        until=start + timedelta(days=1),
        oldest=first_id_at(start),
    )
