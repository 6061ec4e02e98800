"""All SQL about what needs a second person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from haihe.base.database import Connection, expect_rows
from haihe.organisations.approvals.model import Approval, Status

_COLUMNS: Final = (
    "id, organisation, asked_by, decided_by, asked_at, expires_at, decided_at, status, kind, content, content_hash"
)

_INSERT: Final = """
INSERT INTO approvals (id, organisation, asked_by, asked_at, expires_at, kind, content, content_hash)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (organisation, content_hash) WHERE status = 0 DO NOTHING
"""

_EXPIRE: Final = """
UPDATE approvals
SET status = %s
WHERE organisation = %s AND status = 0 AND expires_at <= %s
"""

_DECIDE: Final = """
UPDATE approvals
SET status = %s,
    decided_by = %s,
    decided_at = %s
WHERE id = %s AND status = 0
"""


async def insert(connection: Connection, one: Approval) -> bool:
    """Store a request; False where the same is asked for already. What has expired makes room."""
    await connection.execute(_EXPIRE, (Status.EXPIRED, one.organisation, one.asked_at))
    values = (one.id, one.organisation, one.asked_by, one.asked_at, one.expires_at, one.kind, one.content, one.digest)
    return (await connection.execute(_INSERT, values)).rowcount == 1


async def of_organisation(connection: Connection, organisation: int, *, limit: int) -> Sequence[Approval]:
    """Read an organisation's requests, the open ones first, then the newest."""
    return await _read(connection, "organisation = %s ORDER BY status <> 0, id DESC LIMIT %s", (organisation, limit))


async def find(connection: Connection, organisation: int, identity: int, *, lock: bool = False) -> Approval | None:
    """Find a request of an organisation, and hold it until the transaction ends if asked to."""
    condition = "organisation = %s AND id = %s" + (" FOR UPDATE" if lock else "")
    found = await _read(connection, condition, (organisation, identity))
    return found[0] if found else None


async def find_open(connection: Connection, organisation: int, digest: bytes) -> Approval | None:
    """Find the open request for the same thing."""
    found = await _read(connection, "organisation = %s AND content_hash = %s AND status = 0", (organisation, digest))
    return found[0] if found else None


async def decide(connection: Connection, identity: int, status: Status, *, by: int, now: datetime) -> None:
    """Write what became of an open request."""
    cursor = await connection.execute(_DECIDE, (status, by, now, identity))
    expect_rows(cursor.rowcount, expected=1, what="a decision")


async def _read(connection: Connection, condition: str, values: tuple[object, ...]) -> list[Approval]:
    query = f"SELECT {_COLUMNS} FROM approvals WHERE {condition}"  # noqa: S608 - conditions are constants of this file
    rows = await (await connection.execute(query.encode(), values)).fetchall()
    return [Approval(*(*row[:7], Status(row[7]), row[8], row[9], bytes(row[10]))) for row in rows]
