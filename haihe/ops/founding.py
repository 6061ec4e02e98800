"""Founding a city: its buckets, fixed for life, with the accounts that every bucket has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import psycopg

from haihe.base.ids import first_id_at
from haihe.base.money import CURRENCY_NUMBER
from haihe.ledger.model import AccountFlag, AccountKind, SystemAccount
from haihe.ops.partitions import ensure_partitions

if TYPE_CHECKING:
    from datetime import datetime

GENESIS: Final = bytes(32)
"""Where the hash chain of every bucket begins."""


def found_city(owner_dsn: str, *, buckets: int, now: datetime) -> None:
    """Make partitions, and at the first time the buckets with their system accounts; the second time changes nothing."""
    ensure_partitions(owner_dsn, now)
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("LOCK TABLE heads IN EXCLUSIVE MODE")
        row = connection.execute("SELECT count(*) FROM heads").fetchone()
        if row and row[0]:
            return
        for bucket in range(buckets):
            connection.execute(
                "INSERT INTO heads (bucket, batch, id_max, id_min, posted, hash) VALUES (%s, 0, 0, %s, %s, %s)",
                (bucket, first_id_at(month), now, GENESIS),
            )
            connection.execute("INSERT INTO outbox_heads VALUES (%s, 0)", (bucket,))
            _open_system_accounts(connection, bucket)


def _open_system_accounts(connection: psycopg.Connection, bucket: int) -> None:
    for account in SystemAccount:
        connection.execute(
            "INSERT INTO accounts (bucket, id, owner, flags, kind, currency) VALUES (%s, %s, 0, %s, %s, %s)",
            (bucket, int(account), int(_flags(account)), int(AccountKind[account.name]), CURRENCY_NUMBER),
        )


def _flags(account: SystemAccount) -> AccountFlag:
    """The city's own funds cannot be overdrawn; the others mirror the outside and may stand on either side."""
    return AccountFlag.NO_OVERDRAFT if account is SystemAccount.CITY_FUNDS else AccountFlag(0)
