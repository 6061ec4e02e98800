"""All SQL about passkeys and their challenges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.rows import class_row

from haihe.base.database import Connection

_INSERT: Final = """
INSERT INTO passkeys (id, citizen, credential, public_key, counter, name, added_at, used_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (credential) DO NOTHING
"""
_COLUMNS: Final = "id, citizen, credential, public_key, counter, name, added_at, used_at"
_OF: Final = f"SELECT {_COLUMNS} FROM passkeys WHERE citizen = %s ORDER BY id"  # noqa: S608 - a constant list of columns
_LOCK: Final = f"SELECT {_COLUMNS} FROM passkeys WHERE credential = %s FOR UPDATE"  # noqa: S608
_OWNER: Final = "SELECT citizen FROM passkeys WHERE credential = %s"
_USED: Final = "UPDATE passkeys SET counter = %s, used_at = %s WHERE id = %s"
_DROP: Final = "DELETE FROM passkeys WHERE id = %s AND citizen = %s"
_USE_CHALLENGE: Final = """
INSERT INTO used_challenges (challenge, expires_at)
VALUES (%s, %s)
ON CONFLICT (challenge) DO NOTHING
"""
_FORGET: Final = "DELETE FROM used_challenges WHERE expires_at < %s"


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey as stored: `name` sealed with its owner's key, `public_key` as COSE."""

    id: int
    citizen: int
    credential: bytes
    public_key: bytes
    counter: int
    name: bytes
    added_at: datetime
    used_at: datetime


async def insert(connection: Connection, row: PasskeyRow) -> bool:
    """Add a passkey; False where somebody has it already."""
    values = (row.id, row.citizen, row.credential, row.public_key, row.counter, row.name, row.added_at, row.used_at)
    return (await connection.execute(_INSERT, values)).rowcount == 1


async def of(connection: Connection, citizen: int) -> list[PasskeyRow]:
    """Read a person's passkeys, the oldest first."""
    async with connection.cursor(row_factory=class_row(PasskeyRow)) as cursor:
        await cursor.execute(_OF, (citizen,))
        return await cursor.fetchall()


async def lock(connection: Connection, credential: bytes) -> PasskeyRow | None:
    """Find a passkey by what the device calls it, and hold it until the transaction ends."""
    async with connection.cursor(row_factory=class_row(PasskeyRow)) as cursor:
        await cursor.execute(_LOCK, (credential,))
        return await cursor.fetchone()


async def owner(connection: Connection, credential: bytes) -> int:
    """Tell whose a passkey is; 0 nobody's."""
    row = await (await connection.execute(_OWNER, (credential,))).fetchone()
    return int(row[0]) if row else 0


async def used(connection: Connection, passkey: int, *, counter: int, at: datetime) -> None:
    """Write down that a passkey has answered, and what it counted."""
    await connection.execute(_USED, (counter, at, passkey))


async def drop(connection: Connection, passkey: int, citizen: int) -> bool:
    """Remove a person's passkey; False where there is none."""
    return (await connection.execute(_DROP, (passkey, citizen))).rowcount == 1


async def use_challenge(connection: Connection, challenge: bytes, expires_at: datetime) -> bool:
    """Use a challenge up; False when it has served already."""
    return (await connection.execute(_USE_CHALLENGE, (challenge, expires_at))).rowcount == 1


async def forget_challenges(connection: Connection, before: datetime) -> None:
    """Delete used challenges that are too old to be answered again anyway."""
    await connection.execute(_FORGET, (before,))
