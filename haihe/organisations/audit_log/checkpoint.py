"""A checkpoint of the audit log: what the city signs about it, as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from haihe.base.notes import NoteForged

FORMAT: Final = "haihe-audit-1"
NO_HASH: Final = bytes(32)
_HASH: Final = "([0-9a-f]{64})"
_NUMBER: Final = "(0|[1-9][0-9]*)"
_TEXT: Final = re.compile(
    rf"([^\n]+)\n{FORMAT}\nnumber {_NUMBER}\ntime ([^\n]+)\nprevious {_HASH}\nrow {_NUMBER}\nhash {_HASH}\n"
)


@dataclass(frozen=True, slots=True)
class AuditCheckpoint:
    """The log up to `row`, whose hash is `row_hash`; `previous` is the hash of the checkpoint before it."""

    origin: str
    number: int
    time: datetime
    previous: bytes
    row: int
    row_hash: bytes

    @property
    def hash(self) -> bytes:
        """Give the hash that the next one names: SHA-256 over the text."""
        return sha256(self.to_text().encode()).digest()

    def to_text(self) -> str:
        """Write the text that is signed."""
        return (
            f"{self.origin}\n{FORMAT}\nnumber {self.number}\ntime {self.time:%Y-%m-%dT%H:%M:%S.%f}Z\n"
            f"previous {self.previous.hex()}\nrow {self.row}\nhash {self.row_hash.hex()}\n"
        )

    @classmethod
    def from_text(cls, text: str) -> AuditCheckpoint:
        """Read what `to_text` wrote. Raises `NoteForged` for anything else."""
        found = _TEXT.fullmatch(text)
        if not found:
            raise NoteForged("it is not a checkpoint of the audit log")
        origin, number, time, previous, row, row_hash = found.groups()
        try:
            moment = datetime.fromisoformat(time)
        except ValueError as error:
            raise NoteForged("it is not a checkpoint of the audit log") from error
        read = cls(origin, int(number), moment, bytes.fromhex(previous), int(row), bytes.fromhex(row_hash))
        if read.to_text() != text:
            raise NoteForged("it is not a checkpoint of the audit log")
        return read
