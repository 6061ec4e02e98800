"""Statements as a plain program: lists and loops. What the real ones must agree with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from haihe.ledger.statements.model import Filter, Key, Line, Period, Sums

Owns = Callable[[int], bool]
"""Tells whether an account stands in a statement: itself, or all that a control account is for."""


@dataclass(frozen=True)
class Entry:
    """One transfer of the plain journal."""

    key: Key
    id: int
    debit: int
    credit: int
    amount: int


@dataclass(frozen=True)
class PlainLine:
    """An entry as it stands in a statement, with the balance after it."""

    entry: Entry
    debit: int
    credit: int
    balance: int


def plain_lines(journal: Iterable[Entry], owns: Owns) -> list[PlainLine]:
    """Give all lines of a statement, oldest first."""
    balance, lines = 0, []
    for entry in sorted(journal, key=lambda one: one.key):
        debit = entry.amount if owns(entry.debit) else 0
        credit = entry.amount if owns(entry.credit) else 0
        if debit or credit:
            balance += credit - debit
            lines.append(PlainLine(entry, debit, credit, balance))
    return lines


def plain_sums(journal: Iterable[Entry], owns: Owns, before: datetime) -> Sums:
    """Sum up an account as of a moment."""
    lines = [line for line in plain_lines(journal, owns) if line.entry.key.posted < before]
    return Sums(len(lines), sum(line.debit for line in lines), sum(line.credit for line in lines))


def plain_page(
    journal: Sequence[Entry], owns: Owns, period: Period, admits: Callable[[PlainLine], bool]
) -> list[PlainLine]:
    """Give the shown lines of a period, newest first."""
    inside = [line for line in plain_lines(journal, owns) if period.since <= line.entry.key.posted < period.until]
    return [line for line in reversed(inside) if admits(line)]


def plain_trial_balance(journal: Sequence[Entry], owners: dict[int, Owns], before: datetime) -> dict[int, Sums]:
    """Sum up all books as of a moment; those without a line are absent."""
    sums = {book: plain_sums(journal, owns, before) for book, owns in owners.items()}
    return {book: one for book, one in sums.items() if one.lines}


def shown(lines: Sequence[Line]) -> list[tuple[int, int, int]]:
    """Say of real lines what can be compared."""
    return [(line.id, line.debit, line.credit) for line in lines]


def admitting(wanted: Filter) -> Callable[[PlainLine], bool]:
    """Turn the part of a filter that plain lines know of into a question."""
    return lambda line: (
        (wanted.direction is None or (line.debit if wanted.direction.value == "debit" else line.credit) > 0)
        and (wanted.amount_min is None or line.entry.amount >= wanted.amount_min)
        and (wanted.amount_max is None or line.entry.amount <= wanted.amount_max)
    )
