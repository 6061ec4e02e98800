"""A small bucket of people for the ledger's examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from haihe.base.clock import SystemClock
from haihe.base.database import Database
from haihe.base.ids import Ids
from haihe.ledger import service as ledger
from haihe.ledger.model import (
    AccountFlag,
    AccountKind,
    Batch,
    Leg,
    NewAccount,
    Posting,
    SystemAccount,
    TransferKind,
)

BUCKET = 2
LI, WANG, BUS, SPONSOR = 1000, 1001, 2000, 3000
CITIZEN = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED


@dataclass
class Books:
    """The bucket with its people, and short words for what examples do."""

    database: Database
    ids: Ids

    def posting(self, *legs: tuple[int, int, int], identity: int | None = None, subject: int | None = None) -> Posting:
        made = tuple(Leg(debit, credit, amount, TransferKind.PAYMENT) for debit, credit, amount in legs)
        return Posting(identity or self.ids.next(), made, NOW, subject=subject or made[0].debit)

    async def post(self, *postings: Posting, bucket: int = BUCKET) -> Batch:
        async with self.database.transaction() as connection:
            return await ledger.post(connection, bucket, postings, now=datetime.now(UTC))

    async def balances(self, *accounts: int) -> list[int]:
        async with self.database.connection() as connection:
            found = await ledger.balances(connection, BUCKET, accounts)
        return [found[account] for account in accounts]

    async def open(self, accounts: Sequence[NewAccount]) -> None:
        async with self.database.transaction() as connection:
            await ledger.open_accounts(connection, BUCKET, accounts)


NOW = datetime.now(UTC)


@pytest.fixture
async def books(database_pool: Database) -> Books:
    """Li has 100 yuan, Wang has 5, the bus company and a sponsor have nothing."""
    found = Books(database_pool, Ids(SystemClock(), node=7))
    await found.open(
        [
            NewAccount(LI, AccountKind.WALLET, LI, CITIZEN),
            NewAccount(WANG, AccountKind.WALLET, WANG, CITIZEN),
            NewAccount(BUS, AccountKind.TILL, BUS, AccountFlag.NO_OVERDRAFT),
            NewAccount(SPONSOR, AccountKind.CLAIMS, SPONSOR),
        ]
    )
    await found.post(
        found.posting((SystemAccount.RESERVE, LI, 100_00), subject=LI),
        found.posting((SystemAccount.RESERVE, WANG, 5_00), subject=WANG),
    )
    return found
