"""What a screen shows and what news it gets: every payment once, whatever breaks in between.

News only wakes a stream: what it shows is read from the database from its cursor on, so that nothing depends on which message
arrived. A cursor moves by whole batches, and a batch is committed as a whole: none of it is lost, none is repeated.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from haihe.base.clock import Clock
from haihe.base.database import Database
from haihe.base.errors import Refusal
from haihe.base.ids import first_id_at
from haihe.counter import store
from haihe.counter.cursor import Cursor
from haihe.counter.model import Board, Counter, Heading, Taken, Terminal, TerminalUnknown
from haihe.counter.surnames import Surnames
from haihe.payments import store as payments_store
from haihe.payments.tail import Watch

SHOWN: Final = 8
"""How many of the latest rides a screen shows."""
NEWS_MAX: Final = 100
"""What a screen missed beyond is not told one by one: it reads itself anew."""
GATHER_S: Final = 0.05
QUIET_S: Final = 5.0
"""After so long without news a stream asks whether its pairing still holds."""
STREAMS_MAX: Final = 4
"""Streams of one terminal in one process; the newest push out the oldest."""


class News(Protocol):
    """Wakes who watches a point (`haihe.payments.tail.Tail`)."""

    def subscribe(self, kind: int, point: int) -> AbstractAsyncContextManager[Watch]:
        """Watch the payments of one kind at one point from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A taken payment with the rider's masked name."""

    taken: Taken
    who: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A screen at a moment: its heading, the latest (newest first), how many this shift, and the cursor of all that."""

    heading: Heading
    latest: Sequence[Shown]
    count: int
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Fresh:
    """What happened since: payments in order, and the cursor after them."""

    shown: Sequence[Shown]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class ReadAnew:
    """The screen is too far behind and must be read as a whole."""


@dataclass(frozen=True, slots=True)
class PushedOut:
    """Too many screens of this terminal are open; this was the oldest."""


Told = Fresh | ReadAnew | PushedOut


@dataclass(frozen=True)
class Screens:
    """The screens of all terminals; `counters` by kind of terminal."""

    database: Database
    clock: Clock
    news: News
    counters: Mapping[str, Counter]
    surnames: Surnames
    _open: dict[int, list[asyncio.Event]] = field(default_factory=lambda: defaultdict(list), repr=False)

    def counter(self, terminal: Terminal) -> Counter:
        """Give what a terminal is. Raises `TerminalUnknown` where its sector was removed from the city."""
        if terminal.kind not in self.counters:
            raise TerminalUnknown
        return self.counters[terminal.kind]

    async def picture(self, terminal: Terminal, language: str) -> Picture:
        """Read a screen as a whole, at one moment of the database."""
        board = self.counter(terminal).board
        async with self.database.transaction() as connection:
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            batches = await payments_store.heads(connection)
            latest = await board.newest(connection, terminal.point, list(batches), limit=SHOWN)
            shift = first_id_at(terminal.shift_from)
            count = await board.count(connection, terminal.point, list(batches), since=shift)
        heading = board.heading(terminal.point, language)
        return Picture(heading, await self._named(latest), count, Cursor(self.clock.now(), batches))

    async def follow(self, terminal: Terminal, cursor: Cursor | None) -> AsyncGenerator[Told, None]:
        """Tell what happens at a terminal from a cursor on, as it happens; ends when the database is away.

        Without a cursor, or from one too old, the screen is told to read itself anew; also when another pairing has replaced
        its own: then reading is refused, and the page says why.
        """
        if cursor is None or cursor.is_old(self.clock.now()):
            yield ReadAnew()
            return
        board = self.counter(terminal).board
        is_news = True
        with self._place(terminal) as pushed_out:
            async with self.news.subscribe(board.number, terminal.point) as watch:
                while not pushed_out.is_set():
                    told = await self._since(board, terminal, cursor, is_news=is_news)
                    if told is None:
                        return
                    if isinstance(told, ReadAnew):
                        yield told
                        return
                    if told.shown:
                        cursor = told.cursor
                        yield told
                    is_news = await _woken(watch, pushed_out)
            yield PushedOut()

    async def _since(
        self, board: Board, terminal: Terminal, cursor: Cursor, *, is_news: bool
    ) -> Fresh | ReadAnew | None:
        """Ask for the pairing and, if there is news, read what came after a cursor; None when the database is away."""
        now = self.clock.now()
        try:
            async with self.database.connection() as connection:
                present = await store.by_id(connection, terminal.id)
                if present is None or present.pairing != terminal.pairing:
                    return ReadAnew()
                if not is_news:
                    return Fresh((), cursor)
                taken = await board.after(
                    connection, terminal.point, cursor.batches, since=cursor.since, limit=NEWS_MAX
                )
            shown = await self._named(taken)
        except Refusal:
            return None
        if len(taken) == NEWS_MAX:
            return ReadAnew()
        newest: dict[int, int] = {}
        for one in taken:
            newest[one.bucket] = max(one.batch, newest.get(one.bucket, 0))
        return Fresh(shown, cursor.moved(now, newest))

    async def _named(self, taken: Sequence[Taken]) -> list[Shown]:
        names = await self.surnames.of([one.rider for one in taken])
        return [Shown(one, name) for one, name in zip(taken, names, strict=True)]

    @contextmanager
    def _place(self, terminal: Terminal) -> Iterator[asyncio.Event]:
        """Take one of the terminal's few places for streams, the oldest one's if all are taken."""
        pushed_out, others = asyncio.Event(), self._open[terminal.id]
        others.append(pushed_out)
        if len(others) > STREAMS_MAX:
            others.pop(0).set()
        try:
            yield pushed_out
        finally:
            if pushed_out in others:
                others.remove(pushed_out)
            if not others:
                self._open.pop(terminal.id, None)


async def _woken(watch: Watch, pushed_out: asyncio.Event) -> bool:
    """Wait for news, and a moment longer, so that a full bus is one reading; False when all stays quiet."""
    waiting = [asyncio.ensure_future(watch.get()), asyncio.ensure_future(pushed_out.wait())]
    try:
        woken, _ = await asyncio.wait(waiting, timeout=QUIET_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    if not woken:
        return False
    await asyncio.sleep(GATHER_S)
    while not watch.empty():
        watch.get_nowait()
    return True
