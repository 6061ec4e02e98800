"""A way to PostgreSQL that breaks: connections are cut after some bytes, before a COMMIT arrives, or after it before its answer does."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from haihe.base.settings import LOOPBACK

if TYPE_CHECKING:
    import random
    from collections.abc import AsyncIterator
    from pathlib import Path

READ_BYTES: Final = 65_536
COMMIT: Final = b"COMMIT"
DELAY_S_MAX: Final = 0.05
SILENCE_S_MAX: Final = 0.4
"""How long an answer that was swallowed lets the client wait before it sees that nobody is there."""
CUT_BYTES_MAX: Final = 400_000


class Deed(Enum):
    """What happens to a COMMIT on its way."""

    NOTHING = "nothing"
    CUT_BEFORE = "cut before"
    SWALLOW = "answer swallowed"
    DELAY = "delay"


DEEDS: Final = ((Deed.CUT_BEFORE, 0.015), (Deed.SWALLOW, 0.025), (Deed.DELAY, 0.04))
CUT_SHARE: Final = 0.1
"""So many connections are cut after some bytes, wherever that is."""


@dataclass
class Mischief:
    """Decides from a seed; does nothing until it is `awake`."""

    chance: random.Random
    awake: bool = False
    done: Counter[str] = field(default_factory=Counter)

    def at_commit(self) -> Deed:
        """Say what happens to the next COMMIT."""
        drawn = self.chance.random()
        for deed, share in DEEDS if self.awake else ():
            if drawn < share:
                self.done[deed.value] += 1
                return deed
            drawn -= share
        return Deed.NOTHING

    def bytes_left(self) -> int | None:
        """Say after how many bytes of the client's a new connection is cut, None for never."""
        if not self.awake or self.chance.random() >= CUT_SHARE:
            return None
        self.done["cut after some bytes"] += 1
        return self.chance.randrange(1, CUT_BYTES_MAX)

    @property
    def cuts(self) -> int:
        """Count the connections that were cut in the middle."""
        return sum(count for what, count in self.done.items() if what != Deed.DELAY.value)


@dataclass(eq=False)
class _Pipe:
    """One client's connection and ours to the server behind it."""

    mischief: Mischief
    client: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    server: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    is_deaf: bool = False

    async def run(self) -> None:
        """Pass on both ways until either ends."""
        ways = [asyncio.create_task(self._requests()), asyncio.create_task(self._answers())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.cut()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    def cut(self) -> None:
        """End both sides at once, without a word."""
        for _, writer in (self.client, self.server):
            if (transport := writer.transport) is not None:
                transport.abort()

    async def _requests(self) -> None:
        left = self.mischief.bytes_left()
        while data := await self.client[0].read(READ_BYTES):
            deed = self.mischief.at_commit() if COMMIT in data else Deed.NOTHING
            if deed is Deed.CUT_BEFORE:
                return
            if deed is Deed.DELAY:
                await asyncio.sleep(self.mischief.chance.random() * DELAY_S_MAX)
            self.is_deaf = deed is Deed.SWALLOW
            cut_here = left is not None and len(data) >= left
            self.server[1].write(data[:left] if cut_here else data)
            await self.server[1].drain()
            if cut_here:
                return
            left = None if left is None else left - len(data)

    async def _answers(self) -> None:
        while data := await self.server[0].read(READ_BYTES):
            if self.is_deaf:
                await asyncio.sleep(self.mischief.chance.random() * SILENCE_S_MAX)
                return
            self.client[1].write(data)
            await self.client[1].drain()


@dataclass
class Proxy:
    """Listens on the loopback, and leads to the server's socket."""

    target: Path
    mischief: Mischief
    port: int = 0
    pipes: set[_Pipe] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def cut_all(self) -> None:
        """Cut every connection at this moment."""
        for pipe in list(self.pipes):
            pipe.cut()
            self.mischief.done["cut all"] += 1

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client in a task of its own."""
        task = asyncio.create_task(self._serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Lead one client to the server."""
        try:
            server = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.transport.abort()
            return
        pipe = _Pipe(self.mischief, (reader, writer), server)
        self.pipes.add(pipe)
        with contextlib.suppress(OSError):
            await pipe.run()
        self.pipes.discard(pipe)


@contextlib.asynccontextmanager
async def open_proxy(target: Path, mischief: Mischief) -> AsyncIterator[Proxy]:
    """Listen as long as the block runs."""
    proxy = Proxy(target, mischief)
    server = await asyncio.start_server(proxy.accept, LOOPBACK, 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.cut_all()
        await asyncio.gather(*proxy.tasks)
