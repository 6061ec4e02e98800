"""All SQL of paper cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from haihe.base.database import expect_rows, one
from haihe.payments.paper.model import PaperCard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from haihe.base.database import Connection

_COLUMNS: Final = "id, citizen, bucket, issued_by, issued_at, revoked_at"
_BY_HASH: Final = f"SELECT {_COLUMNS} FROM paper_cards WHERE code_hash = %s"  # noqa: S608 - a constant list of columns
_NEWEST: Final = f"SELECT {_COLUMNS} FROM paper_cards WHERE citizen = %s ORDER BY id DESC LIMIT 1"  # noqa: S608
_SEALED: Final = """
SELECT p.code, c.data_key
FROM paper_cards p
JOIN citizens c ON c.id = p.citizen
WHERE p.id = %s
"""
_DATA_KEY: Final = "SELECT data_key FROM citizens WHERE id = %s"
_REVOKED: Final = "SELECT id FROM paper_cards WHERE id = ANY(%b) AND revoked_at IS NOT NULL"
_INSERT: Final = """
INSERT INTO paper_cards (id, citizen, bucket, issued_by, issued_at, code_hash, code, issued_after)
SELECT %s, %s, %s, %s, %s, %s, %s, h.batch
FROM heads h
WHERE h.bucket = %s
"""
_REVOKE: Final = """
UPDATE paper_cards p
SET revoked_at = %s, revoked_by = %s, revoked_after = h.batch
FROM heads h
WHERE h.bucket = p.bucket AND p.citizen = %s AND p.revoked_at IS NULL
RETURNING p.id
"""


async def find(connection: Connection, code_hash: bytes) -> PaperCard | None:
    """Find a card, living or not, by the keyed hash of its code."""
    row = await (await connection.execute(_BY_HASH, (code_hash,))).fetchone()
    return PaperCard(*row) if row else None


async def newest(connection: Connection, citizen: int) -> PaperCard | None:
    """Read a citizen's newest card, living or not."""
    row = await (await connection.execute(_NEWEST, (citizen,))).fetchone()
    return PaperCard(*row) if row else None


async def sealed_code(connection: Connection, card: int) -> tuple[bytes, bytes]:
    """Read a card's sealed code and its citizen's wrapped data key."""
    row = one(await (await connection.execute(_SEALED, (card,))).fetchone())
    return row[0], row[1]


async def data_key(connection: Connection, citizen: int) -> bytes:
    """Read a citizen's wrapped data key."""
    key: bytes = one(await (await connection.execute(_DATA_KEY, (citizen,))).fetchone())[0]
    return key


async def revoked(connection: Connection, cards: Sequence[int]) -> set[int]:
    """Tell which of some cards are revoked."""
    return {row[0] for row in await (await connection.execute(_REVOKED, (list(cards),))).fetchall()}


async def insert(connection: Connection, card: PaperCard, *, code_hash: bytes, code: bytes) -> None:
    """Store a new card, under the lock of its bucket."""
    values = (card.id, card.citizen, card.bucket, card.issued_by, card.issued_at, code_hash, code, card.bucket)
    expect_rows((await connection.execute(_INSERT, values)).rowcount, expected=1, what="paper card")


async def revoke(connection: Connection, citizen: int, *, by: int, at: datetime) -> int:
    """Revoke a citizen's living card, under the lock of its bucket; give its id, 0 if there was none."""
    row = await (await connection.execute(_REVOKE, (at, by, citizen))).fetchone()
    return int(row[0]) if row else 0
