"""A checkpoint: what the city signs about all its buckets, as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from haihe.base.notes import NoteForged

FORMAT: Final = "haihe-checkpoint-1"
_HASH: Final = "([0-9a-f]{64})"
_NUMBER: Final = "(0|[1-9][0-9]*)"
_TEXT: Final = re.compile(
    rf"([^\n]+)\n{FORMAT}\nnumber {_NUMBER}\ntime ([^\n]+)\nprevious {_HASH}\nleaves {_NUMBER}\nroot {_HASH}\n((?:bucket [^\n]+\n)+)"
)
_BUCKET: Final = re.compile(rf"bucket {_NUMBER} batch {_NUMBER} hash {_HASH}\n")


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a bucket is: its newest batch that a checkpoint covers, and that batch's seal."""

    batch: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything up to each bucket's stand, and a tree over the batches that came since the checkpoint before.

    `previous` is that one's hash. The tree's leaves are in the order of bucket, then number.
    """

    origin: str
    number: int
    time: datetime
    previous: bytes
    leaves: int
    root: bytes
    stands: Mapping[int, Stand]

    @property
    def hash(self) -> bytes:
        """Give the hash that the next checkpoint names: SHA-256 over the text."""
        return sha256(self.to_text().encode()).digest()

    def to_text(self) -> str:
        """Write the text that is signed."""
        stands = "".join(
            f"bucket {bucket} batch {stand.batch} hash {stand.hash.hex()}\n" for bucket, stand in self.stands.items()
        )
        return (
            f"{self.origin}\n{FORMAT}\nnumber {self.number}\ntime {in_utc(self.time)}\nprevious {self.previous.hex()}\n"
            f"leaves {self.leaves}\nroot {self.root.hex()}\n{stands}"
        )

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """Read what `to_text` wrote. Raises `NoteForged` for anything else."""
        found = _TEXT.fullmatch(text)
        if not found:
            raise NoteForged("it is not a checkpoint")
        origin, number, time, previous, leaves, root, stands = found.groups()
        read = cls(
            origin, int(number), _time(time), bytes.fromhex(previous), int(leaves), bytes.fromhex(root),
            {int(bucket): Stand(int(batch), bytes.fromhex(chain)) for bucket, batch, chain in _BUCKET.findall(stands)},
        )  # fmt: skip
        if read.to_text() != text:
            raise NoteForged("it is not a checkpoint")
        return read


def in_utc(time: datetime) -> str:
    """Write a time in UTC to the microsecond, as checkpoints and proofs do."""
    return f"{time:%Y-%m-%dT%H:%M:%S.%f}Z"


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise NoteForged("it is not a checkpoint") from error
