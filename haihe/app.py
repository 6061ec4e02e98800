"""The composition root: the only file that knows every part."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from haihe import city, counter, home, notices, organisations, people, settlement, wallet
from haihe.base.batching import Gatherer
from haihe.base.clock import SystemClock
from haihe.base.database import LOST, Database, claimed_node, make_database, opened
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.jobs import running_jobs
from haihe.base.notes import city_signer
from haihe.base.revocations import Revocations
from haihe.base.throttle import Limits
from haihe.base.tokens import Tokens
from haihe.base.vault import city_vault
from haihe.city.service import build_city
from haihe.codes.model import Sticker
from haihe.codes.payment_codes import PaymentCodes
from haihe.counter.branch import Branch, Ground, make_ground, service_links_of, trades_of
from haihe.counter.screen import Screens
from haihe.counter.surnames import Surnames
from haihe.ledger import holds
from haihe.ledger.seal.sealer import Sealer
from haihe.ledger.statements.bookkeeper import Bookkeeper
from haihe.ledger.statements.service import Statements
from haihe.notices.service import Notices, build_notices
from haihe.ops import health, importing, plug
from haihe.ops.city import ASGIApp, City, Context, Service
from haihe.ops.cli import command_line
from haihe.ops.commands import bench, keys, proof, settle
from haihe.ops.demo import prepare_demo
from haihe.ops.demo_data import TIANJIN
from haihe.ops.founding import found_city
from haihe.ops.offices import MakeBranch
from haihe.ops.partitions import ensure_partitions
from haihe.ops.plug.service import Plug
from haihe.organisations.console import Console
from haihe.organisations.service import Organisations
from haihe.organisations.staffing import PAGES as STAFF_PAGES, Staffing, build_staffing
from haihe.outside.bank import HttpBank
from haihe.outside.http import Outside, make_outside
from haihe.outside.offices import HttpOffices
from haihe.outside.phone_operator import HttpPhoneOperator
from haihe.outside.registry import HttpRegistry
from haihe.outside.sms import SmsFile
from haihe.payments import benefit_pages, proof_api, today_pages
from haihe.payments.books import pages as book_pages, transfer_pages
from haihe.payments.books.part import part as books_part
from haihe.payments.desk import pages as desk_pages
from haihe.payments.desk.reversals import CashReversals
from haihe.payments.desk.service import build_desk
from haihe.payments.engine import Engine, Order
from haihe.payments.family import part as family_part
from haihe.payments.family.page_parts import House as FamilyHouse
from haihe.payments.family.part import build_house
from haihe.payments.family.relatives import Relatives
from haihe.payments.model import Payment
from haihe.payments.money_ways import MoneyWays, build_money_ways
from haihe.payments.paper import pages as paper_pages
from haihe.payments.paper.service import build_paper_cards
from haihe.payments.part import part as payments_part
from haihe.payments.refunds import jobs as refund_jobs, pages as refund_pages
from haihe.payments.refunds.approval import RefundApproval
from haihe.payments.refunds.service import Refunds, build_refunds
from haihe.payments.service import Payments
from haihe.payments.tail import Tail
from haihe.payments.tallies import Tallies
from haihe.people import display, privacy, safeguards
from haihe.people.checks.part import part as checks_part
from haihe.people.checks.service import Identities, build_identities
from haihe.people.model import PeopleRules
from haihe.people.safeguards import Safeguards, build_safeguards
from haihe.people.service import People, build_people
from haihe.sectors import campus, education, health as healthcare, retail, social, transit, utilities
from haihe.settlement.fees import read_fees
from haihe.settlement.service import Settlements, build_settlements
from haihe.wallet import sending
from haihe.wallet.limits.part import part as limits_part
from haihe.wallet.limits.service import build_allowances
from haihe.wallet.model import WalletRules
from haihe.wallet.purses import evening, lapsing
from haihe.wallet.sending.service import Sendings, build_sendings
from haihe.wallet.service import Wallets, build_wallets
from haihe.web.assembly import assemble
from haihe.web.guards import Renewal, Staff, Viewer
from haihe.web.part import Part

FLIGHTS_MAX: Final = max(1, (os.cpu_count() or 1) // 2)
"""Batches in flight at once over all buckets: half the cores."""
PARTITIONS_EVERY_S: Final = 3600
PEOPLE_RULES: Final = PeopleRules(codes_shown=True)
LIMITS: Final = Limits(spare_loopback=True)
FIXED_PAYEES: Final = frozenset({"bill"})
"""Kinds of what is owed to one payee again and again: a card pays them without a further check (43/2015, Art. 23: utilities)."""
SECTORS: Final[tuple[MakeBranch, ...]] = (
    transit.branch,
    utilities.branch,
    campus.branch,
    healthcare.branch,
    education.branch,
    social.branch,
    retail.branch,
)
"""Every sector of the city: its folder's `branch`."""


@dataclass(frozen=True)
class Door:
    """Knows whose a token is: citizens' by `people`, staff's by `organisations`."""

    people: People
    organisations: Organisations

    async def viewer(self, token: str) -> Viewer:
        """Tell which citizen a token belongs to."""
        return await self.people.sessions.viewer(token)

    async def renewed(self, token: str) -> Renewal | None:
        """Let a citizen's aging session go on."""
        return await self.people.devices.renewed(token)

    async def staff(self, token: str) -> Staff:
        """Tell which member of staff a token belongs to."""
        return await self.organisations.staff(token)


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


def furnish(context: Context, node: int, sectors: Sequence[MakeBranch] = SECTORS) -> House:
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


def parts_of(house: House, door: Door, console: Console, *, city_url: str) -> list[Part]:
    """List everything that the web application is made of."""
    ground = house.ground
    tiles = [tile for branch in house.branches for tile in branch.part.tiles]
    parts = [
        health.part(house.base.database),
        people.part(ground.people, limits=LIMITS),
        organisations.part(ground.organisations, console),
        *house.staffing.parts(),
        *safeguards.parts(house.safeguards),
        checks_part(house.identities),
        wallet.part(house.wallets),
        limits_part(build_allowances(house.base, identities=house.identities)),
        sending.part(house.sendings),
        family_part.part(house.family),
        display.part(),
        settlement.part(house.settlements),
        payments_part(house.payments, door, LIMITS),
        *house.money_ways.parts(),
        proof_api.part(house.sealer),
        today_pages.part(house.tallies),
        books_part(house.statements),
        transfer_pages.part(),
        benefit_pages.part(),
        refund_pages.part(house.refunds),
        paper_pages.part(house.payments.papers),
        desk_pages.part(
            build_desk(ground.base, ground.people, cards=house.wallets.cards, papers=house.payments.papers)
        ),
        counter.part(ground, house.screens),
        *(branch.part for branch in house.branches),
        city.part(
            build_city(
                house.base.database,
                house.base.clock,
                house.tallies,
                list(house.payments.sectors.values()),
                folder=TIANJIN,
            )
        ),
        notices.part(house.notices),
        home.part(
            tiles=tiles,
            city_url=city_url,
            service_links=service_links_of(house.branches),
            unread=house.notices.unread,
        ),
    ]
    return [*parts, privacy.part(house.base, ground.people, parts=parts, name_of=house.notices.name_of)]


def build(context: Context) -> ASGIApp:
    """Put the city's web application together."""
    holding = ExitStack()
    house = furnish(context, holding.enter_context(claimed_node(context.app_dsn)))
    door = Door(house.ground.people, house.ground.organisations)
    plugs = plugs_of(house, context)
    pages = [
        today_pages.PAGE,
        book_pages.PAGE,
        benefit_pages.PAGE,
        refund_pages.PAGE,
        *desk_pages.PAGES,
        *STAFF_PAGES,
        *settlement.PAGES,
        *(plug.PAGE for _ in plugs),
        *(page for branch in house.branches for page in branch.console_pages),
    ]
    console = Console(house.ground.organisations, pages)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(holding.close)
            await stack.enter_async_context(opened_house(house))
            await stack.enter_async_context(house.base.revocations.watching())
            await stack.enter_async_context(in_background(house.tail.run()))
            await stack.enter_async_context(in_background(house.tallies.run()))
            await stack.enter_async_context(in_background(house.ground.people.devices.keep_seen()))
            await stack.enter_async_context(in_background(house.sealer.run()))
            await stack.enter_async_context(in_background(house.staffing.sealer.run()))
            await stack.enter_async_context(in_background(house.notices.run()))
            await stack.enter_async_context(in_background(house.statements.bookkeeper.run()))
            periodic = [
                *holds.jobs(house.base),
                *wallet.jobs(house.wallets),
                *house.money_ways.jobs(),
                *lapsing.jobs(house.ground.purses),
                *evening.jobs(house.ground.purses),
                *sending.jobs(house.sendings),
                *family_part.jobs(house.family),
                *settlement.jobs(house.settlements),
                *people.jobs(house.ground.people),
                *safeguards.jobs(house.safeguards),
                *organisations.jobs(house.ground.organisations),
                *notices.jobs(house.notices),
                *refund_jobs(house.refunds),
                *counter.jobs(house.codes),
                *(job for branch in house.branches for job in branch.jobs),
            ]
            await stack.enter_async_context(running_jobs(context.app_dsn, periodic))
            await stack.enter_async_context(in_background(keep_partitions(context)))
            for one in plugs:
                stack.push_async_callback(one.end)
            spare_collector()
            yield

    application = assemble(
        [*parts_of(house, door, console, city_url=context.settings.base_url), *map(plug.part, plugs)],
        doorkeeper=door,
        console_menu=console.menu,
        form_key=context.secrets.token_key.hex(),
        leaving=context.leaving,
        https=context.settings.base_url.startswith("https"),
        lifespan=[lifespan],
    )
    for one in plugs:
        one.application = application
    return application


def plugs_of(house: House, context: Context) -> list[Plug]:
    """Give the city a plug to pull where it has a database of its own; somebody else's server is not ours to kill."""
    if context.settings.database is not None:
        return []
    key = city_signer(context.secrets.seal_key).verifier_key
    return [Plug(house.base, house.ground.people, context.home, context.owner_dsn, key)]


def spare_collector() -> None:
    """Take what was loaded at the start out of the garbage collector's rounds: walking it took 0.1 s about once a second under load."""
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do endless work as long as the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def keep_partitions(context: Context) -> None:
    """Make the partitions of coming months and days as long as the city runs; only this and migrations use the owner's role."""
    while True:
        await asyncio.sleep(PARTITIONS_EVERY_S)
        with suppress(*LOST):
            await asyncio.to_thread(ensure_partitions, context.owner_dsn, SystemClock().now())


async def prepare(context: Context) -> None:
    """Found the city where it is not yet, then the demo in it."""
    found_city(context.owner_dsn, buckets=context.settings.buckets, now=SystemClock().now())
    await prepare_demo(context, SECTORS)


CITY: Final = City(
    build=build,
    prepare=prepare,
    sectors=SECTORS,
    services=(
        Service(
            name="bank", module="demo.services.bank", arguments=("--port", "{port}", "--state", "{folder}/bank.sqlite")
        ),
        Service(
            name="registry",
            module="demo.services.registry",
            arguments=("--port", "{port}", "--state", "{folder}/registry.sqlite"),
        ),
        Service(
            name="phones",
            module="demo.services.phones",
            arguments=("--port", "{port}", "--state", "{folder}/phones.sqlite"),
        ),
        Service(
            name="records",
            module="demo.services.records",
            arguments=("--port", "{port}", "--state", "{folder}/records.sqlite"),
        ),
    ),
)


def main() -> None:
    """Run the command line."""
    command_line(CITY, importing.register, proof.register, keys.register, settle.register, bench.register)(
        prog_name="haihe"
    )
