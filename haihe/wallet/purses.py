"""Purses: money of a citizen that has a purpose (a meal subsidy, an insurance's personal account), and the funds that fill them.

A fund is money that its sponsor has paid in: every bucket has an account for it, which cannot be overdrawn. So customers' money
always equals the reserve, whoever gives or bears a share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.ledger import service as ledger
from haihe.ledger.model import (
    AccountFlag,
    AccountKind,
    Leg,
    NewAccount,
    Posting,
    Result,
    SystemAccount,
    TransferKind,
)
from haihe.wallet import purse_store as store
from haihe.wallet.purse_model import Fund, Grant, Holdings, Purse, Scheme

PUT_THERE = frozenset({Result.POSTED, Result.ALREADY_POSTED})


@dataclass(slots=True)
class Directory:
    """All funds and schemes in this process's memory."""

    funds: dict[int, Fund] = field(default_factory=dict)
    schemes: dict[int, Scheme] = field(default_factory=dict)
    scheme_keys: dict[str, Scheme] = field(default_factory=dict)
    fund_keys: dict[str, Fund] = field(default_factory=dict)


@dataclass(frozen=True)
class Purses:
    """The city's purses. `reload` fills the directory, at start and when the catalogue changed."""

    database: Database
    clock: Clock
    ids: Ids
    directory: Directory = field(default_factory=Directory)

    async def reload(self) -> None:
        """Read all funds and schemes anew."""
        async with self.database.connection() as connection:
            funds, schemes = await store.funds(connection), await store.schemes(connection)
        self.directory.funds = {fund.id: fund for fund in funds}
        self.directory.fund_keys = {fund.key: fund for fund in funds}
        self.directory.schemes = {scheme.id: scheme for scheme in schemes}
        self.directory.scheme_keys = {scheme.key: scheme for scheme in schemes}

    def scheme(self, key: str) -> Scheme:
        """Give a scheme that must exist, from memory. Raises `BrokenInvariantError`."""
        found = self.directory.scheme_keys.get(key)
        if found is None:
            raise BrokenInvariantError(f"scheme {key} is not in the directory")
        return found

    def fund(self, key: str) -> Fund:
        """Give a fund that must exist, from memory. Raises `BrokenInvariantError`."""
        found = self.directory.fund_keys.get(key)
        if found is None:
            raise BrokenInvariantError(f"fund {key} is not in the directory")
        return found

    async def found_fund(self, *, organisation: int, key: str, names: Mapping[str, str]) -> Fund:
        """Make a fund with an account in every bucket, or bring its names up to date. May be repeated and resumed."""
        known = self.directory.fund_keys.get(key)
        fund = Fund(known.id if known else self.ids.next(), organisation, key, names)
        async with self.database.transaction() as connection:
            await store.put_fund(connection, fund)
            await store.bump_catalogue(connection)
            buckets = await ledger.bucket_count(connection)
        await self.reload()
        fund = self.fund(key)
        for bucket in range(buckets):
            async with self.database.transaction() as connection:
                await ledger.open_accounts(connection, bucket, [_fund_account(fund)])
        return fund

    async def pay_in(self, fund: Fund, bucket: int, *, posting: int, amount: int, effective: datetime) -> None:
        """Write down that a sponsor's money came into the reserve, for one bucket; the same posting id does it once."""
        leg = Leg(SystemAccount.RESERVE, fund.id, amount, TransferKind.OPENING)
        await self._post(bucket, [Posting(posting, (leg,), effective, subject=fund.id)])

    async def found_scheme(self, *, key: str, names: Mapping[str, str], fund: Fund | None = None) -> Scheme:
        """Make a scheme, or bring its names up to date."""
        async with self.database.transaction() as connection:
            await store.put_scheme(connection, Scheme(0, key, names, fund.id if fund else 0))
            await store.bump_catalogue(connection)
        await self.reload()
        return self.scheme(key)

    async def open(self, scheme: Scheme, bucket: int, citizens: Sequence[int]) -> dict[int, int]:
        """Have a purse of a scheme for each of these citizens of one bucket; give the accounts by citizen."""
        accounts = self.ids.take(len(citizens))
        async with self.database.transaction() as connection:
            await store.put_purses(connection, bucket, scheme=scheme.id, citizens=citizens, accounts=accounts)
            there = await store.accounts_of(connection, bucket, scheme=scheme.id, citizens=citizens)
            new = [_purse_account(account, citizen) for citizen, account in there.items()]
            await ledger.open_accounts(connection, bucket, new)
        return there

    async def grant(self, scheme: Scheme, bucket: int, grants: Sequence[Grant], *, effective: datetime) -> None:
        """Put money of the scheme's fund into purses, which are opened if need be; each grant's id does it once, all or none."""
        if not grants:
            return
        accounts = await self.open(scheme, bucket, [one.citizen for one in grants])
        source = scheme.fund or int(SystemAccount.RESERVE)
        postings = [
            Posting(
                one.id,
                (Leg(source, accounts[one.citizen], one.amount, TransferKind.GRANT),),
                effective,
                subject=accounts[one.citizen],
            )
            for one in grants
        ]
        await self._post(bucket, postings)

    async def _post(self, bucket: int, postings: Sequence[Posting]) -> None:
        async with self.database.transaction() as connection:
            batch = await ledger.post(connection, bucket, postings, now=self.clock.now(), remember=False)
            refused = {one.result for one in batch.posted} - PUT_THERE
            if refused:
                raise BrokenInvariantError(f"money for purses of bucket {bucket} was refused: {refused}")

    async def of(self, *, citizen: int, bucket: int) -> list[Purse]:
        """Give a citizen's purses with what is left in them."""
        async with self.database.connection() as connection:
            return await store.purses_of(connection, bucket, [citizen])


async def holdings(
    connection: Connection, bucket: int, *, citizens: Sequence[int], accounts: Sequence[int]
) -> Holdings:
    """Read what a batch may draw on, in the caller's transaction: purses of citizens, other accounts (their wallets, funds)."""
    return await store.holdings(connection, bucket, citizens=citizens, accounts=accounts)


def build_purses(base: Foundation) -> Purses:
    """Put the purses together."""
    return Purses(base.database, base.clock, base.ids)


def _fund_account(fund: Fund) -> NewAccount:
    return NewAccount(fund.id, AccountKind.CITY_FUNDS, fund.organisation, AccountFlag.NO_OVERDRAFT)


def _purse_account(account: int, citizen: int) -> NewAccount:
    return NewAccount(account, AccountKind.PURSE, citizen, AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED)
