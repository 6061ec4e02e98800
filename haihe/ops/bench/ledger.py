"""`haihe bench ledger`: transfers a second through the posting function, sealed and limited, from Python."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from haihe.base.clock import SystemClock, service_day
from haihe.base.database import Connection, Database, claimed_node, open_database
from haihe.base.ids import Ids
from haihe.ledger import service as ledger
from haihe.ledger.model import (
    AccountFlag,
    AccountKind,
    Leg,
    NewAccount,
    Posting,
    Result,
    Risk,
    SystemAccount,
    TransferKind,
    TurnoverLimits,
)
from haihe.ops.access import Access
from haihe.ops.bench.report import Baseline, Measured, machine, rounded
from haihe.ops.founding import found_city
from haihe.ops.migrate import migrate
from haihe.ops.postgres_binaries import wheel_binaries

ACCOUNTS: Final = 100_000
TILLS: Final = 8
BATCH: Final = 1024
SECONDS: Final = 10
REFUSED_SHARE: Final = 0.01
OPENING_FEN: Final = 1_000_00
DEAR_FEN: Final = OPENING_FEN * 1000
OPEN_BATCH: Final = 5_000
TPC_B_SCALE: Final = 10
FIRST_ACCOUNT: Final = 1_000_000
FIRST_TILL: Final = 1_000
BUCKETS: Final = 4
CONNECTIONS: Final = 2
"""Each posts to a bucket of its own, as several processes of a city do."""
LIMIT_CLASS: Final = 2
LIMIT_FEN: Final = 1_000_000_000_00
"""So much that no load meets it: what is measured is the checking."""


async def bench_ledger(access: Access, say: Callable[[str], None]) -> Measured:
    """Post random fares from 100,000 wallets to 8 tills in each of two buckets, 1 % of them refused, for ten seconds."""
    migrate(access.owner_dsn, password=access.password)
    found_city(access.owner_dsn, buckets=BUCKETS, now=datetime.now(UTC))
    with claimed_node(access.app_dsn) as node:
        ids = Ids(SystemClock(), node=node)
        async with open_database(access.app_dsn, connections_max=CONNECTIONS) as database:
            say(f"opening {ACCOUNTS * CONNECTIONS:,} wallets")
            await _open(database, ids)
            say(f"posting for {SECONDS} s")
            alone = await _post(database, ids, [0])
            all_of_them = await _post(database, ids, range(CONNECTIONS))
    say("baseline: pgbench TPC-B on the same server")
    conditions = machine() | {
        "connections": CONNECTIONS,
        "one_connection": rounded(alone.figure),
        "batch": BATCH,
        "wallets": ACCOUNTS * CONNECTIONS,
        "tills": TILLS * CONNECTIONS,
        "posted": all_of_them.posted,
        "refused": all_of_them.refused,
        "seal": "on",
        "limits": "on",
        "fsync": "on",
    }
    return Measured("ledger", rounded(all_of_them.figure), "transfers/s", conditions, tpc_b(access.owner_dsn))


async def _open(database: Database, ids: Ids) -> None:
    """Open wallets with money, which obey limits, and tills, in each bucket that is posted to."""
    most = TurnoverLimits(LIMIT_CLASS, LIMIT_FEN, LIMIT_FEN, LIMIT_FEN, LIMIT_FEN, year=LIMIT_FEN, total=LIMIT_FEN)
    async with database.transaction() as connection:
        await ledger.set_limits(connection, most, since=service_day(datetime.now(UTC)))
    for bucket in range(CONNECTIONS):
        for start in range(0, ACCOUNTS, OPEN_BATCH):
            names = range(FIRST_ACCOUNT + start, FIRST_ACCOUNT + min(start + OPEN_BATCH, ACCOUNTS))
            async with database.transaction() as connection:
                await _open_some(connection, ids, bucket, names)


async def _open_some(connection: Connection, ids: Ids, bucket: int, names: range) -> None:
    flags, now = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED, datetime.now(UTC)
    tills = [NewAccount(FIRST_TILL + till, AccountKind.TILL, till, AccountFlag.NO_OVERDRAFT) for till in range(TILLS)]
    wallets = [NewAccount(name, AccountKind.WALLET, name, flags, limit_class=LIMIT_CLASS) for name in names]
    await ledger.open_accounts(connection, bucket, [*tills, *wallets])
    opening = [
        Posting(identity, (Leg(SystemAccount.RESERVE, name, OPENING_FEN, TransferKind.OPENING),), now, subject=name)
        for identity, name in zip(ids.take(len(names)), names, strict=True)
    ]
    await ledger.post(connection, bucket, opening, now=now)


@dataclass
class Tally:
    """What was posted, and in what time."""

    posted: int = 0
    refused: int = 0
    seconds: float = 0.0

    @property
    def figure(self) -> float:
        """Transfers a second."""
        return self.posted / self.seconds


async def _post(database: Database, ids: Ids, buckets: Sequence[int]) -> Tally:
    """Post to each bucket by a connection of its own until the time is over."""
    tally = Tally()
    began = perf_counter()
    await asyncio.gather(*(_post_to(database, ids, bucket, tally, until=began + SECONDS) for bucket in buckets))
    tally.seconds = perf_counter() - began
    return tally


async def _post_to(database: Database, ids: Ids, bucket: int, tally: Tally, *, until: float) -> None:
    chance = random.Random(bucket)  # noqa: S311 - a repeatable load
    load = _fares(ids, chance)
    while perf_counter() < until:
        async with database.transaction() as connection:
            posting = asyncio.ensure_future(ledger.post(connection, bucket, load, now=datetime.now(UTC)))
            await asyncio.sleep(0)
            load = _fares(ids, chance)
            batch = await posting
        good = sum(answer.result is Result.POSTED for answer in batch.posted)
        tally.posted += good
        tally.refused += len(batch.posted) - good


def _fares(ids: Ids, chance: random.Random) -> list[Posting]:
    """Make a batch of fares; while the database is busy with the one before."""
    now = datetime.now(UTC)
    return [_fare(identity, now, chance) for identity in ids.take(BATCH)]


def _fare(identity: int, now: datetime, chance: random.Random) -> Posting:
    payer = FIRST_ACCOUNT + chance.randrange(ACCOUNTS)
    amount = DEAR_FEN if chance.random() < REFUSED_SHARE else 1
    leg = Leg(payer, FIRST_TILL + chance.randrange(TILLS), amount, TransferKind.PAYMENT, risk=Risk.D)
    return Posting(identity, (leg,), now, subject=payer)


def tpc_b(owner_dsn: str) -> Baseline | None:
    """Run PostgreSQL's own benchmark beside it: one small transfer a transaction, 16 connections; None if it cannot run."""
    program = wheel_binaries() / "pgbench"
    where = conninfo_to_dict(owner_dsn)
    options = ["-h", str(where.get("host", "")), "-p", str(where.get("port", 5432)), "-U", str(where.get("user", ""))]
    environment = {**os.environ, "PGPASSWORD": str(where.get("password", ""))}
    try:
        for arguments in (["-i", "-q", "-s", str(TPC_B_SCALE)], ["-c", "16", "-j", "1", "-T", str(SECONDS), "-n"]):
            done = subprocess.run(
                [str(program), *options, *arguments, str(where["dbname"])],
                check=True, capture_output=True, text=True, env=environment, cwd=tempfile.gettempdir(), timeout=120,
            )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    line = next((line for line in done.stdout.splitlines() if line.startswith("tps")), "")
    return Baseline("pgbench TPC-B, 16 connections, transactions/s", rounded(float(line.split()[2]))) if line else None
