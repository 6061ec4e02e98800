"""What a batch of payments may draw on, and what it drew: read and counted in the payments' transaction, under the bucket's lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from haihe.base.clock import service_day
from haihe.base.database import Connection
from haihe.ledger.model import AccountFlag
from haihe.wallet.purses import drawing_store as store, store as purses
from haihe.wallet.purses.model import Holdings


@dataclass(frozen=True, slots=True)
class Wish:
    """What payments of one batch may draw on: their payers, each with the moment of paying, other accounts, and programmes with caps."""

    payers: Mapping[int, datetime]
    accounts: Sequence[int]
    programmes: Sequence[int] = ()


async def holdings(connection: Connection, bucket: int, wish: Wish) -> Holdings:
    """Read what a batch may draw on, in the caller's transaction: at most three statements, in one trip where they travel together.

    What lapses is seen from the last of the moments.
    """
    payers = list(wish.payers)
    asked_purses = await purses.ask_purses(connection, bucket, payers, max(wish.payers.values()))
    asked_money = await store.ask_money(connection, bucket, [*payers, *wish.accounts])
    days: dict[int, date] = {payer: service_day(at) for payer, at in wish.payers.items()}
    asked_uses = await store.ask_uses(connection, bucket, days, wish.programmes) if wish.programmes else None
    found = Holdings()
    for purse in await purses.read_purses(asked_purses):
        found.purses[purse.citizen, purse.scheme] = purse
    for account, amount, flags in await asked_money.fetchall():
        found.amounts[account] = amount
        found.flags[account] = AccountFlag(flags)
    if asked_uses is not None:
        found.used = await store.read_uses(asked_uses)
    return found


async def count_uses(connection: Connection, bucket: int, uses: Sequence[tuple[int, int, datetime, int]]) -> None:
    """Count uses of (citizen, scheme's number or campaign's id, moment of paying, fen), in the payment's transaction."""
    if uses:
        days = [(citizen, programme, service_day(at), amount) for citizen, programme, at, amount in uses]
        await store.add_uses(connection, bucket, days)
