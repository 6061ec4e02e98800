"""Lists of readings as a biller's program writes them: comma-separated lines of customer number, date, value."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from haihe.base.errors import Refusal
from haihe.sectors.utilities.errors import DateWrong, LineMalformed, ValueWrong
from haihe.sectors.utilities.model import VALUE_UNITS_MAX, Fault, Row

ENTRIES: Final = 3
MILLI: Final = 1000
VALUE_CHARACTERS_MAX: Final = 20
NUMBER_CHARACTERS_MAX: Final = 40


def read_list(text: str, *, first_line: int = 1) -> tuple[list[Row], list[Fault]]:
    """Read lines, each by itself: the good ones, and what is wrong with the others.

    Empty lines are passed over, and so is a heading in line 1. `first_line` is the number of the first one, when a long file
    comes in parts.
    """
    rows: list[Row] = []
    faults: list[Fault] = []
    for line, entries in enumerate(_entries(text), first_line):
        if not any(entries) or (line == 1 and _is_heading(entries)):
            continue
        try:
            rows.append(_row(line, entries))
        except Refusal as refusal:
            faults.append(Fault(line, clean_number(entries[0]), refusal))
    return rows, faults


def _entries(text: str) -> Iterable[list[str]]:
    """Take every line by itself, so that a forgotten quotation mark spoils one line and not the rest."""
    for line in text.removeprefix("\ufeff").splitlines():
        try:
            yield [entry.strip() for entry in next(csv.reader([line], skipinitialspace=True), [])]
        except csv.Error:
            yield [line]


def _is_heading(entries: list[str]) -> bool:
    return len(entries) == ENTRIES and not any(character.isdigit() for character in entries[1] + entries[2])


def _row(line: int, entries: list[str]) -> Row:
    if len(entries) != ENTRIES:
        raise LineMalformed
    return Row(line, clean_number(entries[0]), read_day(entries[1]), read_value(entries[2]))


def clean_number(text: str) -> str:
    """Write a customer number as it is stored: no blanks, capital letters, plain digits."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()[:NUMBER_CHARACTERS_MAX]


def read_day(text: str) -> date:
    """Read 2026-10-31. Raises `DateWrong`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise DateWrong from error


def read_value(text: str) -> int:
    """Read a meter's value, at most three decimals, as thousandths. Raises `ValueWrong`."""
    if len(text) > VALUE_CHARACTERS_MAX:
        raise ValueWrong
    try:
        milli = Decimal(text.strip().replace(",", ".")) * MILLI
    except ArithmeticError as error:
        raise ValueWrong from error
    if not milli.is_finite() or milli != milli.to_integral_value() or not 0 <= milli <= VALUE_UNITS_MAX * MILLI:
        raise ValueWrong
    return int(milli)
