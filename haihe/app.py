"""The composition root: the only file that knows every part."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from haihe import city, counter, home, organisations, people, settlement, wallet
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
from haihe.base.vault import Vault
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
from haihe.ops import health, importing, plug
from haihe.ops.city import ASGIApp, City, Context, Service
from haihe.ops.cli import command_line
from haihe.ops.commands import bench, proof, settle
from haihe.ops.demo import prepare_demo
from haihe.ops.demo_data import TIANJIN
from haihe.ops.founding import found_city
from haihe.ops.offices import MakeBranch
from haihe.ops.partitions import ensure_partitions
from haihe.ops.plug.service import Plug
from haihe.organisations.console import Console
from haihe.organisations.service import Organisations
from haihe.outside.bank import HttpBank
from haihe.outside.http import Outside, make_outside
from haihe.outside.registry import HttpRegistry
from haihe.outside.sms import SmsFile
from haihe.payments import benefit_pages, proof_api, today_pages
from haihe.payments.books import pages as book_pages, transfer_pages
from haihe.payments.books.part import part as books_part
from haihe.payments.engine import Engine, Order
from haihe.payments.model import Payment
from haihe.payments.part import part as payments_part
from haihe.payments.refunds import jobs as refund_jobs, pages as refund_pages
from haihe.payments.refunds.service import Refunds, build_refunds
from haihe.payments.service import Payments
from haihe.payments.tail import Tail
from haihe.payments.tallies import Tallies
from haihe.people.model import PeopleRules
from haihe.people.service import People, build_people
from haihe.sectors import campus, education, health as healthcare, retail, social, transit, utilities
from haihe.settlement.fees import read_fees
from haihe.settlement.service import Settlements, build_settlements
from haihe.wallet import sending
from haihe.wallet.model import WalletRules
from haihe.wallet.purses import evening, lapsing
from haihe.wallet.sending.service import Sendings, build_sendings
from haihe.wallet.service import Wallets, build_wallets
from haihe.web.assembly import assemble
from haihe.web.guards import Staff, Viewer
from haihe.web.part import Part

FLIGHTS_MAX: Final = max(1, (os.cpu_count() or 1) // 2)
"""Batches in flight at once over all buckets: half the cores."""
PARTITIONS_EVERY_S: Final = 3600
PEOPLE_RULES: Final = PeopleRules(codes_shown=True)
LIMITS: Final = Limits(spare_loopback=True)
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
    wallets: Wallets
    sendings: Sendings
    settlements: Settlements
    codes: PaymentCodes
    payments: Payments
    refunds: Refunds
    tail: Tail
    tallies: Tallies
    sealer: Sealer
    statements: Statements
    screens: Screens
    outside: tuple[Outside, ...]

    @property
    def base(self) -> Foundation:
        """Database, clock, ids and keys."""
        return self.ground.base

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
    vault = Vault(vault_key=secrets.vault_key, search_key=secrets.search_key)
    base = Foundation(database, clock, Ids(clock, node=node), vault, tokens, Revocations(database))
    to_bank, to_registry = make_outside(context.services["bank"]), make_outside(context.services["registry"])
    bank, registry = HttpBank(to_bank), HttpRegistry(to_registry)
    citizens = build_people(
        base, registry=registry, sms=SmsFile(context.home.sms, clock), settings=PEOPLE_RULES, demo=registry
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
    house = House(
        ground=ground,
        till=till,
        branches=branches,
        wallets=build_wallets(base, people=citizens, bank=bank, limits=WalletRules(), demo=bank),
        sendings=sendings,
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
            organisations=ground.organisations,
            purses=ground.purses,
            dues=ground.dues,
            sectors=trades,
            gatherer=gatherer,
            confirmations=base.confirmations,
            teller=sendings,
        ),
        refunds=build_refunds(database, clock, base.ids, trades, tail.deliver),
        tail=tail,
        tallies=Tallies(database, clock, ground.dues),
        sealer=Sealer(database, clock, city_signer(secrets.seal_key)),
        statements=Statements(database, clock, Bookkeeper(database)),
        screens=Screens(database, clock, tail, counters, Surnames(citizens)),
        outside=(to_bank, to_registry),
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
    return [
        health.part(house.base.database),
        people.part(ground.people, limits=LIMITS),
        organisations.part(ground.organisations, console),
        wallet.part(house.wallets),
        sending.part(house.sendings),
        settlement.part(house.settlements),
        payments_part(house.payments, door, LIMITS),
        proof_api.part(house.sealer),
        today_pages.part(house.tallies),
        books_part(house.statements),
        transfer_pages.part(),
        benefit_pages.part(),
        refund_pages.part(house.refunds),
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
        home.part(tiles=tiles, city_url=city_url, service_links=service_links_of(house.branches)),
    ]


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
            await stack.enter_async_context(in_background(house.sealer.run()))
            await stack.enter_async_context(in_background(house.statements.bookkeeper.run()))
            periodic = [
                *holds.jobs(house.base),
                *wallet.jobs(house.wallets),
                *lapsing.jobs(house.ground.purses),
                *evening.jobs(house.ground.purses),
                *sending.jobs(house.sendings),
                *settlement.jobs(house.settlements),
                *people.jobs(house.ground.people),
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
    ),
)


def main() -> None:
    """Run the command line."""
    command_line(CITY, importing.register, proof.register, settle.register, bench.register)(prog_name="haihe")
