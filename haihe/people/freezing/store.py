"""All SQL about frozen wallets."""

from __future__ import annotations

from typing import Final

from haihe.base.audit import Actor
from haihe.base.database import Connection, one
from haihe.people.freezing.model import Freeze

_HOLD: Final = "SELECT bucket FROM citizens WHERE id = %s FOR UPDATE"
_PUT: Final = """
INSERT INTO freezes (citizen, frozen_at, by_kind, by_id)
VALUES (%s, %s, %s, %s)
ON CONFLICT (citizen) DO NOTHING
"""
_OF: Final = "SELECT citizen, frozen_at, by_kind, by_id FROM freezes WHERE citizen = %s"
_DROP: Final = "DELETE FROM freezes WHERE citizen = %s"


async def hold(connection: Connection, citizen: int) -> int:
    """Hold a citizen's row until the transaction ends, so that freezing and releasing go one after the other; give the bucket."""
    return int(one(await (await connection.execute(_HOLD, (citizen,))).fetchone())[0])


async def put(connection: Connection, freeze: Freeze) -> bool:
    """Write down that a wallet is frozen; False where it is already."""
    values = (freeze.citizen, freeze.frozen_at, int(freeze.by), freeze.by_id)
    return (await connection.execute(_PUT, values)).rowcount == 1


async def of(connection: Connection, citizen: int) -> Freeze | None:
    """Tell whether a wallet is frozen."""
    row = await (await connection.execute(_OF, (citizen,))).fetchone()
    return Freeze(row[0], row[1], Actor(row[2]), row[3]) if row else None


async def drop(connection: Connection, citizen: int) -> bool:
    """Write down that a wallet is no longer frozen; False where it was not."""
    return (await connection.execute(_DROP, (citizen,))).rowcount == 1
