"""The audit of the audit log: every row hashed anew in Python, every checkpoint compared with the rows that it covers.

No function of ours in the database is asked for anything: who owns the database could have changed it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import psycopg

from haihe.base.database import one
from haihe.base.notes import NoteForged, read_note
from haihe.organisations.audit_log.checkpoint import NO_HASH, AuditCheckpoint

CHAIN: Final = "audit.chain"
CHECKPOINTS: Final = "audit.checkpoints"
LAWS: Final = {
    CHAIN: "Every row of the audit log hashes to its seal: none was changed, removed, inserted or put elsewhere.",
    CHECKPOINTS: "Every checkpoint of the audit log names the one before it, is signed, and its row is the stored one.",
}
FETCHED: Final = 5_000
_NUMBERS: Final = struct.Struct(">q8shqqq")
_HEAD: Final = struct.Struct(">iiiii")
_TEXT_TYPE: Final = 25

_ROWS: Final = """
SELECT number, timestamptz_send(at), actor_kind, actor, organisation, subject, action, outcome, details, hash
FROM audit
ORDER BY number
"""
_CHECKPOINTS: Final = """
SELECT c.number, c.row, c.hash, c.note, a.hash
FROM audit_checkpoints c
LEFT JOIN audit a ON a.number = c.row
ORDER BY c.number
"""

Connection = psycopg.Connection[Any]


class Fault(NamedTuple):
    """What breaks a law, in words."""

    law: str
    text: str


def row_hash(previous: bytes, row: Sequence[Any]) -> bytes:
    """Hash a row as docs/proof.md says it; `row` has the columns in the order of the log, the time as its eight bytes."""
    number, at, actor_kind, actor, organisation, subject, *texts = row
    numbers = _NUMBERS.pack(number, at, actor_kind, actor, organisation, subject)
    encoded = [text.encode() for text in texts]
    array = _HEAD.pack(1, 0, _TEXT_TYPE, len(encoded), 1)
    array += b"".join(len(text).to_bytes(4) + text for text in encoded)
    return sha256(previous + numbers + array).digest()


def check_audit(connection: Connection, verifier_key: str | None) -> Iterator[Fault]:
    """Go over the whole log, then over its checkpoints; without a key signatures are not looked at."""
    yield from _check_chain(connection)
    yield from _check_checkpoints(connection, verifier_key)


def _check_chain(connection: Connection) -> Iterator[Fault]:
    previous, expected = NO_HASH, 1
    with connection.cursor(name="audit_rows", binary=True) as cursor:
        cursor.itersize = FETCHED
        for *row, stored in cursor.execute(_ROWS):
            number = row[0]
            if number > expected:
                missing = str(expected) if number == expected + 1 else f"{expected} to {number - 1}"
                yield Fault(CHAIN, f"missing before row {number} is row {missing}")
            elif row_hash(previous, row) != bytes(stored):
                yield Fault(CHAIN, f"row {number} does not match its seal: it was changed, inserted or put elsewhere")
            previous, expected = bytes(stored), number + 1
    number, digest = one(connection.execute("SELECT number, hash FROM audit_head").fetchone())
    if (number, bytes(digest)) != (expected - 1, previous):
        yield Fault(CHAIN, f"the log ends with row {expected - 1}, and its head names row {number} or another one")


def _check_checkpoints(connection: Connection, verifier_key: str | None) -> Iterator[Fault]:
    before: AuditCheckpoint | None = None
    for expected, (number, row, digest, note, stored) in enumerate(connection.execute(_CHECKPOINTS), 1):
        name = f"checkpoint {number} of the audit log"
        if number != expected:
            yield Fault(CHECKPOINTS, f"{name} stands where checkpoint {expected} should: one is missing")
            return
        try:
            text = read_note(note, verifier_key) if verifier_key else note.rpartition("\n\n")[0] + "\n"
            read = AuditCheckpoint.from_text(text)
        except NoteForged as error:
            yield Fault(CHECKPOINTS, f"{name}: {error}")
            return
        if (read.number, read.row, read.hash) != (number, row, bytes(digest)):
            yield Fault(CHECKPOINTS, f"{name} says another number, row or hash than its own row")
        if read.previous != (before.hash if before else NO_HASH) or (before and read.row <= before.row):
            yield Fault(CHECKPOINTS, f"{name} does not follow the one before it")
        if stored is None or bytes(stored) != read.row_hash:
            yield Fault(
                CHECKPOINTS, f"{name} signed another row {read.row} than is stored: it or an earlier one was rewritten"
            )
        before = read
