"""`haihe bench features`: what each thing that a posting does costs, measured side by side in one run.

Every variant posts the same fares in turn, round after round, so that a noisy machine is noisy for all of them. A feature is taken away
from a scratch database only: the seal by a function that seals nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Final

import psycopg

from haihe.base.clock import SystemClock, service_day
from haihe.base.database import Connection, Database, claimed_node, open_database
from haihe.base.ids import Ids
from haihe.ledger import service as ledger
from haihe.ledger.model import (
    NO_FLAGS,
    AccountFlag,
    AccountKind,
    Leg,
    NewAccount,
    Posting,
    Risk,
    SystemAccount,
    TransferKind,
    TurnoverLimits,
)
from haihe.ops.access import Access
from haihe.ops.bench.report import Measured, machine, rounded
from haihe.ops.founding import found_city
from haihe.ops.migrate import migrate
from haihe.payments import store as payments_store
from haihe.payments.model import Channel, Payment, Status

WALLETS: Final = 20_000
FIRST_WALLET: Final = 1_000_000
TILL: Final = 1_000
SPONSOR: Final = 1_001
ROUNDS: Final = 15
SIZES: Final = (1024, 32)
LIMIT_CLASS: Final = 2
PLENTY_FEN: Final = 1_000_000_000_00
OPENING_FEN: Final = 1_000_000_00
SEAL: Final = (
    "SELECT pg_get_functiondef(oid), pg_get_function_arguments(oid) FROM pg_proc WHERE proname = 'ledger_seal'"
)
NO_SEAL: Final = (
    "CREATE OR REPLACE FUNCTION ledger_seal({}) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT previous $$"
)


@dataclass(frozen=True, slots=True)
class Variant:
    """What a round posts: in which bucket (whose wallets are chained or not), with what."""

    name: str
    bucket: int = 1
    legs: int = 1
    risk: Risk = Risk.NONE
    refused: float = 0.0
    is_sealed: bool = True
    has_rows: bool = False


VARIANTS: Final = (
    Variant("one leg, nothing else", bucket=0, is_sealed=False),
    Variant("+ seal", bucket=0),
    Variant("+ chain of the wallet, balance after it"),
    Variant("+ limits", risk=Risk.D),
    Variant("+ 1 % refused", risk=Risk.D, refused=0.01),
    Variant("+ 10 % refused", risk=Risk.D, refused=0.1),
    Variant("+ a second leg", risk=Risk.D, legs=2),
    Variant("+ payment row (the event) and key", risk=Risk.D, has_rows=True),
)


async def bench_features(access: Access, say: Callable[[str], None]) -> Measured:
    """Post fares with one feature more in each variant; tell microseconds a posting, from Python to the commit."""
    migrate(access.owner_dsn, password=access.password)
    found_city(access.owner_dsn, buckets=2, now=datetime.now(UTC))
    with claimed_node(access.app_dsn) as node:
        ids = Ids(SystemClock(), node=node)
        async with open_database(access.app_dsn, connections_max=1) as database:
            await _open(database, ids)
            costs = {str(size): await _compare(database, ids, access.owner_dsn, size, say) for size in SIZES}
    conditions = machine() | {
        "connections": 1,
        "rounds": ROUNDS,
        "wallets": WALLETS,
        "microseconds_a_posting": costs,
        "fsync": "on",
    }
    whole = costs[str(SIZES[0])][VARIANTS[4].name]
    return Measured("features", rounded(1e6 / whole), "postings/s with everything", conditions, None)


async def _open(database: Database, ids: Ids) -> None:
    """Open plain wallets in bucket 0 and chained ones with limits in bucket 1."""
    most = TurnoverLimits(
        LIMIT_CLASS, PLENTY_FEN, PLENTY_FEN, PLENTY_FEN, PLENTY_FEN, year=PLENTY_FEN, total=PLENTY_FEN
    )
    async with database.transaction() as connection:
        await ledger.set_limits(connection, most, since=service_day(datetime.now(UTC)))
    for bucket, flags in ((0, AccountFlag.NO_OVERDRAFT), (1, AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED)):
        names = range(FIRST_WALLET, FIRST_WALLET + WALLETS)
        opened = [
            NewAccount(TILL, AccountKind.TILL, 1, NO_FLAGS),
            NewAccount(SPONSOR, AccountKind.CLAIMS, 1, NO_FLAGS),
            *(NewAccount(name, AccountKind.WALLET, name, flags, limit_class=LIMIT_CLASS) for name in names),
        ]
        async with database.transaction() as connection:
            await ledger.open_accounts(connection, bucket, opened)
        for start in range(0, WALLETS, 5_000):
            now = datetime.now(UTC)
            some = names[start : start + 5_000]
            postings = [
                Posting(
                    identity, (Leg(SystemAccount.RESERVE, name, OPENING_FEN, TransferKind.OPENING),), now, subject=name
                )
                for identity, name in zip(ids.take(len(some)), some, strict=True)
            ]
            async with database.transaction() as connection:
                await ledger.post(connection, bucket, postings, now=now)


async def _compare(
    database: Database, ids: Ids, owner_dsn: str, size: int, say: Callable[[str], None]
) -> dict[str, float]:
    took: dict[str, list[float]] = {variant.name: [] for variant in VARIANTS}
    chance = random.Random(1)  # noqa: S311 - a repeatable load
    for turn in range(ROUNDS):
        say(f"batches of {size}: round {turn + 1} of {ROUNDS}")
        for variant in VARIANTS:
            with _sealing(owner_dsn, is_sealed=variant.is_sealed):
                took[variant.name].append(await _round(database, ids, variant, size, chance))
    return {name: round(median(seconds) * 1e6, 1) for name, seconds in took.items()}


@contextmanager
def _sealing(owner_dsn: str, *, is_sealed: bool) -> Iterator[None]:
    """Have the seal or not, as long as the block runs."""
    if is_sealed:
        yield
        return
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        whole, arguments = connection.execute(SEAL).fetchone() or ("", "")
        connection.execute(NO_SEAL.format(arguments).encode())
        try:
            yield
        finally:
            connection.execute(str(whole).encode())


async def _round(database: Database, ids: Ids, variant: Variant, size: int, chance: random.Random) -> float:
    """Post a few batches of a variant; give seconds a posting."""
    batches = max(1, 1024 // size)
    load = [_batch(ids, variant, size, chance) for _ in range(batches + 1)]
    await _post(database, variant, load[0])
    began = perf_counter()
    for postings in load[1:]:
        await _post(database, variant, postings)
    return (perf_counter() - began) / (batches * size)


async def _post(database: Database, variant: Variant, postings: Sequence[Posting]) -> None:
    async with database.transaction() as connection:
        await ledger.post(connection, variant.bucket, postings, now=datetime.now(UTC), remember=not variant.has_rows)
        if variant.has_rows:
            await _write_rows(connection, variant.bucket, postings)


async def _write_rows(connection: Connection, bucket: int, postings: Sequence[Posting]) -> None:
    rows = [
        Payment(
            posting.id,
            bucket,
            1,
            posting.subject,
            TILL,
            posting.legs[0].amount,
            0,
            Status.PAID,
            1,
            1,
            1,
            Channel.STICKER,
            0,
            posting.effective,
        )
        for posting in postings
    ]
    keys = [posting.id for posting in postings]
    await payments_store.insert(connection, bucket, rows, keys=keys, contents=keys)


def _batch(ids: Ids, variant: Variant, size: int, chance: random.Random) -> list[Posting]:
    now = datetime.now(UTC)
    return [_fare(identity, variant, now, chance) for identity in ids.take(size)]


def _fare(identity: int, variant: Variant, now: datetime, chance: random.Random) -> Posting:
    payer = FIRST_WALLET + chance.randrange(WALLETS)
    amount = PLENTY_FEN if chance.random() < variant.refused else 1
    legs = [Leg(payer, TILL, amount, TransferKind.PAYMENT, risk=variant.risk)]
    if variant.legs > 1:
        legs.append(Leg(SPONSOR, TILL, amount, TransferKind.PAYMENT))
    return Posting(identity, tuple(legs), now, subject=payer)
