"""Setting and obeying caps outside the payments' batch; every function works in a transaction that holds the bucket's lock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from haihe.base.clock import day_start
from haihe.base.database import Connection
from haihe.wallet.caps import store
from haihe.wallet.caps.model import Cap, Scope


async def set_cap(connection: Connection, cap: Cap, *, today: date) -> None:
    """Set a cap on everything; what has left the wallet in its period before counts, so that a limit of the month is one of the month."""
    start = cap.period.start(today)
    spent = await store.left_wallet(connection, cap.bucket, cap.citizen, since=day_start(start))
    await store.put(connection, replace(cap, spent=spent, spent_from=start))


async def room(connection: Connection, bucket: int, citizen: int, *, today: date) -> tuple[int | None, list[Cap]]:
    """Say how much may leave a citizen's wallet today by the caps on everything, in fen (None without any), and give those caps."""
    caps = [cap for cap in await store.of(connection, bucket, citizen) if cap.scope is Scope.ALL]
    return min((cap.left(today) for cap in caps), default=None), caps


async def count(connection: Connection, bucket: int, caps: list[Cap], amount: int, *, today: date) -> None:
    """Count what has left the wallet for another citizen under caps on everything."""
    if caps:
        await store.count(connection, bucket, [(cap, amount, cap.period.start(today)) for cap in caps])
