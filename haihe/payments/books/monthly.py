"""Tells citizens, in the first days of a month, that the statement of the month before is there; once.

The statement itself is made whenever somebody asks for it. Who has moved no money since the month began is not bothered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from haihe.base import outbox
from haihe.base.clock import Clock, day_start, service_day
from haihe.base.database import Connection, Database
from haihe.base.ids import first_id_at
from haihe.base.jobs import Periodic
from haihe.base.outbox import News
from haihe.ledger import service as ledger
from haihe.payments.books import monthly_store as store

READY: Final = "statement_ready"
TOLD_MAX: Final = 500
"""Citizens who are told in one transaction."""
DAYS: Final = 5
"""So many days into a month a city that stood still on the first one makes up for it."""
CRON: Final = "*/10 * * * *"


@dataclass(frozen=True)
class MonthlyNotices:
    """The job of the first of the month."""

    database: Database
    clock: Clock

    async def run(self) -> None:
        """Tell everyone who was not told yet; on other days it asks nothing."""
        today = service_day(self.clock.now())
        if today.day > DAYS:
            return
        month = month_before(today)
        async with self.database.connection() as connection:
            buckets = range(await ledger.bucket_count(connection))
        for bucket in buckets:
            while await self.database.repeat(
                lambda connection, bucket=bucket: self._tell_some(connection, bucket, month)  # type: ignore[misc]
            ):
                pass

    async def _tell_some(self, connection: Connection, bucket: int, month: date) -> bool:
        """Tell the next ones and write down how far it came, all or none; False when all were told."""
        last, is_done = await store.progress(connection, bucket, month)
        if is_done:
            return False
        citizens = await store.moved(
            connection, bucket, after=last, since_id=first_id_at(day_start(month)), limit=TOLD_MAX
        )
        news = [News(READY, citizen, {"month": f"{month:%Y-%m}"}) for citizen in citizens]
        if news:
            await outbox.publish(connection, bucket, news, at=self.clock.now())
        await store.advance(connection, bucket, month, last=max(citizens, default=last), is_done=not citizens)
        return bool(citizens)


def month_before(day: date) -> date:
    """Give the first day of the month before a day's."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def jobs(notices: MonthlyNotices) -> list[Periodic]:
    """Give the work that runs beside the city: telling that statements are ready."""
    return [Periodic("books.monthly_notices", "monthly_notices", CRON, notices.run)]
