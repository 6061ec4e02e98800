"""Tallies: what was paid and refunded, added up by organisation, kind, day and hour, a second after it happened.

Readers of a page must not read a day's payments. So one reader follows the batches of each bucket, whose numbers are gap-free and in
commit order, and adds up what is new; where it stands is a row that changes in the same transaction. So every payment is counted exactly
once, however many processes read and whenever one is killed. Nothing is done while somebody pays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from haihe.base.background import keep_doing
from haihe.base.clock import Clock, service_day
from haihe.base.database import Connection, Database
from haihe.ledger.following import Follower
from haihe.ledger.service import bucket_count
from haihe.payments import tallies_store as store
from haihe.payments.dues.model import DayFigures
from haihe.payments.dues.service import Dues
from haihe.payments.tallies_store import HourTally, Sum

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
        """Follow the payments for ever."""
        await keep_doing(self.catch_up, every_s=EVERY_S, name="tallies")

    async def catch_up(self) -> int:
        """Add up whatever was committed before now; give how many payments were added."""
        return await FOLLOWER.catch_up(self.database)

    async def day(self, organisation: int, day: date) -> DayTallies:
        """Give an organisation's day, as of now.

        Dues are read before the tallies are brought up to date, so that no due counts as paid whose payment does not.
        """
        dues = await self.dues.day(organisation, day)
        await self.catch_up()
        async with self.database.connection() as connection:
            buckets = range(await bucket_count(connection))
            return DayTallies(
                day=day,
                dues=dues,
                hours=await store.day_of(connection, buckets, organisation, day),
                refunded=await store.refunded_on(connection, buckets, organisation, day),
                latest=await store.newest_payments(connection, buckets, organisation, day, limit=LATEST_MAX),
            )

    def today(self) -> date:
        """Tell the city's day."""
        return service_day(self.clock.now())


async def _step(connection: Connection, bucket: int, after: int) -> tuple[bool, int]:
    """Add up the next batches of a bucket; tell whether there may be more, and how many payments they had."""
    newest, payments = await store.add(connection, bucket, after=after)
    return newest - after == store.BATCHES_MAX, payments


FOLLOWER: Final = Follower("tally_cursors", _step)
