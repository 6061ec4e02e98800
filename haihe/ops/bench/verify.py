"""`haihe bench verify`: how long it takes to recompute every law of the money from ten million stored transfers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import psycopg

from haihe.base.clock import SystemClock, service_day
from haihe.base.database import Database, open_database
from haihe.base.errors import BrokenInvariantError
from haihe.base.ids import LEGS_MAX, Ids, first_id_at
from haihe.base.notes import city_signer
from haihe.ledger import service as ledger
from haihe.ledger.model import (
    AccountFlag,
    AccountKind,
    Leg,
    NewAccount,
    Posting,
    SystemAccount,
    TransferKind,
    TurnoverLimits,
)
from haihe.ledger.seal.sealer import Sealer
from haihe.ops.access import Access
from haihe.ops.bench.report import Measured, machine, rounded
from haihe.ops.founding import found_city
from haihe.ops.migrate import migrate
from haihe.ops.verify import verify

TRANSFERS: Final = 10_000_000
BUCKETS: Final = 4
WALLETS: Final = 25_000
"""In each bucket."""
TILLS: Final = 8
BATCH: Final = 1024
BATCHES_A_CALL: Final = 50
OPENED_AT_ONCE: Final = 5_000
OPENING_FEN: Final = 1_000_00
FIRST_WALLET: Final = 1_000_000
FIRST_TILL: Final = 1_000
FILLERS: Final = 2
LIMITS: Final = TurnoverLimits(3, day_d=500_00, year=200_000_00)
FARES: Final = Path(__file__).with_name("fares.sql")
SEED: Final = b"a key for a scratch database ..."


async def bench_verify(access: Access, say: Callable[[str], None], *, transfers: int = TRANSFERS) -> Measured:
    """Store transfers in four buckets, with limits, seals, roots and checkpoints, then verify all of it."""
    migrate(access.owner_dsn, password=access.password)
    found_city(access.owner_dsn, buckets=BUCKETS, now=datetime.now(UTC))
    signer = city_signer(SEED)
    async with open_database(access.app_dsn, connections_max=FILLERS) as database:
        say(f"storing {transfers:,} transfers")
        with _told() as stored_s:
            await _open(database)
            calls = [asyncio.to_thread(_fill, access.owner_dsn, part, transfers) for part in range(FILLERS)]
            await asyncio.gather(*calls)
        say("sealing them")
        with _told() as sealed_s:
            python_s = process_time()
            await Sealer(database, SystemClock(), signer).catch_up(at_once=True)
            python_s = process_time() - python_s
    say("verifying")
    began = perf_counter()
    found = await asyncio.to_thread(verify, access.owner_dsn, verifier_key=signer.verifier_key)
    seconds = perf_counter() - began
    if found.findings:
        message = f"the scratch ledger breaks a law: {found.findings[0].text}"
        raise BrokenInvariantError(message)
    conditions = machine() | {
        "transfers": found.transfers,
        "checkpoints": found.checkpoints,
        "laws": len(found.checks),
        "buckets": BUCKETS,
        "wallets": WALLETS * BUCKETS,
        "batch": BATCH,
        "stored_in_s": stored_s(),
        "sealed_in_s": sealed_s(),
        "sealer_ms_per_1000_in_python": round(python_s / found.transfers * 1e6, 2),
        "limits": "on",
        "seal": "on",
    }
    return Measured("verify", rounded(seconds), "s", conditions, None)


@contextmanager
def _told() -> Iterator[Callable[[], float]]:
    """Measure a block; what it gives tells afterwards how many seconds it took."""
    began, took = perf_counter(), 0.0
    yield lambda: round(took, 1)
    took = perf_counter() - began


async def _open(database: Database) -> None:
    """Open wallets with money and limits, and tills, in every bucket."""
    wallet = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED
    ids, now = Ids(SystemClock(), node=0), datetime.now(UTC)
    tills = [NewAccount(FIRST_TILL + till, AccountKind.TILL, till, AccountFlag.NO_OVERDRAFT) for till in range(TILLS)]
    async with database.transaction() as connection:
        await ledger.set_limits(connection, LIMITS, since=service_day(now))
    for bucket in range(BUCKETS):
        for start in range(0, WALLETS, OPENED_AT_ONCE):
            names = range(FIRST_WALLET + start, FIRST_WALLET + start + OPENED_AT_ONCE)
            wallets = [
                NewAccount(name, AccountKind.WALLET, name, wallet, limit_class=LIMITS.limit_class) for name in names
            ]
            openings = [
                Posting(identity, (Leg(SystemAccount.RESERVE, name, OPENING_FEN, TransferKind.OPENING),), now, name)
                for identity, name in zip(ids.take(len(names)), names, strict=True)
            ]
            async with database.transaction() as connection:
                await ledger.open_accounts(connection, bucket, [*tills, *wallets])
                await ledger.post(connection, bucket, openings, now=now)


def _fill(owner_dsn: str, part: int, transfers: int) -> None:
    """Post the fares of a part of the buckets."""
    batches = max(1, transfers // (BUCKETS * BATCH))
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute(FARES.read_bytes())
        for bucket in range(part, BUCKETS, FILLERS):
            first = first_id_at(datetime.now(UTC))
            for done in range(0, batches, BATCHES_A_CALL):
                count = min(BATCHES_A_CALL, batches - done)
                connection.execute(
                    "SELECT pg_temp.post_fares(%s::smallint, %s, %s::integer, %s, %s::integer, %s)",
                    (bucket, first + done * BATCH * LEGS_MAX, count, FIRST_WALLET, WALLETS, FIRST_TILL),
                )
        connection.execute("ANALYZE")
