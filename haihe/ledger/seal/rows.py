"""A transfer's stored columns as bytes, and the chain of hashes over batches of them: docs/proof.md in Python.

Nothing here asks a function of the database: who owns the database could have changed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from struct import Struct, pack
from typing import Final, NamedTuple

from haihe.ledger.seal.merkle import leaf_of

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
NO_HASH: Final = bytes(32)
"""What stands in for the seal before a bucket's first batch, and for the checkpoint before the first one."""
BATCH: Final = Struct(">hqi32s32s")
"""A batch as an entry of a checkpoint's tree: bucket, number, transfers, seal of the chain, root."""

_ROW: Final = Struct(">hqi10q4h")
ROW_BYTES: Final = _ROW.size
# The same row as pieces, from place to risk: bucket and batch are the same in all rows of a batch.
_PIECES: Final = Struct(">10x4s" + "8s" * 10 + "2s" * 4)
PLACE, POSTED, _COLUMNS = 0, 8, 15
_BIGINT, _SMALLINT, _TIMESTAMPTZ = 20, 21, 1184
"""PostgreSQL's numbers of its types, as they stand in arrays."""
# Which pieces the chain hashes, in its order: all but place and posted.
_CHAINED: Final = (
    *((place, _BIGINT) for place in range(1, 7)),
    (7, _TIMESTAMPTZ),
    (9, _BIGINT),
    (10, _BIGINT),
    (11, _SMALLINT),
    (12, _SMALLINT),
)
_CHAINED_IF_ANY: Final = ((13, _SMALLINT), (14, _SMALLINT))
_SIZES: Final = {_BIGINT: 8, _TIMESTAMPTZ: 8, _SMALLINT: 2}
_LENGTHS: Final = {kind: pack(">i", size) for kind, size in _SIZES.items()}


class Row(NamedTuple):
    """A transfer's columns, in the order of their bytes; times in microseconds since 2000."""

    bucket: int
    batch: int
    place: int
    id: int
    debit: int
    credit: int
    amount: int
    payment: int
    names: int
    effective: int
    posted: int
    previous_debit: int
    previous_credit: int
    kind: int
    currency: int
    phase: int
    risk: int

    @classmethod
    def read(cls, row: bytes) -> Row:
        """Read a row's bytes."""
        return cls(*_ROW.unpack(row))

    def to_bytes(self) -> bytes:
        """Write the bytes that a leaf hashes."""
        return _ROW.pack(*self)


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A batch as it is stored. `head` is what its seal says before the transfers: bucket, number, time, day, first and last id."""

    number: int
    transfers: int
    head: bytes
    posted: bytes
    hash: bytes
    root: bytes | None


def pieces_of(rows: bytes) -> list[tuple[bytes, ...]]:
    """Cut rows, which lie one after the other, into their columns from place to risk (`PLACE`, …), each as its bytes."""
    return list(_PIECES.iter_unpack(rows))


def columns_of(pieces: list[tuple[bytes, ...]]) -> list[tuple[bytes, ...]]:
    """Turn pieces of rows into columns."""
    return list(zip(*pieces, strict=True)) if pieces else [()] * _COLUMNS


def chained(previous: bytes, head: bytes, columns: list[tuple[bytes, ...]]) -> bytes:
    """Compute a batch's seal from the one before it, what the batch says, and its transfers' columns in order of place."""
    parts = [previous, head]
    for place, kind in _CHAINED:
        parts += _array(columns[place], kind)
    if any(any(b"".join(columns[place])) for place, _ in _CHAINED_IF_ANY):
        for place, kind in _CHAINED_IF_ANY:
            parts += _array(columns[place], kind)
    return sha256(b"".join(parts)).digest()


def batch_leaf(bucket: int, number: int, transfers: int, chain: bytes, root: bytes) -> bytes:
    """Give a batch's leaf in the tree of its checkpoint; `chain` is its seal, `root` that over its transfers."""
    return leaf_of(BATCH.pack(bucket, number, transfers, chain, root))


@lru_cache(maxsize=64)
def places_of(count: int) -> bytes:
    """Give the places that the rows of a batch must have, 1 to `count`, as their bytes."""
    return b"".join(pack(">i", place) for place in range(1, count + 1))


def time_of(microseconds: int) -> datetime:
    """Give the time that a row's column says."""
    return EPOCH + timedelta(microseconds=microseconds)


def _array(values: tuple[bytes, ...], kind: int) -> tuple[bytes, bytes, bytes]:
    """Write an array as PostgreSQL's array_send does."""
    if not values:
        return pack(">iii", 0, 0, kind), b"", b""
    length = _LENGTHS[kind]
    return pack(">iiiii", 1, 0, kind, len(values), 1), length, length.join(values)
