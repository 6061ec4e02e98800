"""Every service of one process, wired together: from here on nobody makes services any more."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from haihe.base.batching import Gatherer
from haihe.base.clock import SystemClock
from haihe.base.database import Database, make_database, opened
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.notes import city_signer
from haihe.base.revocations import Revocations
from haihe.base.tokens import Tokens
from haihe.base.vault import city_vault
from haihe.codes.model import Sticker
from haihe.codes.payment_codes import PaymentCodes
from haihe.counter.branch import Branch, Ground, make_ground, trades_of
from haihe.counter.screen import Screens
from haihe.counter.surnames import Surnames
from haihe.ledger.seal.sealer import Sealer
from haihe.ledger.statements.bookkeeper import Bookkeeper
from haihe.ledger.statements.service import Statements
from haihe.notices.service import Notices, build_notices
from haihe.ops.city import Context
from haihe.ops.demo_data import TIANJIN
from haihe.ops.offices import MakeBranch
from haihe.organisations.staffing import Staffing, build_staffing
from haihe.outside.bank import HttpBank
from haihe.outside.http import Outside, make_outside
from haihe.outside.offices import HttpOffices
from haihe.outside.phone_operator import HttpPhoneOperator
from haihe.outside.registry import HttpRegistry
from haihe.outside.sms import SmsFile
from haihe.payments.desk.reversals import CashReversals
from haihe.payments.engine import Engine, Order
from haihe.payments.family.page_parts import House as FamilyHouse
from haihe.payments.family.part import build_house
from haihe.payments.family.relatives import Relatives
from haihe.payments.model import Payment
from haihe.payments.money_ways import MoneyWays, build_money_ways
from haihe.payments.paper.service import build_paper_cards
from haihe.payments.refunds.approval import RefundApproval
from haihe.payments.refunds.service import Refunds, build_refunds
from haihe.payments.service import Payments
from haihe.payments.tail import Tail
from haihe.payments.tallies import Tallies
from haihe.people.checks.service import Identities, build_identities
from haihe.people.model import PeopleRules
from haihe.people.safeguards import Safeguards, build_safeguards
from haihe.people.service import build_people
from haihe.settlement.fees import read_fees
from haihe.settlement.service import Settlements, build_settlements
from haihe.wallet.model import WalletRules
from haihe.wallet.sending.service import Sendings, build_sendings
from haihe.wallet.service import Wallets, build_wallets

FLIGHTS_MAX: Final = max(1, (os.cpu_count() or 1) // 2)
"""Batches in flight at once over all buckets: half the cores."""
PEOPLE_RULES: Final = PeopleRules(codes_shown=True)
FIXED_PAYEES: Final = frozenset({"bill"})
"""Kinds of what is owed to one payee again and again: a card pays them without a further check (43/2015, Art. 23: utilities)."""


@dataclass(frozen=True)
class House:
    """Every service of one process, wired together."""

    ground: Ground
    till: Database
    """The connections on which batches fly, apart from those that pages read with."""
    branches: Sequence[Branch]
    bank: HttpBank
    wallets: Wallets
    identities: Identities
    safeguards: Safeguards
    sendings: Sendings
    family: FamilyHouse
    settlements: Settlements
    codes: PaymentCodes
    payments: Payments
    refunds: Refunds
    tail: Tail
    tallies: Tallies
    sealer: Sealer
    staffing: Staffing
    notices: Notices
    statements: Statements
    screens: Screens
    outside: tuple[Outside, ...]

    @property
    def base(self) -> Foundation:
        """Database, clock, ids and keys."""
        return self.ground.base

    @cached_property
    def money_ways(self) -> MoneyWays:
        """Withdrawals, automatic top-ups, payments by card, and what the bank's statement settles."""
        return build_money_ways(
            self.base, wallets=self.wallets, payments=self.payments, bank=self.bank, fixed_payees=FIXED_PAYEES
        )

    async def reload(self) -> None:
        """Read everything anew that is kept in memory of the catalogue."""
        await self.ground.reload()
        for branch in self.branches:
            await branch.reload()
        await self.ground.stickers.reload()


def furnish(context: Context, node: int, sectors: Sequence[MakeBranch]) -> House:
    """Wire every service; nothing is opened yet."""
    database, till = make_database(context.app_dsn), make_database(context.app_dsn, connections_max=FLIGHTS_MAX)
    clock, secrets = SystemClock(), context.secrets
    tokens = Tokens(secrets.token_key)
    vault = city_vault(secrets)
    base = Foundation(database, clock, Ids(clock, node=node), vault, tokens, Revocations(database))
    sms = SmsFile(context.home.sms, clock)
    outside = {name: make_outside(address) for name, address in context.services.items()}
    bank, registry, offices = (
        HttpBank(outside["bank"]),
        HttpRegistry(outside["registry"]),
        HttpOffices(outside["records"]),
    )
    citizens = build_people(
        base,
        registry=registry,
        operator=HttpPhoneOperator(outside["phones"]),
        offices=offices,
        clearing=offices,
        sms=sms,
        settings=PEOPLE_RULES,
        demo=registry,
    )
    branches: list[Branch] = []

    async def learn(sticker: Sticker) -> None:
        if sticker.organisation not in ground.organisations.directory.by_id:
            await ground.reload()
        for branch in branches:
            await branch.learn(sticker)

    ground = make_ground(base, citizens, base_url=context.settings.base_url, learn=learn)
    branches += [make(ground) for make in sectors]
    tail = Tail(database)

    def told(bucket: int, payments: Sequence[Payment]) -> None:
        for branch in branches:
            branch.remember(bucket, payments)
        tail.deliver(bucket, payments)

    engine = Engine(till, clock, base.ids, told)
    gatherer: Gatherer[Order, Payment] = Gatherer(engine.run, flights_max=FLIGHTS_MAX)
    trades = trades_of(branches)
    counters = {kind: one for branch in branches for kind, one in branch.counters.items()}
    codes = PaymentCodes(database, clock)
    sendings = build_sendings(base, people=citizens, limits=WalletRules())
    wallets = build_wallets(base, people=citizens, bank=bank, limits=WalletRules(), demo=bank)
    refunds = build_refunds(database, clock, base.ids, trades, tail.deliver)
    house = House(
        ground=ground,
        till=till,
        branches=branches,
        bank=bank,
        wallets=wallets,
        identities=build_identities(base, people=citizens, cards=wallets.cards),
        safeguards=build_safeguards(base, citizens, base_url=context.settings.base_url),
        sendings=sendings,
        family=build_house(base, people=citizens, sendings=sendings),
        settlements=build_settlements(
            base,
            organisations=ground.organisations,
            bank=bank,
            fees=read_fees(TIANJIN),
            signer=city_signer(secrets.seal_key),
            demo=bank,
        ),
        codes=codes,
        payments=Payments(
            database=database,
            clock=clock,
            stickers=ground.stickers,
            codes=codes,
            papers=build_paper_cards(base),
            organisations=ground.organisations,
            purses=ground.purses,
            dues=ground.dues,
            sectors=trades,
            gatherer=gatherer,
            confirmations=base.confirmations,
            teller=sendings,
            relatives=Relatives(citizens),
        ),
        refunds=refunds,
        tail=tail,
        tallies=Tallies(database, clock, ground.dues),
        sealer=Sealer(database, clock, city_signer(secrets.seal_key)),
        staffing=build_staffing(
            base,
            ground.organisations,
            signer=city_signer(secrets.seal_key),
            kinds=[RefundApproval(refunds).kind(), CashReversals(base).kind()],
        ),
        notices=build_notices(base, people=citizens, organisations=ground.organisations, sms=sms),
        statements=Statements(database, clock, Bookkeeper(database)),
        screens=Screens(database, clock, tail, counters, Surnames(citizens)),
        outside=tuple(outside.values()),
    )
    tail.on_catalogue(house.reload)
    return house


@asynccontextmanager
async def opened_house(house: House) -> AsyncIterator[House]:
    """Open a house's databases and fill its memory."""
    async with AsyncExitStack() as stack:
        for way in house.outside:
            await stack.enter_async_context(way.client)
        await stack.enter_async_context(opened(house.base.database))
        await stack.enter_async_context(opened(house.till))
        await house.base.revocations.refresh()
        await house.reload()
        yield house
