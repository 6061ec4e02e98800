"""Returns what has lapsed to its sponsor's fund: once, by set, with a transfer that names its grant.

Of a purse's money, whatever lapses first counts as spent first, whenever it was granted: the best for the citizen, and nothing has to
be kept of what was spent when. So of the grants that have lapsed is left what the purse has above the sum of those that have not:
max(0, balance - grants that still live). The same sum bars it from being spent before this job ran, and bars what a refund brings back
after it.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from haihe.base.errors import BrokenInvariantError
from haihe.base.jobs import Periodic
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posting, Result, TransferKind
from haihe.wallet.purses import lapse_store as store
from haihe.wallet.purses.service import Purses

RETURN_CRON: Final = "* * * * *"
"""Every minute: what lapsed is barred at once, and back with its sponsor a moment later."""
AGAIN_CRON: Final = "20 3 * * *"
"""Every night: what refunds brought back into purses whose time is over."""


def jobs(purses: Purses) -> list[Periodic]:
    """Give the work that runs beside the city."""
    return [
        Periodic("purses.return_lapsed", "purses", RETURN_CRON, partial(_work, purses, again=False)),
        Periodic("purses.return_again", "purses", AGAIN_CRON, partial(_work, purses, again=True)),
    ]


async def _work(purses: Purses, *, again: bool) -> None:
    await return_lapsed(purses, again=again)


async def return_lapsed(purses: Purses, *, again: bool = False) -> int:
    """Return what is left of lapsed grants in all buckets; `again` also what refunds brought back since. Gives how many fen."""
    async with purses.database.connection() as connection:
        buckets = await ledger.bucket_count(connection)
    total = 0
    for bucket in range(buckets):
        while True:
            looked_at, fen = await _sweep(purses, bucket, again=again)
            total += fen
            if looked_at < store.SWEPT_MAX:
                break
    return total


async def _sweep(purses: Purses, bucket: int, *, again: bool) -> tuple[int, int]:
    """Return what lapsed in some purses of a bucket, in one transaction; give how many purses and fen."""
    now = purses.clock.now()
    async with purses.database.transaction() as connection:
        found = await store.lapsed_purses(connection, bucket, now, again=again)
        if not found:
            return 0, 0
        await ledger.lock(connection, bucket)
        lapsed = await store.left_of_lapsed(connection, bucket, found, now)
        postings = [
            Posting(
                identity,
                (Leg(one.purse, one.fund, one.amount, TransferKind.LAPSE, names=one.grant),),
                now,
                subject=one.purse,
            )
            for identity, one in zip(purses.ids.take(len(lapsed)) if lapsed else (), lapsed, strict=True)
        ]
        if postings:
            batch = await ledger.post(connection, bucket, postings, now=now, remember=False)
            refused = {one.result for one in batch.posted} - {Result.POSTED}
            if refused:
                raise BrokenInvariantError(f"lapsed money of bucket {bucket} was refused: {refused}")
        await store.note_returned(connection, bucket, found, lapsed, now)
    return len(found), sum(one.amount for one in lapsed)
