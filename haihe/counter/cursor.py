"""Where a screen's reading stands: a batch number for every bucket, and when that was. It travels as a stream's event id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from haihe.base.ids import first_id_at

CURSOR_CHARACTERS_MAX: Final = 16_384
CURSOR_AGE_MAX: Final = timedelta(hours=12)
"""An older screen reads everything anew."""
SKEW: Final = timedelta(hours=1)
"""A payment's id may be older than its batch; what is read for news begins so much before the cursor."""
_NUMBER_DIGITS_MAX: Final = 18
_BUCKET_MAX: Final = (1 << 15) - 1
"""Buckets are stored as smallint."""


class CursorUnreadableError(ValueError):
    """A text is not a cursor."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to these batches (by bucket) was shown at this moment."""

    moment: datetime
    batches: Mapping[int, int]

    @property
    def since(self) -> int:
        """The smallest payment id that later batches can hold."""
        return first_id_at(self.moment - SKEW)

    def is_old(self, now: datetime) -> bool:
        """Tell whether reading from here would read too much."""
        return not -SKEW < now - self.moment < CURSOR_AGE_MAX

    def moved(self, moment: datetime, taken: Mapping[int, int]) -> Cursor:
        """Give the cursor after later batches of some buckets were shown."""
        return Cursor(moment, {bucket: max(batch, taken.get(bucket, 0)) for bucket, batch in self.batches.items()})

    def to_text(self) -> str:
        """Write the cursor: milliseconds, then bucket.batch pairs."""
        pairs = (f"{bucket}.{batch}" for bucket, batch in sorted(self.batches.items()))
        return "_".join((str(int(self.moment.timestamp() * 1000)), *pairs))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote. Raises `CursorUnreadableError`."""
        moment, *pairs = text[:CURSOR_CHARACTERS_MAX].split("_")
        try:
            batches = {_number(bucket): _number(batch) for bucket, batch in (pair.split(".") for pair in pairs)}
            when = datetime.fromtimestamp(_number(moment) / 1000, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise CursorUnreadableError(text[:40]) from error
        if not batches or max(batches) > _BUCKET_MAX:
            raise CursorUnreadableError("no bucket")
        return cls(when, batches)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS_MAX):
        raise CursorUnreadableError(text[:40])
    return int(text)
