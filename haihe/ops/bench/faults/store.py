"""SQL of the fault runner: what there is to pay, and what the ledger says at the end of a round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg.rows import class_row

from haihe.base.database import one
from haihe.codes.model import Sticker
from haihe.ledger.model import AccountKind, TransferKind

if TYPE_CHECKING:
    import psycopg

    from haihe.base.database import Connection

MEMORANDUM: Final = (int(AccountKind.REFUNDABLE), int(AccountKind.REFUNDABLE_ALL))


async def stickers(connection: Connection) -> list[Sticker]:
    """Give every sticker in use, in an order that depends on nothing but their founding."""
    async with connection.cursor(row_factory=class_row(Sticker)) as cursor:
        await cursor.execute(
            "SELECT code, kind, point, organisation, made, revoked FROM stickers WHERE revoked IS NULL ORDER BY kind, point, code"
        )
        return await cursor.fetchall()


def balances(connection: psycopg.Connection) -> dict[tuple[int, int], int]:
    """Read what every account of every bucket can spend, without those that count no money."""
    rows = connection.execute(
        "SELECT bucket, id, credits_posted - debits_posted - debits_pending FROM accounts WHERE kind <> ALL(%s)",
        (list(MEMORANDUM),),
    )
    return {(bucket, account): balance for bucket, account, balance in rows}


def transfers(connection: psycopg.Connection) -> int:
    """Count the transfers of money."""
    row = connection.execute(
        "SELECT count(*) FROM transfers WHERE kind <> %s", (int(TransferKind.REFUNDABLE),)
    ).fetchone()
    return int(row[0]) if row else 0


async def amount_of(connection: Connection, bucket: int, transfer: int) -> int:
    """Read what a transfer moved, in fen."""
    cursor = await connection.execute("SELECT amount FROM transfers WHERE bucket = %s AND id = %s", (bucket, transfer))
    return int(one(await cursor.fetchone())[0])
