"""What others may ask of the statements: a page, everything in order, sums as of any time, the trial balance."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Final

from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.ledger.statements import store
from haihe.ledger.statements.bookkeeper import Bookkeeper
from haihe.ledger.statements.errors import TurnInvalid
from haihe.ledger.statements.model import (
    EVERYTHING,
    Account,
    Filter,
    Key,
    Line,
    Period,
    Position,
    StatementPage,
    Sums,
    TrialBalance,
    Turn,
    Walk,
)
from haihe.ledger.statements.reading import Reader, take_in_order
from haihe.ledger.statements.walking import cut_page, walk_back

PAGE_LINES: Final = 50


@dataclass(frozen=True)
class Statements:
    """The statements of all accounts. Times are posted times: when the ledger took a transfer in."""

    database: Database
    clock: Clock
    bookkeeper: Bookkeeper

    async def page(
        self,
        account: Account,
        period: Period,
        wanted: Filter = EVERYTHING,
        *,
        turn: Turn | None = None,
        limit: int = PAGE_LINES,
    ) -> StatementPage:
        """Give a page, newest line first; following pages show what the first one saw. Raises `TurnInvalid`, `StatementTooLong`."""
        if turn is None:
            await self.bookkeeper.catch_up()
        async with self._snapshot() as connection:
            marks = await _marks(connection, account, turn)
            if isinstance(account, Walk):
                walked = await walk_back(connection, account, period, marks[account.bucket])
                return cut_page(walked, wanted, turn, marks, limit=limit)
            return await _page(Reader(connection, account, marks, period, wanted), turn, limit)

    async def lines(self, account: Account, period: Period, marks: Mapping[int, int]) -> AsyncIterator[list[Line]]:
        """Give everything of a period, oldest first, some lines at a time; as the books stood at a page's marks.

        No connection is kept between the parts, however slowly somebody takes them.
        """
        if isinstance(account, Walk):
            async with self._snapshot() as connection:
                walked = await walk_back(connection, account, period, marks[account.bucket])
            yield list(reversed(walked.lines))
            return
        waiting: dict[int, list[Line]] = {bucket: [] for bucket in marks}
        onward: dict[int, Position | None] = dict.fromkeys(marks, Position(period.since))
        while any(waiting.values()) or any(onward.values()):
            async with self._snapshot() as connection:
                reader = Reader(connection, account, marks, period)
                for bucket, since in onward.items():
                    if since and not waiting[bucket]:
                        waiting[bucket], onward[bucket] = await reader.next_leaves(bucket, since)
            yield take_in_order(waiting, onward)

    async def sums(self, account: Account, at: datetime) -> Sums:
        """Sum up an account as of a moment: everything posted before it. Of a chained account lines are not counted."""
        if not isinstance(account, Walk):
            await self.bookkeeper.catch_up()
        async with self._snapshot() as connection:
            marks = await _marks(connection, account, None)
            if isinstance(account, Walk):
                walked = await walk_back(connection, account, Period(since=at), marks[account.bucket])
                return walked.opening
            return await Reader(connection, account, marks, Period(until=at)).closing()

    async def trial_balance(self, at: datetime) -> TrialBalance:
        """Sum up all books of the city as of a moment: everything posted before it."""
        await self.bookkeeper.catch_up()
        async with self._snapshot() as connection:
            marks = await store.marks(connection)
            standings = [
                one
                for bucket, mark in marks.items()
                for one in await store.standings(connection, bucket, Position(at), mark=mark)
            ]
        contained = {
            bucket: max((one.batch for one in standings if one.bucket == bucket), default=0) for bucket in marks
        }
        return TrialBalance(at, standings, contained)

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[Connection]:
        """Lend a connection on which all statements see the same."""
        async with self.database.transaction() as connection:
            await connection.execute(store.SNAPSHOT)
            yield connection


async def _marks(connection: Connection, account: Account, turn: Turn | None) -> dict[int, int]:
    """Say what the page may contain: the books of now, or those that the first page saw. Raises `TurnInvalid`."""
    if isinstance(account, Walk):
        now = await store.head(connection, account.bucket)
    else:
        now = await store.marks(connection)
    if turn is None:
        return now
    if turn.marks.keys() != now.keys() or any(turn.marks[bucket] > mark for bucket, mark in now.items()):
        raise TurnInvalid
    return {bucket: turn.marks[bucket] for bucket in now}


async def _page(reader: Reader, turn: Turn | None, limit: int) -> StatementPage:
    lines, older, newer = await (_towards_newer if turn and turn.to_newer else _towards_older)(reader, turn, limit)
    return StatementPage(
        opening=await reader.opening(),
        closing=await reader.closing(),
        lines=lines,
        balances=await _balances(reader, lines),
        older=Turn(older, reader.marks) if older else None,
        newer=Turn(newer, reader.marks, to_newer=True) if newer else None,
        marks=reader.marks,
    )


Ends = tuple[list[Line], Key | None, Key | None]
"""Lines, newest first, and the keys from which the older and the newer page are read."""


async def _towards_older(reader: Reader, turn: Turn | None, limit: int) -> Ends:
    lines, older = await reader.older(turn.key if turn else None, limit=limit)
    if turn is None:
        return lines, older, None
    return lines, older, lines[0].key if lines else turn.key.before()


async def _towards_newer(reader: Reader, turn: Turn | None, limit: int) -> Ends:
    """Read towards the newest line; where it is reached, give the first page, which is full."""
    found, newer = await reader.newer(turn.key if turn else None, limit=limit)
    if newer is None or turn is None:
        return await _towards_older(reader, None, limit)
    return found[::-1], found[0].key if found else turn.key.after(), newer


async def _balances(reader: Reader, lines: list[Line]) -> list[int]:
    """Give the balance after each line, newest first; nothing where lines between them are not shown."""
    if not lines or reader.wanted != EVERYTHING:
        return []
    newest = (await reader.sums_before(lines[0].key.after())).balance
    return list(
        accumulate((line.change for line in lines[:-1]), lambda balance, change: balance - change, initial=newest)
    )
