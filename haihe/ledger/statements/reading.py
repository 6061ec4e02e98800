"""Reads a book over all buckets in one order: each bucket's lines by leaves, and then merged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from haihe.base.database import Connection
from haihe.ledger.statements import store
from haihe.ledger.statements.model import (
    EVERYTHING,
    Book,
    Filter,
    Key,
    Line,
    Period,
    Position,
    Sums,
    added,
)
from haihe.ledger.statements.store import Leaf, Reach

LEAVES_FIRST: Final = 2
LEAVES_MORE: Final = 8
LEAVES_MAX: Final = 96
"""Leaves of a bucket that are looked into for one page, at most: a filter that finds less says where to go on."""


@dataclass(frozen=True, slots=True)
class Found:
    """Lines of one bucket, next ones first, and the key up to which they are all; None if there are no more."""

    lines: Sequence[Line]
    cut: Key | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one book, as it stood at `marks` (the newest batch by bucket), within a period and through a filter."""

    connection: Connection
    book: Book
    marks: Mapping[int, int]
    period: Period = field(default_factory=Period)
    wanted: Filter = EVERYTHING

    async def sums_before(self, key: Key) -> Sums:
        """Sum up everything before a key, over all buckets."""
        return added([await self._sums(bucket, key.position_in(bucket)) for bucket in self.marks])

    async def opening(self) -> Sums:
        """Sum up everything before the period."""
        return added([await self._sums(bucket, Position(self.period.since)) for bucket in self.marks])

    async def closing(self) -> Sums:
        """Sum up everything before the period's end."""
        return added([await self._sums(bucket, Position(self.period.until)) for bucket in self.marks])

    async def _sums(self, bucket: int, before: Position) -> Sums:
        mark, account = self.marks[bucket], self.book.account
        found = await store.standings(self.connection, bucket, before, mark=mark, account=account)
        return added(one.sums for one in found)

    async def older(self, key: Key | None, *, limit: int) -> tuple[list[Line], Key | None]:
        """Read the lines before a key (or the period's end), newest first; give the key before which more may be, None if none."""
        found = [await self._bucket(self._older_than(key, bucket), limit=limit) for bucket in self.marks]
        cut = max((one.cut for one in found if one.cut), default=None)
        merged = sorted((line for one in found for line in one.lines), key=lambda line: line.key, reverse=True)
        return _first([line for line in merged if cut is None or line.key >= cut], cut, limit)

    async def newer(self, key: Key | None, *, limit: int) -> tuple[list[Line], Key | None]:
        """Read the lines after a key (or from the period's beginning on), oldest first; give the key after which more may be."""
        found = [await self._bucket(self._newer_than(key, bucket), limit=limit, to_newer=True) for bucket in self.marks]
        cut = min((one.cut for one in found if one.cut), default=None)
        merged = sorted((line for one in found for line in one.lines), key=lambda line: line.key)
        return _first([line for line in merged if cut is None or line.key <= cut], cut, limit)

    async def next_leaves(self, bucket: int, since: Position) -> tuple[list[Line], Position | None]:
        """Read the next leaves' lines of one bucket from a position on, oldest first; say from where on there may be more."""
        reach = self._reach(bucket, max(since, Position(self.period.since)), Position(self.period.until))
        leaves = await store.leaves(self.connection, reach, to_newer=True, limit=LEAVES_MORE)
        if not leaves:
            return [], None
        lines = await store.lines(self.connection, reach, [one for leaf in leaves for one in leaf.ids])
        return lines, _beyond(reach, leaves[-1], to_newer=True).since if len(leaves) == LEAVES_MORE else None

    def _older_than(self, key: Key | None, bucket: int) -> Reach:
        until = Position(self.period.until)
        return self._reach(bucket, Position(self.period.since), min(until, key.position_in(bucket)) if key else until)

    def _newer_than(self, key: Key | None, bucket: int) -> Reach:
        since = Position(self.period.since)
        beyond = max(since, key.after().position_in(bucket)) if key else since
        return self._reach(bucket, beyond, Position(self.period.until))

    def _reach(self, bucket: int, since: Position, until: Position) -> Reach:
        return Reach(self.book.account, bucket, since, until, self.marks[bucket], self.wanted)

    async def _bucket(self, reach: Reach, *, limit: int, to_newer: bool = False) -> Found:
        """Read leaf by leaf until there are enough lines, none left, or the page's share of work is done."""
        lines: list[Line] = []
        read, asked = 0, LEAVES_FIRST
        while reach.since < reach.until:
            leaves = await store.leaves(self.connection, reach, to_newer=to_newer, limit=asked)
            if leaves:
                part = await store.lines(self.connection, reach, [one for leaf in leaves for one in leaf.ids])
                lines += part if to_newer else reversed(part)
            if len(leaves) < asked:
                return Found(lines, None)
            read += asked
            reach = _beyond(reach, leaves[-1], to_newer=to_newer)
            if len(lines) >= limit or read >= LEAVES_MAX:
                return Found(lines, _cut(reach, to_newer=to_newer))
            asked = LEAVES_MORE
        return Found(lines, None)


def take_in_order(waiting: dict[int, list[Line]], onward: Mapping[int, Position | None]) -> list[Line]:
    """Take, out of what was read of every bucket, the lines that no line still unread can come before, in order."""
    limit = (
        min(
            (waiting[bucket][-1].key if waiting[bucket] else Key(since.posted, bucket, since.batch, since.place - 1))
            for bucket, since in onward.items()
            if since
        )
        if any(onward.values())
        else None
    )
    taken: list[Line] = []
    for bucket, lines in waiting.items():
        known = len(lines) if limit is None else bisect_right(lines, limit, key=lambda line: line.key)
        taken += lines[:known]
        waiting[bucket] = lines[known:]
    return sorted(taken, key=lambda line: line.key)


def _beyond(reach: Reach, last: Leaf, *, to_newer: bool) -> Reach:
    """Go on behind the last leaf that was read."""
    if to_newer:
        return replace(reach, since=last.last._replace(place=last.last.place + 1))
    return replace(reach, until=last.first)


def _cut(reach: Reach, *, to_newer: bool) -> Key:
    """Give the key up to which everything of a bucket was read: lines at the key itself were."""
    if to_newer:
        return Key(reach.since.posted, reach.bucket, reach.since.batch, reach.since.place - 1)
    return Key(reach.until.posted, reach.bucket, reach.until.batch, reach.until.place)


def _first(lines: list[Line], cut: Key | None, limit: int) -> tuple[list[Line], Key | None]:
    """Take the first lines; go on behind the last one taken, or where the reading was cut."""
    if len(lines) > limit:
        return lines[:limit], lines[limit - 1].key
    return lines, cut
