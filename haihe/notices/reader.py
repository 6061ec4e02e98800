"""The reader: turns news of the outbox into notices, each once.

News of a bucket are numbered without gaps and in the order of commits. Up to where they were told is a row that changes in the transaction of
what was told; whoever is killed between two lines has told nothing, and goes on from there. Nothing waits for the reader, and it waits for
nobody: short messages are only written down (`texting` sends them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from haihe.base import outbox
from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.ids import Ids
from haihe.base.outbox import Numbered
from haihe.notices import store
from haihe.notices.kinds import KINDS
from haihe.notices.model import Stored
from haihe.notices.store import Listener

TEXT_WITHIN: Final = timedelta(days=1)
"""A short message about what happened longer ago says nothing that could still be acted on."""


@dataclass(frozen=True)
class Reader:
    """Reads the outbox of all buckets."""

    database: Database
    clock: Clock
    ids: Ids

    async def catch_up(self) -> int:
        """Tell whatever was published before now; give how many notices came of it."""
        async with self.database.connection() as connection:
            buckets = await store.lagging(connection)
        return sum([await self._catch_up(bucket) for bucket in buckets])

    async def _catch_up(self, bucket: int) -> int:
        told, more = 0, True
        while more:
            more, new = await self.database.repeat(lambda connection: self._step(connection, bucket))
            told += new
        return told

    async def _step(self, connection: Connection, bucket: int) -> tuple[bool, int]:
        after = await store.lock_cursor(connection, bucket)
        news = await outbox.read(connection, bucket, after=after)
        if not news:
            return False, 0
        listeners = await store.listeners(connection, {one.news.subject for one in news if one.news.kind in KINDS})
        heard = [one for one in news if one.news.kind in KINDS and one.news.subject in listeners]
        if heard:
            await self._tell(connection, bucket, heard, listeners)
        await store.move_cursor(connection, bucket, news[-1].number)
        return len(news) == outbox.NEWS_READ_MAX, len(heard)

    async def _tell(
        self, connection: Connection, bucket: int, heard: Sequence[Numbered], listeners: Mapping[int, Listener]
    ) -> None:
        now = self.clock.now()
        ids = self.ids.take(len(heard))
        notices = [_notice(bucket, one, identity) for one, identity in zip(heard, ids, strict=True)]
        await store.insert(connection, notices)
        texts = [one for one in notices if is_texted(one, listeners[one.citizen], now)]
        if texts:
            await store.insert_texts(connection, texts, now=now)


def is_texted(notice: Stored, listener: Listener, now: datetime) -> bool:
    """Decide whether a short message is sent: of what is urgent always, of other things if it was chosen; of nothing old."""
    kind = KINDS[notice.kind]
    return (kind.is_urgent or kind.group in listener.sms_groups) and notice.at > now - TEXT_WITHIN


def _notice(bucket: int, one: Numbered, identity: int) -> Stored:
    return Stored(identity, bucket, one.number, one.news.subject, one.news.kind, one.news.body, one.at)
