"""Reads a chained account's statement: a walk from its newest transfer back to the beginning of the period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base.database import Connection
from haihe.ledger.statements import store
from haihe.ledger.statements.errors import StatementTooLong
from haihe.ledger.statements.model import Filter, Key, Line, Period, StatementPage, Sums, Turn, Walk

WALK_MAX: Final = 50_000
"""Transfers that a walk goes back at most: ten a day over thirteen years."""


@dataclass(frozen=True, slots=True)
class Walked:
    """A period of a chained account: the sums before it and before its end, its lines newest first, the balance after each."""

    opening: Sums
    closing: Sums
    lines: Sequence[Line]
    balances: Sequence[int]


async def walk_back(connection: Connection, walk: Walk, period: Period, mark: int) -> Walked:
    """Walk through a period, without what was posted after batch `mark`. Raises `StatementTooLong`.

    The sums count no lines before the period: nobody has walked there.
    """
    found = await store.chained(connection, walk)
    if found is None:
        return Walked(Sums(), Sums(), (), ())
    start, sums = found
    closing, lines, balances, walked = sums, list[Line](), list[int](), 0
    while start:
        steps, start = await store.steps(connection, walk, start)
        walked += len(steps)
        if walked > WALK_MAX:
            raise StatementTooLong
        for line in steps:
            if line.posted < period.since:
                return Walked(sums, _counted(closing, len(lines)), lines, balances)
            before = sums - Sums(0, line.debit, line.credit)
            if line.batch > mark or line.posted >= period.until:
                closing = before
            elif line.amount:
                lines.append(line)
                balances.append(sums.balance)
            sums = before
    return Walked(sums, _counted(closing, len(lines)), lines, balances)


def _counted(sums: Sums, lines: int) -> Sums:
    return Sums(lines, sums.debits, sums.credits)


def cut_page(walked: Walked, wanted: Filter, turn: Turn | None, marks: dict[int, int], *, limit: int) -> StatementPage:
    """Cut a page out of a walk."""
    shown = [
        (line, balance) for line, balance in zip(walked.lines, walked.balances, strict=True) if wanted.admits(line)
    ]
    first = _first_of_page([line.key for line, _ in shown], turn, limit)
    page = shown[first : first + limit]
    is_whole = wanted == Filter()
    return StatementPage(
        opening=walked.opening,
        closing=walked.closing,
        lines=[line for line, _ in page],
        balances=[balance for _, balance in page] if is_whole else [],
        older=Turn(page[-1][0].key, marks) if first + limit < len(shown) else None,
        newer=Turn(page[0][0].key, marks, to_newer=True) if first and page else None,
        marks=marks,
    )


def _first_of_page(keys: Sequence[Key], turn: Turn | None, limit: int) -> int:
    """Say with which of the keys, newest first, a page begins."""
    if turn is None:
        return 0
    if turn.to_newer:
        newer = sum(key > turn.key for key in keys)
        return max(0, newer - limit)
    return sum(key >= turn.key for key in keys)
