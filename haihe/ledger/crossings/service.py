"""Money between buckets.

One transaction touches one bucket. So the money goes over the bridges: step 1 moves it from its account to the bridge of its own
bucket and writes down, in the same transaction, all that is left to do; step 2 moves it from the other bucket's bridge to its account
there. Each bucket sums to zero at every moment, and all bridges together hold what is on its way.

The ids of all postings are fixed before the first one. The ledger posts an id once and remembers a refused one, so step 2 may be tried
by anybody, at any time and any number of times: it ends one way, once. When it was refused, step 1 is taken back. A process may die
between any two lines; `finish_open` goes on from what is stored.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from haihe.base.database import LOST, TryAgain
from haihe.base.errors import BrokenInvariantError
from haihe.ledger import service as ledger
from haihe.ledger.crossings import store
from haihe.ledger.crossings.model import REFUSALS, Arrival, Crossing, Return, State
from haihe.ledger.model import Leg, Posted, Posting, Result, SystemAccount, TransferKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from haihe.base.clock import Clock
    from haihe.base.database import Connection, Database
    from haihe.ledger.crossings.model import Follower

OPEN_MAX: Final = 500
"""Open crossings that are finished together."""
POSTED: Final = frozenset({Result.POSTED, Result.ALREADY_POSTED})

log = structlog.get_logger("haihe.crossings")


@dataclass(frozen=True)
class Crossings:
    """Moves money between accounts of any two buckets; `follower` hears of what arrived and what came back."""

    database: Database
    clock: Clock
    follower: Follower

    async def begin(
        self, connection: Connection, bucket: int, crossings: Sequence[Crossing], *, remember: bool = True
    ) -> list[Posted]:
        """Do step 1 in the caller's transaction; give for each what became of it and what the debited account has then.

        Where both accounts live in this bucket, that is all. The others are open: call `finish` after the commit.
        """
        postings = [_first_step(one) for one in crossings]
        batch = await ledger.post(connection, bucket, postings, now=self.clock.now(), remember=remember)
        moved = [one for one, posted in zip(crossings, batch.posted, strict=True) if posted.result is Result.POSTED]
        if open_ones := [one for one in moved if not one.is_within_one_bucket]:
            await store.insert(connection, bucket, open_ones)
        if there := [one for one in moved if one.is_within_one_bucket]:
            balances = await ledger.balances(connection, bucket, [one.credit for one in there])
            await self.follower.arrived(connection, bucket, [Arrival(one, balances[one.credit]) for one in there])
        return list(batch.posted)

    async def finish(self, bucket: int, ids: Sequence[int]) -> dict[int, State]:
        """Do what is left to do of crossings that have left this bucket; tell how they stand then.

        What was not committed is not there and is left alone. Raises `TryAgain` when the database goes away; then the job goes on.
        """
        async with self.database.connection() as connection:
            found = await store.open_of(connection, bucket, ids)
        await self._finish(bucket, found)
        async with self.database.connection() as connection:
            return await store.states(connection, bucket, ids)

    async def finish_open(self) -> None:
        """Finish or undo everything that is open: the job behind every crossing whose process died or lost the database."""
        async with self.database.connection() as connection:
            buckets = await ledger.bucket_count(connection)
        for bucket in range(buckets):
            await self._finish_bucket(bucket)

    async def _finish_bucket(self, bucket: int) -> None:
        last = 0
        while True:
            async with self.database.connection() as connection:
                found = await store.open_after(connection, bucket, last, limit=OPEN_MAX)
            if not found:
                return
            last = found[-1].id
            await self._finish_each(bucket, found)

    async def _finish_each(self, bucket: int, crossings: Sequence[Crossing]) -> None:
        """Finish together, or each alone where one of them cannot be: it stays open and never stops its neighbours."""
        try:
            await self._finish(bucket, crossings)
        except (TryAgain, *LOST):
            raise
        except Exception:
            log.exception("crossings stay open", bucket=bucket, first=crossings[0].id, count=len(crossings))
            for one in crossings if len(crossings) > 1 else ():
                await self._finish_each(bucket, [one])

    async def _finish(self, bucket: int, crossings: Sequence[Crossing]) -> None:
        by_target: dict[int, list[Crossing]] = defaultdict(list)
        for one in crossings:
            by_target[one.target].append(one)
        for target, those in sorted(by_target.items()):
            await self._cross(bucket, target, those)

    async def _cross(self, bucket: int, target: int, crossings: Sequence[Crossing]) -> None:
        results = await self.database.repeat(lambda connection: self._arrive(connection, target, crossings))
        await self._settle(bucket, crossings, results)

    async def _arrive(self, connection: Connection, target: int, crossings: Sequence[Crossing]) -> dict[int, Result]:
        """Do step 2; what is refused is refused for good, as the ledger remembers it."""
        postings = [_second_step(one) for one in crossings]
        batch = await ledger.post(connection, target, postings, now=self.clock.now())
        ends = list(zip(crossings, batch.posted, strict=True))
        if there := [Arrival(one, posted.balance) for one, posted in ends if posted.result is Result.POSTED]:
            await self.follower.arrived(connection, target, there)
        return {one.id: posted.result for one, posted in ends}

    async def _settle(self, bucket: int, crossings: Sequence[Crossing], results: Mapping[int, Result]) -> None:
        """Write into the bucket that the money left what became of it there; undo what was refused."""
        there = [one.id for one in crossings if results[one.id] in POSTED]
        if there:
            async with self.database.connection() as connection:
                await store.mark_arrived(connection, bucket, there)
        refused = [one for one in crossings if results[one.id] in REFUSALS]
        if refused:
            await self.database.repeat(lambda connection: self._undo(connection, bucket, refused, results))
        for one in crossings:
            if results[one.id] not in POSTED | REFUSALS:
                log.error("crossing cannot go on", bucket=bucket, crossing=one.id, result=results[one.id].name)

    async def _undo(
        self, connection: Connection, bucket: int, refused: Sequence[Crossing], results: Mapping[int, Result]
    ) -> None:
        """Take step 1 back, under the bucket's lock: to the debited account, or to suspense where that takes nothing any more."""
        await ledger.lock(connection, bucket)
        still_open = await store.open_of(connection, bucket, [one.id for one in refused])
        unable = await self._give_back(connection, bucket, {one: one.debit for one in still_open})
        held = {one: int(SystemAccount.SUSPENSE) for one in unable}
        if await self._give_back(connection, bucket, held):
            raise BrokenInvariantError(f"money that came back to bucket {bucket} cannot be held in suspense")
        returns = [Return(one, results[one.id], held.get(one, one.debit)) for one in still_open]
        if returns:
            await store.mark_returned(connection, bucket, returns)
            await self.follower.returned(connection, bucket, returns)

    async def _give_back(self, connection: Connection, bucket: int, wanted: Mapping[Crossing, int]) -> list[Crossing]:
        """Post the undoings to these accounts; give those that were refused. They are not remembered: they go elsewhere next."""
        if not wanted:
            return []
        now = self.clock.now()
        postings = [_undoing(one, account, now) for one, account in wanted.items()]
        batch = await ledger.post(connection, bucket, postings, now=now, remember=False)
        return [one for one, posted in zip(wanted, batch.posted, strict=True) if posted.result is not Result.POSTED]


def _first_step(crossing: Crossing) -> Posting:
    credit = crossing.credit if crossing.is_within_one_bucket else int(SystemAccount.BRIDGE)
    leg = Leg(crossing.debit, credit, crossing.amount, TransferKind.CROSSING, risk=crossing.risk)
    return Posting(crossing.id, (leg,), crossing.effective, subject=crossing.debit)


def _second_step(crossing: Crossing) -> Posting:
    leg = Leg(SystemAccount.BRIDGE, crossing.credit, crossing.amount, TransferKind.CROSSING)
    return Posting(crossing.id, (leg,), crossing.effective, subject=crossing.credit)


def _undoing(crossing: Crossing, account: int, now: datetime) -> Posting:
    leg = Leg(SystemAccount.BRIDGE, account, crossing.amount, TransferKind.REVERSAL, names=crossing.id)
    return Posting(crossing.undo, (leg,), now, subject=account)
