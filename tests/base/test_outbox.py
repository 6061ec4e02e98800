"""News is numbered without gaps and in commit order, whoever writes at once and whatever is rolled back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from haihe.base import outbox
from haihe.base.database import Database
from haihe.base.outbox import News

BUCKET = 3
NOW = datetime.now(UTC)


async def _publish(database: Database, number: int, *, rolled_back: bool = False) -> None:
    async with database.connection() as connection, connection.transaction(force_rollback=rolled_back):
        await outbox.publish(
            connection, BUCKET, [News("tested", number, {"n": number}), News("tested", number, {})], at=NOW
        )


async def test_concurrent_writers_and_rollbacks_leave_no_gap(database_pool: Database) -> None:
    await asyncio.gather(*(_publish(database_pool, number, rolled_back=number % 3 == 0) for number in range(12)))
    async with database_pool.connection() as connection:
        news = await outbox.read(connection, BUCKET, after=0)
    assert [item.number for item in news] == list(range(1, 17))
    assert [one.news.subject for one in news[::2]] == [one.news.subject for one in news[1::2]]


async def test_a_reader_goes_on_after_the_last_number_it_saw(database_pool: Database) -> None:
    await _publish(database_pool, 1)
    async with database_pool.connection() as connection:
        [last] = await outbox.read(connection, BUCKET, after=1)
        assert (last.number, last.news) == (2, News("tested", 1, {}))
        assert await outbox.read(connection, BUCKET, after=2) == []
        assert await outbox.read(connection, 0, after=0) == []
