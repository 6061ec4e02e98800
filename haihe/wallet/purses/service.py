"""Purses: money of a citizen that has a purpose (a meal subsidy, an insurance's personal account), and the funds that fill them.

A fund is money that its sponsor has paid in: every bucket has an account for it, which cannot be overdrawn. So customers' money
always equals the reserve, whoever gives or bears a share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

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
from haihe.wallet.purses import store
from haihe.wallet.purses.model import (
    Accepted,
    Applicable,
    Campaign,
    Directory,
    Fund,
    Grant,
    Met,
    Purse,
    Scheme,
    in_force,
)
from haihe.wallet.purses.rules import (
    accepted_schemes,
    applicable_campaigns,
    candidates_by_kind,
    check_campaign,
    check_scheme,
    lapses_at,
)
from haihe.wallet.purses.terms import CampaignTerms, SchemeTerms

PUT_THERE = frozenset({Result.POSTED, Result.ALREADY_POSTED})
EVERYWHERE = SchemeTerms()


class FundShortError(Exception):
    """A sponsor's fund has too little for what is to be granted; nothing was."""


@dataclass(frozen=True)
class Purses:
    """The city's purses and campaigns. `reload` fills the directory, at start and when the catalogue changed."""

    database: Database
    clock: Clock
    ids: Ids
    directory: Directory = field(default_factory=Directory)

    async def reload(self) -> None:
        """Read all funds, schemes and campaigns anew."""
        async with self.database.connection() as connection:
            funds, schemes = await store.funds(connection), await store.schemes(connection)
            campaigns, terms = await store.campaigns(connection), await store.terms(connection)
            members = await store.members(connection)
        directory = self.directory
        directory.funds = {fund.id: fund for fund in funds}
        directory.fund_keys = {fund.key: fund for fund in funds}
        directory.schemes = {scheme.id: scheme for scheme in schemes}
        directory.scheme_keys = {scheme.key: scheme for scheme in schemes}
        directory.campaigns = {campaign.id: campaign for campaign in campaigns}
        directory.members = members
        scheme_terms: dict[int, list[tuple[datetime, SchemeTerms]]] = defaultdict(list)
        campaign_terms: dict[int, list[tuple[datetime, CampaignTerms]]] = defaultdict(list)
        for programme, since, body in terms:
            if programme in directory.campaigns:
                campaign_terms[programme].append((since, msgspec.convert(body, CampaignTerms)))
            else:
                scheme_terms[programme].append((since, msgspec.convert(body, SchemeTerms)))
        directory.scheme_terms, directory.campaign_terms = dict(scheme_terms), dict(campaign_terms)
        directory.by_kind, directory.others = candidates_by_kind(directory)

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

    def terms(self, scheme: int) -> SchemeTerms:
        """Give the terms of a scheme that hold now."""
        return in_force(self.directory.scheme_terms.get(scheme, ()), self.clock.now()) or EVERYWHERE

    def schemes_of(self, organisation: int) -> list[Scheme]:
        """Give the schemes that an organisation's funds fill."""
        funds = self.directory.funds
        return [
            one
            for one in self.directory.schemes.values()
            if one.fund in funds and funds[one.fund].organisation == organisation
        ]

    async def given(self, organisation: int, *, period: str) -> tuple[int, int]:
        """Sum up what an organisation's schemes granted for a period: to how many, and fen."""
        async with self.database.connection() as connection:
            return await store.given(connection, [one.id for one in self.schemes_of(organisation)], period)

    def taking_part(
        self, met: Met, schemes: Sequence[int], campaigns: Sequence[int]
    ) -> tuple[tuple[Accepted, ...], tuple[Applicable, ...]]:
        """Choose of a payment's candidates the schemes whose purses it takes, by rank, and the campaigns that apply; from memory."""
        directory = self.directory
        return accepted_schemes(directory, schemes, met), applicable_campaigns(directory, campaigns, met)

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

    async def pay_in(
        self, fund: Fund, bucket: int, *, posting: int, amount: int, effective: datetime, period: str = ""
    ) -> None:
        """Write down that a sponsor's money came into the reserve, for one bucket; the same posting id or period does it once."""
        leg = Leg(SystemAccount.RESERVE, fund.id, amount, TransferKind.OPENING)
        async with self.database.transaction() as connection:
            if await store.put_pay_in(
                connection, bucket, fund=fund.id, posting=posting, amount=amount, period=period or str(posting)
            ):
                await self._post(connection, bucket, [Posting(posting, (leg,), effective, subject=fund.id)])

    async def pay_in_everywhere(self, fund: Fund, *, amount: int, period: str, effective: datetime) -> None:
        """Pay an amount into a fund in every bucket, once for a period."""
        if not amount:
            return
        async with self.database.connection() as connection:
            buckets = await ledger.bucket_count(connection)
        for bucket in range(buckets):
            posting = self.ids.next()
            await self.pay_in(fund, bucket, posting=posting, amount=amount, effective=effective, period=period)

    async def found_scheme(
        self, *, key: str, names: Mapping[str, str], fund: Fund | None = None, terms: SchemeTerms = EVERYWHERE
    ) -> Scheme:
        """Make a scheme, or bring its names up to date; other terms than the newest hold from now on. Raises `TermsFaultyError`."""
        check_scheme(terms, has_sponsor=fund is not None)
        async with self.database.transaction() as connection:
            await store.put_scheme(connection, Scheme(0, key, names, fund.id if fund else 0))
            number = next(one.id for one in await store.schemes(connection) if one.key == key)
            await store.put_terms(connection, number, msgspec.to_builtins(terms), self.clock.now())
            await store.bump_catalogue(connection)
        await self.reload()
        return self.scheme(key)

    async def found_campaign(self, fund: Fund, terms: CampaignTerms) -> Campaign:
        """Make a campaign whose budget is this fund; other terms than the newest hold from now on. Raises `TermsFaultyError`."""
        check_campaign(terms)
        campaign = Campaign(fund.id, fund.key)
        async with self.database.transaction() as connection:
            await store.put_campaign(connection, campaign)
            await store.put_terms(connection, campaign.id, msgspec.to_builtins(terms), self.clock.now())
            await store.bump_catalogue(connection)
        await self.reload()
        return campaign

    async def enrol(self, campaign: Campaign, citizens: Mapping[int, int]) -> None:
        """Add citizens, with their buckets, to those that a campaign is for."""
        async with self.database.transaction() as connection:
            if citizens and await store.put_members(connection, campaign.id, citizens):
                await store.bump_catalogue(connection)
        await self.reload()

    async def open(self, scheme: Scheme, bucket: int, citizens: Sequence[int]) -> dict[int, int]:
        """Have a purse of a scheme for each of these citizens of one bucket; give the accounts by citizen."""
        accounts = self.ids.take(len(citizens))
        async with self.database.transaction() as connection:
            await store.put_purses(connection, bucket, scheme=scheme.id, citizens=citizens, accounts=accounts)
            there = await store.accounts_of(connection, bucket, scheme=scheme.id, citizens=citizens)
            new = [_purse_account(account, citizen) for citizen, account in there.items()]
            await ledger.open_accounts(connection, bucket, new)
        return there

    async def grant(self, scheme: Scheme, bucket: int, grants: Sequence[Grant], *, effective: datetime) -> int:
        """Put money of the scheme's fund into purses, which are opened if need be; all or none, and each once for its id or period.

        It lapses as the scheme's terms say at `effective`. Gives how many were new; raises `FundShortError`.
        """
        if not grants:
            return 0
        accounts = await self.open(scheme, bucket, [one.citizen for one in grants])
        source = scheme.fund or int(SystemAccount.RESERVE)
        terms = in_force(self.directory.scheme_terms.get(scheme.id, ()), effective) or EVERYWHERE
        async with self.database.transaction() as connection:
            new = await store.put_grants(
                connection, bucket, scheme=scheme.id, grants=grants, lapses_at=lapses_at(terms.lapse, effective)
            )
            postings = [
                Posting(
                    one.id,
                    (Leg(source, accounts[one.citizen], one.amount, TransferKind.GRANT),),
                    effective,
                    subject=accounts[one.citizen],
                )
                for one in grants
                if one.id in new
            ]
            if postings:
                await self._post(connection, bucket, postings)
        return len(postings)

    async def grant_once(
        self, scheme: Scheme, amounts: Mapping[int, tuple[int, int]], *, period: str, effective: datetime
    ) -> int:
        """Grant citizens what they do not have yet for a period: bucket and fen by citizen. Gives how many were new."""
        by_bucket: dict[int, dict[int, int]] = defaultdict(dict)
        for citizen, (bucket, amount) in amounts.items():
            by_bucket[bucket][citizen] = amount
        new = 0
        for bucket, wanted in sorted(by_bucket.items()):
            async with self.database.connection() as connection:
                there = await store.granted(connection, bucket, scheme=scheme.id, period=period)
            missing = [(citizen, amount) for citizen, amount in wanted.items() if citizen not in there]
            ids = self.ids.take(len(missing)) if missing else []
            grants = [
                Grant(identity, citizen, amount, period)
                for identity, (citizen, amount) in zip(ids, missing, strict=True)
            ]
            new += await self.grant(scheme, bucket, grants, effective=effective)
        return new

    async def _post(self, connection: Connection, bucket: int, postings: Sequence[Posting]) -> None:
        batch = await ledger.post(connection, bucket, postings, now=self.clock.now(), remember=False)
        refused = {one.result for one in batch.posted} - PUT_THERE
        if Result.INSUFFICIENT_FUNDS in refused:
            raise FundShortError(f"a fund of bucket {bucket} has too little")
        if refused:
            raise BrokenInvariantError(f"money for purses of bucket {bucket} was refused: {refused}")

    async def of(self, *, citizen: int, bucket: int) -> list[Purse]:
        """Give a citizen's purses with what may be spent of them."""
        async with self.database.connection() as connection:
            return await store.purses_of(connection, bucket, [citizen], self.clock.now())


def build_purses(base: Foundation) -> Purses:
    """Put the purses together."""
    return Purses(base.database, base.clock, base.ids)


def _fund_account(fund: Fund) -> NewAccount:
    return NewAccount(fund.id, AccountKind.CITY_FUNDS, fund.organisation, AccountFlag.NO_OVERDRAFT)


def _purse_account(account: int, citizen: int) -> NewAccount:
    return NewAccount(account, AccountKind.PURSE, citizen, AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED)
