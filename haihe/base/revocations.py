"""Sessions that ended before their tokens expired: every process knows them within about a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from haihe.base.database import Connection, Database
from haihe.base.errors import Refusal

READ_EVERY_S: Final = 1.0
OVERLAP: Final = timedelta(seconds=60)
"""Rows become visible when their transaction commits, not in the order of their times: so a little is read again."""

_READ: Final = """
SELECT session, revoked_at
FROM revoked_sessions
WHERE revoked_at >= %s
"""
_WRITE: Final = """
INSERT INTO revoked_sessions (session, expires_at)
VALUES (%s, %s)
ON CONFLICT (session) DO NOTHING
"""
_WRITE_ALL: Final = """
INSERT INTO revoked_sessions (session, expires_at)
SELECT session, expires_at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS n(session, expires_at)
ON CONFLICT (session) DO NOTHING
"""
_FORGET: Final = """
DELETE FROM revoked_sessions
WHERE expires_at < %s
"""


class Revocations:
    """The revoked sessions in this process's memory, kept up with the table."""

    def __init__(self, database: Database) -> None:
        """Bind to the database; `refresh` or `watching` fills the memory."""
        self._database = database
        self._sessions: set[int] = set()
        self._read_to = datetime(1970, 1, 1, tzinfo=UTC)

    def __contains__(self, session: int) -> bool:
        return session in self._sessions

    async def revoke(self, session: int, *, expires_s: int) -> None:
        """End a session for good; `expires_s` (Unix time) is when its token dies anyway."""
        async with self._database.connection() as connection:
            await connection.execute(_WRITE, (session, datetime.fromtimestamp(expires_s, UTC)))
        self._sessions.add(session)

    async def revoke_within(self, connection: Connection, sessions: Mapping[int, int]) -> None:
        """End sessions (with the Unix time when their tokens die) in the caller's transaction; `remember` them when it has ended."""
        ends = [datetime.fromtimestamp(expires_s, UTC) for expires_s in sessions.values()]
        await connection.execute(_WRITE_ALL, (list(sessions), ends))

    def remember(self, sessions: Iterable[int]) -> None:
        """Know at once in this process what `revoke_within` wrote; the others read it."""
        self._sessions.update(sessions)

    async def refresh(self) -> None:
        """Read what other processes revoked."""
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_READ, (self._read_to - OVERLAP,))).fetchall()
        for session, revoked_at in rows:
            self._sessions.add(session)
            self._read_to = max(self._read_to, revoked_at)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Keep reading as long as the block runs; the memory is filled when it begins."""
        await self.refresh()
        task = asyncio.create_task(every(READ_EVERY_S, self.refresh))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def forget_expired(connection: Connection, now: datetime) -> None:
    """Delete what no longer matters because the tokens have expired."""
    await connection.execute(_FORGET, (now,))


async def every(seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do something again and again until cancelled; a database that is away is tried again next time."""
    while True:
        await asyncio.sleep(seconds)
        with suppress(Refusal):
            await work()
