"""The town of a run: founded by the city's own services, and served by several processes' worth of them over the breaking way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from haihe.base.batching import Gatherer
from haihe.base.database import make_database, opened
from haihe.base.errors import Refusal
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.revocations import Revocations
from haihe.base.tokens import Tokens
from haihe.base.vault import Vault
from haihe.codes.payment_codes import PaymentCodes
from haihe.counter.branch import Founding, Ground, make_ground, trades_of
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, AccountKind, Leg, NewAccount, Posting, SystemAccount, TransferKind
from haihe.ops.bench.faults import store
from haihe.ops.demo_data import ListedData, read_demo
from haihe.ops.demo_people import make_population
from haihe.ops.offices import Nobody
from haihe.payments.engine import Engine, Order
from haihe.payments.model import Payment, Scan
from haihe.payments.paper.service import build_paper_cards
from haihe.payments.references import reference
from haihe.payments.service import Payments
from haihe.people.model import PeopleRules
from haihe.people.service import build_people
from haihe.wallet.model import WalletRules
from haihe.wallet.rules import luhn_sum
from haihe.wallet.sending.service import Sendings, build_sendings
from haihe.wallet.service import Wallets, build_wallets
from haihe.web.guards import Viewer

if TYPE_CHECKING:
    import random

    from haihe.base.database import Database
    from haihe.codes.model import Sticker
    from haihe.counter.branch import Branch
    from haihe.ops.bench.faults.bank import SeededBank
    from haihe.ops.offices import MakeBranch
    from haihe.payments.sector import Sector
    from haihe.people.model import Citizen

BASE_URL: Final = "http://127.0.0.1"
KEY: Final = b"a key that opens nothing but this"[:32]
CITIZENS: Final = 48
RESERVED: Final = 20
OPENING_FEN: Final = (5_00, 200_00)
"""Little enough that some run out of money."""
READERS_MAX: Final = 6
TILL_MAX: Final = 2
POTS: Final = 4
"""Accounts of no sector, in every bucket, between which postings of several legs go."""
FIRST_POT: Final = 100
STICKERS_MAX: Final = 24

Run = Callable[[int, Sequence[Order]], Awaitable[Sequence[Payment | BaseException]]]
"""What pays a batch: `Engine.run`, or in tests something broken."""
POT_FLAGS: Final = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED


@dataclass
class JumpingClock:
    """The machine's clock, with a jump that can be changed."""

    jump: timedelta = timedelta()

    def now(self) -> datetime:
        """Give the moment that this clock shows."""
        return datetime.now(UTC) + self.jump


@dataclass(frozen=True)
class Desk:
    """The services of one process of the city."""

    ground: Ground
    engine: Engine
    payments: Payments
    wallets: Wallets
    sendings: Sendings

    @property
    def database(self) -> Database:
        """The connections for everything but batches of payments."""
        return self.ground.base.database


@dataclass
class Town:
    """Who and what there is: found once, the same for the same seed."""

    clock: JumpingClock
    bank: SeededBank
    seed: random.Random
    citizens: Sequence[Citizen] = ()
    cards: dict[int, int] = field(default_factory=dict)
    stickers: Sequence[tuple[str, bool]] = ()
    """Codes, with whether the payer says the amount."""
    owed: Sequence[tuple[Citizen, str]] = ()
    buckets: int = 0
    holds: list[tuple[int, int, Leg]] = field(default_factory=list)
    """Every hold that was wished: bucket, id and leg."""

    def viewer(self, citizen: Citizen) -> Viewer:
        """Give someone as handlers see them."""
        return Viewer(citizen.id, citizen.bucket, 0)


@asynccontextmanager
async def open_desk(
    dsn: str,
    town: Town,
    *,
    node: int,
    sectors: Sequence[MakeBranch],
    make_run: Callable[[Engine], Run],
) -> AsyncIterator[Desk]:
    """Open one process's services over a way to the database; `make_run` gives what pays a batch."""
    database, till = make_database(dsn, connections_max=READERS_MAX), make_database(dsn, connections_max=TILL_MAX)
    async with opened(database), opened(till):
        base = Foundation(
            database,
            town.clock,
            Ids(town.clock, node=node),
            Vault(vault_key=KEY, search_key=KEY),
            Tokens(KEY),
            Revocations(database),
        )
        people = build_people(base, registry=Nobody(), sms=Nobody(), settings=PeopleRules())
        ground = make_ground(base, people, base_url=BASE_URL)
        branches = [make(ground) for make in sectors]
        engine = Engine(till, town.clock, base.ids)
        gatherer: Gatherer[Order, Payment] = Gatherer(make_run(engine), flights_max=TILL_MAX)
        payments = Payments(
            database=database,
            clock=town.clock,
            stickers=ground.stickers,
            codes=PaymentCodes(database, town.clock),
            papers=build_paper_cards(ground.base),
            organisations=ground.organisations,
            purses=ground.purses,
            dues=ground.dues,
            sectors=trades_of(branches),
            gatherer=gatherer,
            confirmations=base.confirmations,
        )
        wallets = build_wallets(base, people=people, bank=town.bank, limits=WalletRules())
        if not town.citizens:
            await _found(town, Founders(ground, branches, wallets, payments.sectors))
        for reload in (ground.reload, *(branch.reload for branch in branches), ground.stickers.reload):
            await reload()
        yield Desk(ground, engine, payments, wallets, build_sendings(base, people=people, limits=WalletRules()))


@dataclass(frozen=True)
class Founders:
    """What a town is founded with."""

    ground: Ground
    branches: Sequence[Branch]
    wallets: Wallets
    sectors: Mapping[str, Sector]


async def _found(town: Town, founders: Founders) -> None:
    """Found people with a little money and every sector's part of the demo."""
    ground, sectors, seed = founders.ground, founders.sectors, town.seed
    demo = read_demo(changes={"count": CITIZENS, "listed": ListedData(count=0)})
    newcomers = make_population(demo.population, key=KEY)
    town.citizens = await ground.people.found([one.citizen for one in newcomers])
    wish = Founding(demo.folder, town.citizens, RESERVED, lambda login: f"password of {login}", town.clock.now())
    for branch in founders.branches:
        await branch.found(wish)
        await branch.reload()
    await ground.reload()
    async with ground.base.database.connection() as connection:
        town.buckets = await ledger.bucket_count(connection)
    for bucket in range(town.buckets):
        await _open(town, ground, bucket, seed)
    for citizen in town.citizens:
        town.cards[citizen.id] = (await founders.wallets.cards.add(citizen.id, _card_number(citizen.id))).id
    town.stickers = await _stickers(ground, sectors, seed)
    town.owed = [(citizen, code) for citizen in town.citizens for code in await _codes_owed(ground, sectors, citizen)]


async def _open(town: Town, ground: Ground, bucket: int, seed: random.Random) -> None:
    """Open the pots of a bucket, and give its citizens the money they begin with."""
    now = town.clock.now()
    postings = [
        Posting(
            citizen.id,
            (Leg(SystemAccount.RESERVE, citizen.id, seed.randint(*OPENING_FEN), TransferKind.OPENING),),
            now,
            subject=citizen.id,
        )
        for citizen in town.citizens
        if citizen.bucket == bucket
    ]
    pots = [NewAccount(FIRST_POT + place, AccountKind.WALLET, FIRST_POT + place, POT_FLAGS) for place in range(POTS)]
    async with ground.base.database.transaction() as connection:
        await ledger.open_accounts(connection, bucket, pots)
        if postings:
            await ledger.post(connection, bucket, postings, now=now)


def _card_number(citizen: int) -> str:
    """Make a number with a right check digit of someone's id."""
    body = f"622848{citizen % 10**12:012}"
    return next(body + digit for digit in "0123456789" if luhn_sum(body + digit) % 10 == 0)


async def _stickers(ground: Ground, sectors: Mapping[str, Sector], seed: random.Random) -> list[tuple[str, bool]]:
    """Choose stickers of every kind, and see which leave the amount to the payer."""
    async with ground.base.database.connection() as connection:
        found = await store.stickers(connection)
    chosen = [one for kind in sorted({one.kind for one in found}) for one in _some(found, kind, seed)]
    return [(one.code, await _leaves_amount(ground, sectors[one.kind], one)) for one in chosen if one.kind in sectors]


def _some(found: Sequence[Sticker], kind: str, seed: random.Random) -> list[Sticker]:
    """Choose some of a kind, the same for the same seed."""
    all_of_it = [one for one in found if one.kind == kind]
    return [all_of_it[int(seed.random() * len(all_of_it))] for _ in range(min(STICKERS_MAX, len(all_of_it)))]


async def _leaves_amount(ground: Ground, sector: Sector, sticker: Sticker) -> bool:
    scan = Scan(
        sticker.kind, sticker.point, sticker.organisation, payer=0, bucket=0, at=ground.base.clock.now(), amount=None
    )
    try:
        await sector.price(scan)
    except Refusal:
        return True
    return False


async def _codes_owed(ground: Ground, sectors: Mapping[str, Sector], citizen: Citizen) -> list[str]:
    """Name what somebody owes, as the app does."""
    kinds = {sector.number: kind for kind, sector in sectors.items()}
    return [reference(kinds[due.kind], due.id) for due in await ground.dues.open_of(citizen.id) if due.kind in kinds]
