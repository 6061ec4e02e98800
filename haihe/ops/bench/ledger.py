"""`haihe bench ledger`: transfers a second through the posting function, sealed, from Python."""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from haihe.base.clock import SystemClock
from haihe.base.database import Database, claimed_node, open_database
from haihe.base.ids import Ids
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, AccountKind, Leg, NewAccount, Posting, Result, SystemAccount, TransferKind
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


async def bench_ledger(access: Access, say: Callable[[str], None]) -> Measured:
    """Post random fares from 100,000 wallets to 8 tills in one bucket, 1 % of them refused, for ten seconds."""
    migrate(access.owner_dsn, password=access.password)
    found_city(access.owner_dsn, buckets=BUCKETS, now=datetime.now(UTC))
    with claimed_node(access.app_dsn) as node:
        ids = Ids(SystemClock(), node=node)
        async with open_database(access.app_dsn, connections_max=2) as database:
            say(f"opening {ACCOUNTS:,} wallets")
            await _open(database, ids)
            say(f"posting for {SECONDS} s")
            figure, posted, refused = await _post(database, ids)
    say("baseline: pgbench TPC-B on the same server")
    conditions = machine() | {
        "connections": 1,
        "batch": BATCH,
        "wallets": ACCOUNTS,
        "tills": TILLS,
        "posted": posted,
        "refused": refused,
        "seal": "on",
        "fsync": "on",
    }
    return Measured("ledger", rounded(figure), "transfers/s", conditions, tpc_b(access.owner_dsn))


async def _open(database: Database, ids: Ids) -> None:
    wallet = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED
    tills = [NewAccount(FIRST_TILL + till, AccountKind.TILL, till, AccountFlag.NO_OVERDRAFT) for till in range(TILLS)]
    now = datetime.now(UTC)
    for start in range(0, ACCOUNTS, OPEN_BATCH):
        names = range(FIRST_ACCOUNT + start, FIRST_ACCOUNT + min(start + OPEN_BATCH, ACCOUNTS))
        async with database.transaction() as connection:
            await ledger.open_accounts(connection, 0, tills)
            await ledger.open_accounts(
                connection, 0, [NewAccount(name, AccountKind.WALLET, name, wallet) for name in names]
            )
            opening = [
                Posting(
                    identity, (Leg(SystemAccount.RESERVE, name, OPENING_FEN, TransferKind.OPENING),), now, subject=name
                )
                for identity, name in zip(ids.take(len(names)), names, strict=True)
            ]
            await ledger.post(connection, 0, opening, now=now)


async def _post(database: Database, ids: Ids) -> tuple[float, int, int]:
    """Post until the time is over; only posting counts as time, not the making of the load."""
    chance = random.Random(1)  # noqa: S311 - a repeatable load
    posted = refused = 0
    busy_s = 0.0
    while busy_s < SECONDS:
        now = datetime.now(UTC)
        load = [_fare(identity, now, chance) for identity in ids.take(BATCH)]
        began = perf_counter()
        async with database.transaction() as connection:
            batch = await ledger.post(connection, 0, load, now=now)
        busy_s += perf_counter() - began
        good = sum(answer.result is Result.POSTED for answer in batch.posted)
        posted += good
        refused += len(load) - good
    return posted / busy_s, posted, refused


def _fare(identity: int, now: datetime, chance: random.Random) -> Posting:
    payer = FIRST_ACCOUNT + chance.randrange(ACCOUNTS)
    amount = DEAR_FEN if chance.random() < REFUSED_SHARE else 1
    leg = Leg(payer, FIRST_TILL + chance.randrange(TILLS), amount, TransferKind.PAYMENT)
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
