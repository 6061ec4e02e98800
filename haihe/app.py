"""The composition root: which parts, pages and jobs a city is made of."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from haihe import city, counter, home, notices, organisations, people, settlement, wallet
from haihe.base.clock import SystemClock
from haihe.base.database import LOST, claimed_node
from haihe.base.jobs import running_jobs
from haihe.base.notes import city_signer
from haihe.base.throttle import Limits
from haihe.city.service import build_city
from haihe.counter.branch import service_links_of
from haihe.house import House, furnish, opened_house
from haihe.ledger import holds
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
from haihe.organisations.staffing import PAGES as STAFF_PAGES
from haihe.payments import benefit_pages, proof_api, today_pages
from haihe.payments.books import pages as book_pages, transfer_pages
from haihe.payments.books.part import part as books_part
from haihe.payments.desk import pages as desk_pages
from haihe.payments.desk.service import build_desk
from haihe.payments.family import part as family_part
from haihe.payments.paper import pages as paper_pages
from haihe.payments.part import part as payments_part
from haihe.payments.refunds import jobs as refund_jobs, pages as refund_pages
from haihe.people import display, privacy, safeguards
from haihe.people.checks.part import part as checks_part
from haihe.people.service import People
from haihe.sectors import campus, education, health as healthcare, retail, social, transit, utilities
from haihe.wallet import sending
from haihe.wallet.limits.part import part as limits_part
from haihe.wallet.limits.service import build_allowances
from haihe.wallet.purses import evening, lapsing
from haihe.web.assembly import assemble
from haihe.web.guards import Renewal, Staff, Viewer
from haihe.web.part import Part

PARTITIONS_EVERY_S: Final = 3600
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

    async def renewed(self, token: str) -> Renewal | None:
        """Let a citizen's aging session go on."""
        return await self.people.devices.renewed(token)

    async def staff(self, token: str) -> Staff:
        """Tell which member of staff a token belongs to."""
        return await self.organisations.staff(token)


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
    house = furnish(context, holding.enter_context(claimed_node(context.app_dsn)), SECTORS)
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
