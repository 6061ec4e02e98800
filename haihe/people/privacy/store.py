"""All SQL about the rights over one's data that belongs to no other part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from haihe.base.database import Connection, one

_EXPORTS_SINCE: Final = """
SELECT count(*)
FROM audit
WHERE subject = %s AND action = %s AND outcome = 'done' AND at > %s
"""
_HOLD_CITIZEN: Final = "SELECT data_key <> '' FROM citizens WHERE id = %s FOR UPDATE"
_DATA_KEY: Final = "SELECT data_key FROM citizens WHERE id = %s"
_FORGET_CODES: Final = "DELETE FROM sign_in_codes WHERE phone_hash = %s"


async def deeds_since(connection: Connection, citizen: int, action: str, since: datetime) -> int:
    """Count how often something was done about somebody after a time."""
    row = await (await connection.execute(_EXPORTS_SINCE, (citizen, action, since))).fetchone()
    return int(one(row)[0])


async def hold_citizen(connection: Connection, citizen: int) -> bool:
    """Hold a citizen's row until the transaction ends; tell whether this person is still there."""
    return bool(one(await (await connection.execute(_HOLD_CITIZEN, (citizen,))).fetchone())[0])


async def data_key(connection: Connection, citizen: int) -> bytes:
    """Read a person's wrapped key."""
    return bytes(one(await (await connection.execute(_DATA_KEY, (citizen,))).fetchone())[0])


async def count(connection: Connection, statement: str, values: Mapping[str, object]) -> int:
    """Run a part's statement that counts what is pending."""
    return int(one(await (await connection.execute(statement, values)).fetchone())[0])


async def destroy(connection: Connection, statement: str, values: Mapping[str, object]) -> None:
    """Run a part's statement that destroys."""
    await connection.execute(statement, values)


async def forget_codes(connection: Connection, phone_hash: bytes) -> None:
    """Forget the one-time codes of a phone."""
    await connection.execute(_FORGET_CODES, (phone_hash,))
