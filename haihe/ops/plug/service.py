"""Pulling the plug: one rush at a time, in the background; its figures stay until the next."""

from __future__ import annotations

import asyncio
import secrets
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

import psutil
import structlog

from haihe.ops.plug import store
from haihe.ops.plug.model import Board, Counted, PlugBusy, Step
from haihe.ops.plug.rush import Rider, Rush, open_client
from haihe.ops.postgres_place import read_record
from haihe.ops.processes import works_in
from haihe.ops.verify import verify

if TYPE_CHECKING:
    from haihe.base.foundation import Foundation
    from haihe.base.home import Home
    from haihe.ops.city import ASGIApp
    from haihe.people.service import People

RIDERS: Final = 48
BUSES: Final = 12
TOKEN_LIFETIME: Final = timedelta(minutes=5)
REST_S: Final = 16.0
"""A database that dies five times within a minute is given up: so no two pulls come closer."""
ALONE: Final = 1 << 40
"""`verify` stays within this process, however much there is."""

log = structlog.get_logger("haihe.plug")


@dataclass
class Plug:
    """The button and what it showed last. `application` is what riders speak with, set once it is put together."""

    base: Foundation
    people: People
    home: Home
    owner_dsn: str
    verifier_key: str
    application: ASGIApp | None = None
    board: Board = field(default_factory=Board)
    _task: asyncio.Task[None] | None = None
    _rested: float = 0.0

    @property
    def is_busy(self) -> bool:
        """Tell whether the plug cannot be pulled now."""
        return (self._task is not None and not self._task.done()) or monotonic() < self._rested

    def pull(self) -> None:
        """Begin a rush. Raises `PlugBusy` while one is running."""
        if self.is_busy:
            raise PlugBusy
        self.board.counted = Counted(step=Step.PAYING)
        self._task = asyncio.create_task(self._run())

    async def end(self) -> None:
        """Give up what is running, because the city goes down."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        try:
            await self._rush()
        except Exception:
            log.exception("the rush failed")
            self.board.set(step=Step.FAILED)

    async def _rush(self) -> None:
        since = self.base.ids.next()
        async with self.base.database.connection() as connection:
            chosen = await store.riders(connection, limit=RIDERS)
            codes = await store.buses(connection, limit=BUSES)
        citizens = await self.people.citizens([identity for identity, _ in chosen])
        riders = [
            Rider(number, self.people.issue_token(citizens[identity], TOKEN_LIFETIME), codes)
            for number, (identity, _) in enumerate(chosen)
        ]
        async with open_client(self.application) as client:
            rush = Rush(f"plug-{secrets.token_hex(8)}", client, riders, self.board, self._kill)
            await rush.run()
            unlike = await rush.ask_all_again()
        async with self.base.database.connection() as connection:
            count, moved = await store.stored(connection, chosen, since=since)
        acknowledged = self.board.counted.acknowledged
        self.board.set(
            step=Step.CHECKING,
            lost=max(unlike, acknowledged - count),
            doubled=max(0, count - acknowledged),
            moved_fen=moved,
        )
        found = await asyncio.to_thread(verify, self.owner_dsn, verifier_key=self.verifier_key, alone_max=ALONE)
        self.board.set(step=Step.DONE, transfers=found.transfers, laws=len(found.checks), findings=len(found.findings))

    def _kill(self) -> None:
        """Kill the city's PostgreSQL, as a failing machine would; the one who started it starts it again."""
        self._rested = monotonic() + REST_S
        if server := find_server(self.home):
            server.send_signal(signal.SIGKILL)


def find_server(home: Home) -> psutil.Process | None:
    """Find the first process of a home's PostgreSQL: the one that the others are children of."""
    record = read_record(home)
    if record is None:
        return None
    found = {process.pid: process for folder in _folders(record.folder) for process in works_in(folder)}
    return next((process for process in found.values() if process.ppid() not in found), None)


def _folders(folder: str) -> list[Path]:
    """Give the data folders of a place: one, unless PostgreSQL had another version before."""
    return [file.parent for file in Path(folder).glob("*/postmaster.pid")]
