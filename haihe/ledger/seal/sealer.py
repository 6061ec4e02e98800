"""The sealer: gives every batch a root, and signs a checkpoint over all buckets at least every minute.

It works behind the ledger and takes no lock that a posting waits for. However many processes run it, one at a time seals (an advisory
lock of the transaction); whatever it was doing when it was killed is not there or wholly there, and the next one goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Final

import structlog

from haihe.base.background import keep_doing
from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError
from haihe.base.notes import Signer, read_note
from haihe.ledger.seal import store
from haihe.ledger.seal.checkpoint import Checkpoint, Stand
from haihe.ledger.seal.merkle import leaves_of, root_of
from haihe.ledger.seal.rows import NO_HASH, ROW_BYTES, batch_leaf
from haihe.ledger.seal.store import RootedBatch, Signed

log = structlog.get_logger()

LOOK_EVERY_S: Final = 1.0
NEWS_EVERY_S: Final = 10.0
"""How long news waits for its checkpoint at most, as long as the sealer keeps up."""
QUIET_EVERY_S: Final = 50.0
"""After how long a checkpoint is signed without news, so that there is one every minute."""
LEAVES_MAX: Final = 16_384
"""Batches that one checkpoint covers; of more there are several checkpoints at once."""
BREATH_TRANSFERS: Final = 500
"""After hashing so many, about half a millisecond, whoever pays in the same process goes first."""


@dataclass(frozen=True)
class Sealer:
    """Seals all buckets under the city's key."""

    database: Database
    clock: Clock
    signer: Signer
    _heard: dict[int, float] = field(default_factory=dict)
    """When, on this process's own clock, a checkpoint was first seen as the newest."""

    async def run(self) -> None:
        """Seal for ever."""
        await keep_doing(self.catch_up, every_s=LOOK_EVERY_S, name="seal")

    async def catch_up(self, *, at_once: bool = False) -> int:
        """Give roots to all batches that have none, and sign checkpoints that are due, or all news at once; count them."""
        async with self.database.connection() as connection:
            standings = await store.standings(connection)
        for bucket, standing in standings.items():
            rooted, more = standing.rooted, standing.rooted < standing.batch
            while more:
                after = rooted
                rooted = await self.database.repeat(partial(_give_roots, bucket=bucket))
                more = after < rooted < standing.batch
        signed = 0
        while made := await self.database.repeat(partial(self._sign, at_once=at_once)):
            signed += 1
            if not made.leaves:
                break
        return signed

    async def _sign(self, connection: Connection, *, at_once: bool) -> Checkpoint | None:
        """Sign the next checkpoint if one is due and nobody else is sealing."""
        if not await store.try_lock(connection) or not (standings := await store.standings(connection)):
            return None
        before = self._newest(await store.newest(connection, limit=1))
        after = {bucket: stand.batch for bucket, stand in before.stands.items()} if before else {}
        share = max(1, LEAVES_MAX // len(standings))
        upto = {bucket: min(one.rooted, after.get(bucket, 0) + share) for bucket, one in standings.items()}
        news = {bucket: batch for bucket, batch in upto.items() if batch > after.get(bucket, 0)}
        is_full = any(batch < standings[bucket].rooted for bucket, batch in news.items())
        if before and not is_full and not (at_once and news) and not self._is_due(before, news=bool(news)):
            return None
        batches = await store.batches_between(connection, after, news)
        if len(batches) != sum(batch - after.get(bucket, 0) for bucket, batch in news.items()):
            raise BrokenInvariantError("a batch or its root is missing")
        made = self._make(before, batches, standings)
        note = Signed(made.number, made.time, self.signer.sign(made.to_text()))
        await store.add_checkpoint(connection, note, made.hash, news)
        return made

    def _make(
        self, before: Checkpoint | None, batches: Sequence[RootedBatch], buckets: Mapping[int, object]
    ) -> Checkpoint:
        now = self.clock.now()
        stands = {bucket: before.stands[bucket] if before else Stand(0, NO_HASH) for bucket in buckets}
        stands |= {batch.bucket: Stand(batch.number, batch.chain) for batch in batches}
        return Checkpoint(
            origin=self.signer.name,
            number=before.number + 1 if before else 1,
            time=max(now, before.time) if before else now,
            previous=before.hash if before else NO_HASH,
            leaves=len(batches),
            root=root_of([batch_leaf(*batch) for batch in batches]),
            stands=stands,
        )

    def _newest(self, signed: Sequence[Signed]) -> Checkpoint | None:
        """Read the newest checkpoint; it must be our own. Raises `NoteForged`."""
        return Checkpoint.from_text(read_note(signed[0].note, self.signer.verifier_key)) if signed else None

    def _is_due(self, before: Checkpoint, *, news: bool) -> bool:
        """Tell whether the newest checkpoint is old enough, by the city's clock or, should that have gone back, by our own."""
        every_s = NEWS_EVERY_S if news else QUIET_EVERY_S
        if before.number not in self._heard:
            self._heard.clear()
            self._heard[before.number] = monotonic()
        waited_s = monotonic() - self._heard[before.number]
        return max(waited_s, (self.clock.now() - before.time).total_seconds()) >= every_s


async def _give_roots(connection: Connection, *, bucket: int) -> int:
    """Store the roots of a bucket's next batches, unless somebody else is sealing; give the newest batch with a root."""
    rooted = 0
    if await store.try_lock(connection):
        rooted = await store.newest_root(connection, bucket)
        roots, hashed = {}, 0
        for batch in await store.rows_after(connection, bucket, after=rooted):
            if len(batch.rows) != batch.transfers * ROW_BYTES:
                log.error("a batch does not have its transfers", bucket=bucket, batch=batch.number)
            roots[batch.number] = root_of(leaves_of(batch.rows, ROW_BYTES))
            hashed += batch.transfers
            if hashed >= BREATH_TRANSFERS:
                hashed = 0
                await asyncio.sleep(0)  # whoever pays in this process goes first
        await store.add_roots(connection, bucket, roots)
        rooted = max(roots, default=rooted)
    return rooted
