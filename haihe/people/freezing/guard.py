"""What others ask before they begin something that a frozen wallet cannot do."""

from __future__ import annotations

from haihe.base.database import Connection
from haihe.people.freezing import store
from haihe.people.freezing.errors import WalletFrozen


async def refuse_frozen(connection: Connection, citizen: int) -> None:
    """Let nobody with a frozen wallet go on, in the caller's transaction. Raises `WalletFrozen`."""
    if await store.of(connection, citizen):
        raise WalletFrozen
