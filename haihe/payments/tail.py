"""The tail: hands every payment, once and in order, to whoever watches for it (the driver's screen).

Payment rows are the events. In the process that paid they are handed on from memory right after the commit; what other
processes paid is read by (bucket, batch). A watcher that falls behind is told so and reads for itself.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import structlog

from haihe.base.background import keep_doing
from haihe.payments import store
from haihe.payments.model import Payment, Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from haihe.base.database import Database

log = structlog.get_logger()

POLL_S: Final = 0.2
"""How long news from another process may stay unseen."""
WATCHER_QUEUE_MAX: Final = 200

Watch = asyncio.Queue[Payment | None]
"""What a watcher reads from; None tells that it fell behind and must read for itself from its cursor."""


class Tail:
    """Follows all buckets, and the version of the catalogue."""

    def __init__(self, database: Database) -> None:
        """Bind to the database; `run` does the following."""
        self._database = database
        self._seen: dict[int, int] = {}
        self._version = 0
        self._watches: dict[tuple[int, int], set[Watch]] = defaultdict(set)
        self._reloads: list[Callable[[], Awaitable[None]]] = []

    def on_catalogue(self, reload: Callable[[], Awaitable[None]]) -> None:
        """Have something read again whenever the catalogue changed."""
        self._reloads.append(reload)

    async def cursor(self) -> dict[int, int]:
        """Say up to which batch of each bucket everything was handed on or is in the database."""
        async with self._database.connection() as connection:
            return await store.heads(connection)

    @asynccontextmanager
    async def subscribe(self, kind: int, point: int) -> AsyncIterator[Watch]:
        """Watch the payments of one kind at one point (a vehicle) from now on."""
        watch: Watch = asyncio.Queue(WATCHER_QUEUE_MAX)
        self._watches[kind, point].add(watch)
        try:
            yield watch
        finally:
            self._watches[kind, point].discard(watch)
            if not self._watches[kind, point]:
                del self._watches[kind, point]

    def deliver(self, bucket: int, payments: Sequence[Payment]) -> None:
        """Hand on a batch that this process just committed, unless an earlier one of the bucket was not seen yet."""
        number = max((payment.batch for payment in payments), default=0)
        if number and self._seen.get(bucket) == number - 1:
            self._seen[bucket] = number
            self._hand_on([payment for payment in payments if payment.batch == number])

    async def run(self) -> None:
        """Follow the other processes for ever."""
        await keep_doing(self._look, every_s=POLL_S, name="tail")

    async def _look(self) -> None:
        async with self._database.connection() as connection:
            heads = await store.heads(connection)
            version = await store.catalogue_version(connection)
            for bucket, newest in heads.items():
                seen = self._seen.setdefault(bucket, newest)
                if newest > seen and self._watches:
                    await self._catch_up(bucket, await store.paid_since(connection, bucket, after=seen), newest)
                elif newest > seen:
                    self._seen[bucket] = newest
        if version != self._version:
            self._version = version
            for reload in self._reloads:
                await reload()

    async def _catch_up(self, bucket: int, payments: Sequence[Payment], newest: int) -> None:
        """Hand on what was read, except what `deliver` handed on meanwhile."""
        seen = self._seen[bucket]
        if len(payments) == store.NEWS_READ_MAX:
            newest = payments[-1].batch - 1
        self._seen[bucket] = max(seen, newest)
        self._hand_on([payment for payment in payments if seen < payment.batch <= newest])

    def _hand_on(self, payments: Sequence[Payment]) -> None:
        for payment in payments:
            if payment.status is not Status.PAID:
                continue
            for watch in self._watches.get((payment.kind, payment.point), ()):
                _put(watch, payment)


def _put(watch: Watch, payment: Payment) -> None:
    try:
        watch.put_nowait(payment)
    except asyncio.QueueFull:
        while not watch.empty():
            watch.get_nowait()
        watch.put_nowait(None)
