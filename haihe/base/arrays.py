"""Lists of whole numbers on their way to PostgreSQL: packed at once instead of number by number.

psycopg writes a list element by element in Python; on the hot path that was the largest single cost of a batch (docs/performance.md).
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import Any, Final

from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types.array import ListBinaryDumper

BIGINT: Final = 20
BIGINT_ARRAY: Final = 1016
"""PostgreSQL's oids of `bigint` and `bigint[]`."""
KEY: Final = (list, "whole numbers")
"""Under which psycopg remembers the dumper; (list, int) is what it calls lists that may have nulls."""


@lru_cache(maxsize=2048)
def _struct(length: int) -> Struct:
    """Give the form of an array: one dimension, no nulls, the element's type, its length, counted from 1; then each element with its size."""
    return Struct(">5i" + "iq" * length)


class BigintsDumper(Dumper):
    """Writes a list of whole numbers as `bigint[]`."""

    format = Format.BINARY
    oid = BIGINT_ARRAY

    def dump(self, obj: list[int]) -> bytes:
        """Pack a list. Raises `struct.error` for a number that does not fit."""
        length = len(obj)
        elements = [8] * (2 * length)
        elements[1::2] = obj
        return _struct(length).pack(1, 0, BIGINT, length, 1, *elements)


class ListsDumper(ListBinaryDumper):
    """Writes lists as psycopg does, and those of whole numbers faster."""

    def get_key(self, obj: list[Any], format: Any) -> Any:  # noqa: A002 - psycopg's word
        """Tell lists of whole numbers from others."""
        return KEY if _is_plain(obj) else super().get_key(obj, format)

    def upgrade(self, obj: list[Any], format: Any) -> Any:  # noqa: A002 - psycopg's word
        """Give the dumper of a list."""
        return BigintsDumper(list) if _is_plain(obj) else super().upgrade(obj, format)


def _is_plain(obj: list[Any]) -> bool:
    """Tell whether a list is of whole numbers, all of them: nulls and truth values are others' business."""
    return bool(obj) and set(map(type, obj)) == {int}
