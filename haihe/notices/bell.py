"""The bell: tells open pages what is new, in every process, a moment after it was written."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from haihe.base.database import Database
from haihe.base.throttle import TooMany
from haihe.notices import store
from haihe.notices.model import Stored

WATCHES_MAX: Final = 6
"""Pages that one person has open at once; the next one hears nothing."""
QUEUE_MAX: Final = 50
RETRY_S: Final = 60

Watch: TypeAlias = asyncio.Queue[Stored]


@dataclass
class Bell:
    """The open pages of this process, and up to where they were told."""

    database: Database
    _watches: dict[int, set[Watch]] = field(default_factory=lambda: defaultdict(set))
    _seen: dict[int, int] | None = None

    @asynccontextmanager
    async def watching(self, citizen: int) -> AsyncIterator[Watch]:
        """Hear what somebody is told from now on. Raises `TooMany`."""
        if len(self._watches[citizen]) >= WATCHES_MAX:
            raise TooMany(retry_after_s=RETRY_S)
        watch: Watch = asyncio.Queue(QUEUE_MAX)
        self._watches[citizen].add(watch)
        try:
            yield watch
        finally:
            self._watches[citizen].discard(watch)
            if not self._watches[citizen]:
                del self._watches[citizen]

    async def look(self) -> None:
        """Ring for what was told since the last look."""
        async with self.database.connection() as connection:
            cursors = await store.cursors(connection)
            before, self._seen = self._seen, cursors
            if before is None or not self._watches:
                return
            for bucket, newest in cursors.items():
                if newest > (seen := before.get(bucket, 0)):
                    citizens = set(self._watches)
                    for notice in await store.fresh(connection, bucket, after=seen, up_to=newest, citizens=citizens):
                        self._ring(notice)

    def _ring(self, notice: Stored) -> None:
        for watch in self._watches.get(notice.citizen, ()):
            if not watch.full():  # a page that reads nothing has the inbox
                watch.put_nowait(notice)
