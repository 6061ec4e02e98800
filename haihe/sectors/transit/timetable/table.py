"""Reads one file of a feed row by row: the form of each row is checked here, its meaning by who takes it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from haihe.sectors.transit.timetable.files import UNREADABLE, Feed, lines
from haihe.sectors.transit.timetable.report import Count, FaultyError, Report

Row = Mapping[str, str]
COLUMNS_MAX: Final = 200
ROWS_PER_PROGRESS: Final = 250_000


class _Reader(Protocol):
    """What `csv.reader` gives."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Shape:
    """Which columns a file must have: without a `needed` one no row can be used; others are only demanded by the standard."""

    name: str
    needed: Sequence[str]
    demanded: Sequence[str] = ()


def take_rows(feed: Feed, report: Report, shape: Shape, take: Callable[[Row], None]) -> None:
    """Give every sound row to `take`, which may raise `FaultyError`; count rows and list faults. A missing file has no rows."""
    if shape.name not in feed.sizes:
        return
    count = report.rows.setdefault(shape.name, Count())
    with feed.open(shape.name) as file:
        reader = csv.reader(lines(file))
        try:
            columns = _header(reader)
            missing = [name for name in shape.needed if name not in columns]
        except FaultyError as fault:
            report.fault(shape.name, 1, str(fault))
            return
        for name in (*missing, *(name for name in shape.demanded if name not in columns)):
            report.fault(shape.name, 1, f"column {name} is missing")
        for line, values in _records(reader):
            count.read += 1
            if count.read % ROWS_PER_PROGRESS == 0:
                report.say(f"{shape.name}: {count.read:,} rows read")
            if missing:  # said once, in the header
                count.faulty += 1
                continue
            try:
                take(_row(columns, values))
                count.kept += 1
            except FaultyError as fault:
                count.faulty += 1
                report.fault(shape.name, line, str(fault))


def _header(reader: _Reader) -> list[str]:
    try:
        columns = [name.strip() for name in next(reader)]
    except StopIteration:
        raise FaultyError("the file is empty") from None
    except csv.Error as error:
        raise FaultyError(f"the header cannot be read: {error}") from error
    if any(UNREADABLE in name for name in columns):
        raise FaultyError("the header is not UTF-8 text")
    if len(columns) > COLUMNS_MAX or len(set(columns)) != len(columns):
        raise FaultyError("the header names a column twice or has too many")
    return columns


def _records(reader: _Reader) -> Iterator[tuple[int, list[str] | str]]:
    """Give each record with the line on which it begins: its values, or why it cannot be read. Empty lines are none."""
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"the row cannot be read: {error}"
            continue
        if any(value.strip() for value in values):
            yield line, values


def _row(columns: Sequence[str], values: list[str] | str) -> Row:
    if isinstance(values, str):
        raise FaultyError(values)
    for value in values:
        if UNREADABLE in value:
            reason = {"\0long": "the line is too long", "\0encoding": "the line is not UTF-8"}
            raise FaultyError(reason.get(value.strip(), "the row contains a NUL character or unreadable lines"))
    if len(values) != len(columns):
        raise FaultyError(f"{len(values)} values instead of {len(columns)}")
    return dict(zip(columns, map(str.strip, values), strict=True))
