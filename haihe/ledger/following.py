"""Following the batches: readers that see every batch exactly once, however many processes read and whenever one is killed.

The batches of a bucket are numbered without gaps and in the order of commits. Where a reader stands is a row of its own, which changes in
the transaction of what it writes. Nothing is done while somebody pays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from haihe.base.database import Connection, Database, one


@dataclass(frozen=True)
class Follower:
    """A reader whose cursors stand in `table` (bucket, batch). `step` reads batches after one, and tells whether there may be more, and how much was new."""

    table: str
    step: Callable[[Connection, int, int], Awaitable[tuple[bool, int]]]

    async def catch_up(self, database: Database) -> int:
        """Read whatever was committed before now; give how much was new."""
        async with database.connection() as connection:
            buckets = await self._lagging(connection)
        return sum([await self._catch_up(database, bucket) for bucket in buckets])

    async def _catch_up(self, database: Database, bucket: int) -> int:
        read, more = 0, True
        while more:
            more, new = await database.repeat(lambda connection: self._read(connection, bucket))
            read += new
        return read

    async def _read(self, connection: Connection, bucket: int) -> tuple[bool, int]:
        cursor = await connection.execute(f"SELECT batch FROM {self.table} WHERE bucket = %s FOR UPDATE", (bucket,))  # noqa: S608 - our own table
        return await self.step(connection, bucket, int(one(await cursor.fetchone())[0]))

    async def _lagging(self, connection: Connection) -> list[int]:
        """Say which buckets have batches that were not read; have a cursor for those that have none."""
        cursor = await connection.execute(
            f"""
            SELECT h.bucket, c.batch
            FROM heads h
            LEFT JOIN {self.table} c ON c.bucket = h.bucket
            WHERE h.batch > coalesce(c.batch, -1)
            ORDER BY h.bucket
            """  # noqa: S608 - our own table
        )
        lagging: dict[int, int | None] = dict(await cursor.fetchall())
        fresh = [bucket for bucket, batch in lagging.items() if batch is None]
        if fresh:
            await connection.execute(
                f"INSERT INTO {self.table} (bucket, batch) SELECT n, 0 FROM unnest(%s::smallint[]) AS n ON CONFLICT DO NOTHING",  # noqa: S608
                (fresh,),
            )
        return list(lagging)
