"""SQL of the demo's past: whether it was begun and ended, and what each wallet is given for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from haihe.base.database import Connection, one

BEGUN = "past"
ENDED = "past ended"


@dataclass(frozen=True, slots=True)
class Money:
    """What a citizen's wallet is given to pay the past with: fen, under this posting."""

    citizen: int
    bucket: int
    posting: int
    amount: int


async def begin(connection: Connection, mark: str) -> str:
    """Write down which past is being made, unless one was begun before; give the mark of that which is."""
    await connection.execute(
        "INSERT INTO city (name, value) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING", (BEGUN, mark)
    )
    cursor = await connection.execute("SELECT value FROM city WHERE name = %s", (BEGUN,))
    return str(one(await cursor.fetchone())[0])


async def has_ended(connection: Connection) -> bool:
    """Tell whether the past was made to its end."""
    cursor = await connection.execute("SELECT 1 FROM city WHERE name = %s", (ENDED,))
    return await cursor.fetchone() is not None


async def end(connection: Connection, payments: int) -> None:
    """Write down that the past was made to its end."""
    await connection.execute(
        "INSERT INTO city (name, value) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING", (ENDED, str(payments))
    )


async def put_money(connection: Connection, wished: Sequence[Money]) -> list[Money]:
    """Write down what wallets are given; what was written before stays. Give all that is written for these citizens."""
    await connection.execute(
        """
        INSERT INTO past_money (citizen, bucket, posting, amount)
        SELECT * FROM unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::bigint[])
        ON CONFLICT (citizen) DO NOTHING
        """,
        (
            [one.citizen for one in wished],
            [one.bucket for one in wished],
            [one.posting for one in wished],
            [one.amount for one in wished],
        ),
    )
    cursor = await connection.execute(
        "SELECT citizen, bucket, posting, amount FROM past_money WHERE citizen = ANY(%s) ORDER BY posting",
        ([one.citizen for one in wished],),
    )
    return [Money(*row) for row in await cursor.fetchall()]
