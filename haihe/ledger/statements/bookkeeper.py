"""The bookkeeper: writes the books behind the postings, exactly once, and never in the way of somebody who pays.

It follows the batches of each bucket, whose numbers are gap-free and in the order of commits; where it stands is a row that changes in
the same transaction. So it does not matter how many processes write and whenever one is killed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from haihe.base.background import keep_doing
from haihe.base.database import Connection, Database
from haihe.ledger.following import Follower
from haihe.ledger.statements import books_store as store

EVERY_S: Final = 5.0
"""How far the books stay behind where nobody reads them; who reads has them written up first. Seldom is cheaper: fewer leaves grow twice."""


@dataclass(frozen=True)
class Bookkeeper:
    """Writes the books of all buckets."""

    database: Database

    async def run(self) -> None:
        """Follow the postings for ever."""
        await keep_doing(self.catch_up, every_s=EVERY_S, name="books")

    async def catch_up(self) -> int:
        """Write up whatever was committed before now; give how many transfers were new."""
        return await FOLLOWER.catch_up(self.database)


async def _step(connection: Connection, bucket: int, after: int) -> tuple[bool, int]:
    return await store.write(connection, bucket, after=after)


FOLLOWER: Final = Follower("book_cursors", _step)
