"""The audit of the seal: every stored transfer hashed anew, every batch, walk, root and checkpoint compared with it.

These laws are programs instead of checks in `.sql`, because they go over every byte of the ledger, because a statement is slower at it,
and because hash functions that live in the database could be changed by whoever changes its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from haihe.base.notes import NoteForged, read_note
from haihe.ledger.seal import audit_store as store
from haihe.ledger.seal.audit_store import Connection, StoredCheckpoint
from haihe.ledger.seal.checkpoint import Checkpoint, Stand
from haihe.ledger.seal.merkle import leaves_of, root_of
from haihe.ledger.seal.rows import (
    NO_HASH,
    PLACE,
    POSTED,
    ROW_BYTES,
    Row,
    SealedBatch,
    batch_leaf,
    chained,
    columns_of,
    pieces_of,
    places_of,
)
from haihe.ledger.seal.store import RootedBatch

SEALS: Final = "ledger.seals"
WALKS: Final = "ledger.walks"
CHECKPOINTS: Final = "ledger.checkpoints"
LAWS: Final = {
    SEALS: "Every batch hashes to its seal and its root: no stored transfer was changed, removed, inserted or put elsewhere.",
    WALKS: "Walking back from a chained account's newest transfer meets all its transfers, in the order in which they were posted.",
    CHECKPOINTS: "Every checkpoint names the one before it, is signed, and its tree is that of the batches that it covers.",
}
NAMED_MAX: Final = 20
"""Rows of one batch that are named one by one."""
BATCHES_TOLD: Final = 64
"""After so many batches progress is told."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What breaks a law, in words."""

    law: str
    text: str


def audit_bucket(connection: Connection, bucket: int, told: Callable[[int], None] = lambda _: None) -> Iterator[Fault]:
    """Go over all batches of a bucket in order; `told` is told how many transfers more are done."""
    walks = Walks.begin(connection, bucket)
    groups = store.rows_by_batch(connection, bucket)
    group, previous, done, seen = next(groups, None), NO_HASH, 0, 0
    for place, batch in enumerate(store.batches(connection, bucket), 1):
        while group and group[0] < batch.number:
            group = next(groups, None)  # it has no batch: a stray
        rows = b""
        if group and group[0] == batch.number:
            rows, group = group[1], next(groups, None)
        pieces = pieces_of(rows)
        yield from _check_batch(batch, rows, pieces, previous)
        yield from walks.follow(pieces)
        previous, done, seen = batch.hash, done + len(pieces), seen + len(pieces)
        if place % BATCHES_TOLD == 0:
            told(done)
            done = 0
    if seen != store.transfer_count(connection, bucket):
        for identity, number in store.strays(connection, bucket, limit=NAMED_MAX):
            yield Fault(SEALS, f"transfer {identity} stands in batch {number}, which was never sealed with it")
    yield from walks.end(connection, bucket)
    told(done)


def _check_batch(batch: SealedBatch, rows: bytes, pieces: list[tuple[bytes, ...]], previous: bytes) -> Iterator[Fault]:
    columns = columns_of(pieces)
    whole = len(pieces) == batch.transfers and b"".join(columns[PLACE]) == places_of(len(pieces))
    if not whole:
        yield Fault(SEALS, _gaps(batch, [int.from_bytes(place) for place in columns[PLACE]]))
    if columns[POSTED].count(batch.posted) != len(pieces):
        wrong = [row.id for row in _rows(rows) if row.posted != int.from_bytes(batch.posted, signed=True)]
        yield Fault(SEALS, f"batch {batch.number}: not at its time was posted {_list(wrong)}")
    if chained(previous, batch.head, columns) != batch.hash:
        yield Fault(SEALS, f"batch {batch.number} does not match its seal{_between(rows)}")
    if batch.root is not None and root_of(leaves_of(rows, ROW_BYTES)) != batch.root:
        yield Fault(SEALS, f"batch {batch.number} does not match its root{_between(rows)}")


def _gaps(batch: SealedBatch, places: list[int]) -> str:
    """Say what is missing in a batch, and what is too much."""
    expected = range(1, batch.transfers + 1)
    missing = sorted(set(expected) - set(places))
    surplus = [place for index, place in enumerate(places) if place not in expected or place in places[:index]]
    told = [f"batch {batch.number} has {len(places)} transfers and says {batch.transfers}"]
    told += [f"missing is place {_list(missing)}"] if missing else []
    told += [f"there should be no place {_list(surplus)}, or not twice"] if surplus else []
    return ": ".join((told[0], ", ".join(told[1:]))) if told[1:] else told[0]


def _rows(rows: bytes) -> Iterator[Row]:
    return (Row.read(rows[at : at + ROW_BYTES]) for at in range(0, len(rows), ROW_BYTES))


def _between(rows: bytes) -> str:
    """Name what was in a batch, for who looks for the one that was changed."""
    ids = [row.id for row in _rows(rows)]
    return f": something about its transfers {_list(ids)} was changed" if ids else ": it has no transfers"


def _list(numbers: list[int]) -> str:
    """Write numbers, long lists by their ends."""
    if len(numbers) > NAMED_MAX:
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))


@dataclass(frozen=True)
class Walks:
    """The newest transfer of every chained account of a bucket so far; all ids as the eight bytes that rows have."""

    newest: dict[bytes, bytes] = field(default_factory=dict)

    @classmethod
    def begin(cls, connection: Connection, bucket: int) -> Walks:
        """Begin before the first batch."""
        return cls({_bytes(account): bytes(8) for account, _ in store.chained_accounts(connection, bucket)})

    def follow(self, pieces: list[tuple[bytes, ...]]) -> Iterator[Fault]:
        """Go over the transfers of the next batch, in order."""
        newest = self.newest
        for _, identity, debit, credit, _, _, _, _, _, before_debit, before_credit, _, _, _, _ in pieces:
            if debit in newest:
                if newest[debit] != before_debit:
                    yield _astray(identity, debit, before_debit, newest[debit])
                newest[debit] = identity
            if credit in newest:
                if newest[credit] != before_credit:
                    yield _astray(identity, credit, before_credit, newest[credit])
                newest[credit] = identity

    def end(self, connection: Connection, bucket: int) -> Iterator[Fault]:
        """Compare with what the accounts name."""
        for account, last in store.chained_accounts(connection, bucket):
            found = self.newest[_bytes(account)]
            if found != _bytes(last):
                yield Fault(WALKS, f"account {account} names {last} as its newest transfer instead of {_number(found)}")


def _astray(identity: bytes, account: bytes, before: bytes, expected: bytes) -> Fault:
    return Fault(
        WALKS,
        f"transfer {_number(identity)} of account {_number(account)} names {_number(before)} as the one before it instead of {_number(expected)}",
    )


def _bytes(number: int) -> bytes:
    return number.to_bytes(8, signed=True)


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, signed=True)


def audit_checkpoints(connection: Connection, *, first: int, last: int, verifier_key: str | None) -> Iterator[Fault]:
    """Go over checkpoints `first` to `last`; without a key their signatures are not looked at."""
    stored = store.checkpoints(connection, first - 1, last)
    before: Checkpoint | None = None
    if stored and stored[0].number == first - 1:
        before = _read(stored.pop(0), None)
    for number, row in enumerate(stored, first):
        if row.number != number:
            yield Fault(CHECKPOINTS, f"checkpoint {number} is missing before checkpoint {row.number}")
            return
        try:
            read = _opened(row, verifier_key)
        except NoteForged as error:
            yield Fault(CHECKPOINTS, f"checkpoint {row.number}: {error}")
            before = _read(row, before)
            continue
        yield from _check_checkpoint(connection, row, read, before)
        before = read
    if len(stored) < last - first + 1:
        yield Fault(CHECKPOINTS, f"checkpoint {first + len(stored)} is missing")


def audit_kept(connection: Connection, notes: Iterable[str], verifier_key: str | None) -> Iterator[Fault]:
    """Compare checkpoints that somebody kept with those that are stored: an older copy of the city, or one made anew, lacks them."""
    for note in notes:
        try:
            kept = _checkpoint_of(note, verifier_key)
        except NoteForged as error:
            yield Fault(CHECKPOINTS, f"what was kept is none of the city's checkpoints: {error}")
            continue
        stored = store.checkpoints(connection, kept.number, kept.number)
        if not stored or stored[0].hash != kept.hash:
            yield Fault(
                CHECKPOINTS, f"checkpoint {kept.number} was kept elsewhere, and the city has another one or none"
            )


def _opened(row: StoredCheckpoint, verifier_key: str | None) -> Checkpoint:
    """Read a stored note. Raises `NoteForged`."""
    return _checkpoint_of(row.note, verifier_key)


def _checkpoint_of(note: str, verifier_key: str | None) -> Checkpoint:
    text = read_note(note, verifier_key) if verifier_key else note.rpartition("\n\n")[0] + "\n"
    return Checkpoint.from_text(text)


def _read(row: StoredCheckpoint, before: Checkpoint | None) -> Checkpoint | None:
    """Read a note as it is, signed or not, so that the next one can be compared with it."""
    try:
        return _opened(row, None)
    except NoteForged:
        return before


def _check_checkpoint(
    connection: Connection, row: StoredCheckpoint, read: Checkpoint, before: Checkpoint | None
) -> Iterator[Fault]:
    name = f"checkpoint {row.number}"
    stands = before.stands if before else dict.fromkeys(read.stands, Stand(0, NO_HASH))
    if (read.number, read.time, read.hash) != (row.number, row.sealed_at, row.hash):
        yield Fault(CHECKPOINTS, f"{name} says another number, time or hash than its row")
    if read.previous != (before.hash if before else NO_HASH):
        yield Fault(CHECKPOINTS, f"{name} does not name the checkpoint before it")
    if read.stands.keys() != stands.keys() or any(
        read.stands[one].batch < stand.batch for one, stand in stands.items()
    ):
        yield Fault(CHECKPOINTS, f"{name} covers other buckets than the one before it, or less of one")
        return
    spans = {
        bucket: (stands[bucket].batch, stand.batch)
        for bucket, stand in read.stands.items()
        if stand.batch > stands[bucket].batch
    }
    if row.spans != [[bucket, upto] for bucket, (_, upto) in sorted(spans.items())]:
        yield Fault(CHECKPOINTS, f"{name}: the spans stored for it are not those that it says")
    tree = store.tree_of(connection, spans)
    broken = [*_check_stands(connection, name, read, spans)]
    yield from broken
    if len(tree) != read.leaves or _root(tree) != read.root:
        where = "" if broken else f": a batch of {_covered(spans)}, or a root of one, was changed"
        yield Fault(CHECKPOINTS, f"{name} does not match its root{where}")


def _check_stands(
    connection: Connection, name: str, read: Checkpoint, spans: dict[int, tuple[int, int]]
) -> Iterator[Fault]:
    for bucket, (after, upto) in spans.items():
        if store.hash_of_batch(connection, bucket, upto) != read.stands[bucket].hash:
            yield Fault(
                CHECKPOINTS,
                f"{name} signed another seal of batch {upto} in bucket {bucket} than is stored: batch {after + 1} or a later one was rewritten",
            )


def _root(tree: list[RootedBatch]) -> bytes:
    return root_of([batch_leaf(*batch) for batch in tree])


def _covered(spans: dict[int, tuple[int, int]]) -> str:
    return ", ".join(f"{after + 1} to {upto} in bucket {bucket}" for bucket, (after, upto) in spans.items()) or "none"
