"""An organisation's file of a day, and the statement that goes with it: both made from the ledger whenever they are asked for.

The file is CSV (RFC 4180, UTF-8): a heading, then a line for each payment and refund in the order of bucket, batch and place, then a
line for each bucket's part of the fee. The statement is a signed note that names the file's SHA-256 and the statement before it. Of who
paid nothing stands in them. docs/accounting.md describes both for those who check them without us.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from haihe.base.clock import CITY_ZONE, day_start
from haihe.base.database import Connection
from haihe.settlement import store
from haihe.settlement.model import FeePosting, Settlement

COLUMNS: Final = (
    "payment",
    "time",
    "service_day",
    "booking_day",
    "entry",
    "kind",
    "point",
    "service",
    "refund_of",
    "gross_fen",
    "refund_fen",
    "fee_fen",
    "bucket",
    "batch",
    "place",
)
END: Final = b"\r\n"
HEADING: Final = ",".join(COLUMNS).encode() + END
TITLE: Final = "haihe settlement v1"
CHUNK_BYTES: Final = 1 << 16
EVERYBODY: Final = 0


@dataclass(slots=True)
class Digest:
    """A file as it is hashed: how many lines after the heading, and the hash so far."""

    lines: int = 0
    hash: Any = field(default_factory=lambda: hashlib.sha256(HEADING))

    def add(self, line: bytes) -> None:
        """Take one more line, with its end."""
        self.lines += 1
        self.hash.update(line)


async def digests(
    connection: Connection, buckets: Sequence[int], day: date, fees: Mapping[int, Sequence[FeePosting]]
) -> dict[int, Digest]:
    """Hash the files of all organisations of a closed day at once: every bucket is gone through once. `fees` are by organisation."""
    found: dict[int, Digest] = {}
    for bucket in buckets:
        async for organisation, line in _moves(connection, bucket, day, EVERYBODY):
            found.setdefault(organisation, Digest()).add(line)
    for organisation, parts in fees.items():
        for fee in parts:
            found[organisation].add(fee_line(fee, day))
    return found


async def day_file(
    connection: Connection, buckets: Sequence[int], day: date, organisation: int
) -> AsyncIterator[bytes]:
    """Write an organisation's file of a closed day, in chunks: it never stands in memory as a whole."""
    await store.be_patient(connection)
    chunk = bytearray(HEADING)
    for bucket in buckets:
        async for _, line in _moves(connection, bucket, day, organisation):
            chunk += line
            if len(chunk) >= CHUNK_BYTES:
                yield bytes(chunk)
                chunk.clear()
    for fee in await store.fees_of(connection, organisation, day):
        chunk += fee_line(fee, day)
    yield bytes(chunk)


async def _moves(connection: Connection, bucket: int, day: date, organisation: int) -> AsyncIterator[tuple[int, bytes]]:
    """Give the lines of a bucket with whose they are, one organisation after the other."""
    parameters = {"bucket": bucket, "day": day, "organisation": organisation}
    async with connection.cursor() as cursor, cursor.copy(store.lines_query(), parameters) as rows:
        async for row in rows:
            till, _, line = bytes(row).partition(b"\t")
            yield int(till), line.rstrip(b"\n") + END


def fee_line(fee: FeePosting, day: date) -> bytes:
    """Write a bucket's part of the fee: it is taken when the day is over, and its batch is not of the day."""
    over = day_start(day + timedelta(days=1)).astimezone(CITY_ZONE)
    values = (
        fee.posting,
        over.isoformat(timespec="milliseconds"),
        day,
        day,
        "fee",
        *[0] * 6,
        fee.amount,
        fee.bucket,
        0,
        0,
    )
    return ",".join(map(str, values)).encode() + END


def statement_text(organisation: str, settlement: Settlement) -> str:
    """Write what a statement says; `organisation` is its key. Amounts in fen."""
    return "".join(
        f"{line}\n"
        for line in (
            TITLE,
            f"organisation {organisation}",
            f"day {settlement.day.isoformat()}",
            f"lines {settlement.lines}",
            f"gross {settlement.gross}",
            f"refunds {settlement.refunded}",
            f"fees {settlement.fee}",
            f"net {settlement.net}",
            f"file {settlement.file_hash.hex()}",
            f"previous {settlement.previous_hash.hex()}",
        )
    )


def statement_hash(text: str) -> bytes:
    """Give the hash by which the next statement names this one: of its text, without the signature."""
    return hashlib.sha256(text.encode()).digest()
