"""Holds: money that is promised and not yet given (a deposit, an order that is being prepared).

A hold is a leg of a posting; what is held cannot be spent, nor does the other side have it. It ends when all of it was captured or the
rest was released, by whoever comes first; one that expires is released by a job. What ends it are new transfers that name it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import structlog
from psycopg.rows import class_row

from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.jobs import Periodic
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Phase, Posting, Result, TransferKind

EXPIRE_CRON: Final = "* * * * * */20"
"""Every twenty seconds (they stand last)."""
EXPIRED_MAX: Final = 500
"""Expired holds of a bucket that end in one batch; the next takes more."""
ENDED: Final = frozenset({Result.POSTED, Result.ALREADY_POSTED, Result.HOLD_ENDED})

log = structlog.get_logger("haihe.ledger")


class Hold(NamedTuple):
    """What is held: the transfer of this id, from whom, for whom, in minor units; `rest` is 0 when it has ended."""

    id: int
    debit: int
    credit: int
    amount: int
    rest: int
    expires: datetime


_COLUMNS: Final = "id, debit, credit, amount, rest, expires"


async def holds(connection: Connection, bucket: int, ids: list[int]) -> dict[int, Hold]:
    """Read holds of a bucket by id; unknown ids are absent."""
    async with connection.cursor(row_factory=class_row(Hold)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM holds WHERE bucket = %s AND id = ANY(%s)", (bucket, ids))  # noqa: S608 - a constant
        return {hold.id: hold for hold in await cursor.fetchall()}


def capture(hold: Hold, amount: int, kind: TransferKind) -> Leg:
    """Take (a part of) what is held, in minor units."""
    return Leg(hold.debit, hold.credit, amount, kind, names=hold.id, phase=Phase.CAPTURE)


def release(hold: Hold, kind: TransferKind) -> Leg:
    """Give back whatever the hold has left."""
    return Leg(hold.debit, hold.credit, 0, kind, names=hold.id, phase=Phase.RELEASE)


@dataclass(frozen=True)
class Holds:
    """Ends what has expired."""

    database: Database
    clock: Clock
    ids: Ids

    async def expire(self) -> None:
        """Release every hold whose time is over; one that ends meanwhile is left alone."""
        async with self.database.connection() as connection:
            buckets = await ledger.bucket_count(connection)
        for bucket in range(buckets):
            while await self.database.repeat(lambda connection, bucket=bucket: self._expire(connection, bucket)):  # type: ignore[misc]
                pass

    async def _expire(self, connection: Connection, bucket: int) -> bool:
        """Release the oldest expired holds of a bucket; tell whether there may be more."""
        await ledger.lock(connection, bucket)
        now = self.clock.now()
        expired = await _expired(connection, bucket, now)
        postings = [
            Posting(identity, (release(hold, TransferKind.DEPOSIT),), now, subject=hold.debit)
            for identity, hold in zip(self.ids.take(len(expired)), expired, strict=True)
        ]
        if not postings:
            return False
        batch = await ledger.post(connection, bucket, postings, now=now, remember=False)
        strange = {answer.result for answer in batch.posted} - ENDED
        if strange:
            raise BrokenInvariantError(f"expired holds of bucket {bucket} were not released: {strange}")
        log.info("holds expired", bucket=bucket, holds=len(expired))
        return len(expired) == EXPIRED_MAX


async def _expired(connection: Connection, bucket: int, now: datetime) -> list[Hold]:
    async with connection.cursor(row_factory=class_row(Hold)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM holds WHERE bucket = %s AND rest > 0 AND expires <= %s ORDER BY expires, id LIMIT %s",  # noqa: S608
            (bucket, now, EXPIRED_MAX),
        )
        return await cursor.fetchall()


def jobs(base: Foundation) -> list[Periodic]:
    """Give the work that runs beside the city: ending what has expired."""
    return [Periodic("ledger.expire_holds", "ledger", EXPIRE_CRON, Holds(base.database, base.clock, base.ids).expire)]
