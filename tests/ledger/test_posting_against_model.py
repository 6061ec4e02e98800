"""Random histories: the real ledger and the plain program never differ, in what they do and in what they tell."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, Final, cast

import psycopg
import pytest
from hypothesis import HealthCheck, Phase as Stage, given, settings, strategies as st

from haihe.base.clock import TurnableClock, service_day
from haihe.base.database import Connection, Database, open_database
from haihe.base.ids import Ids, first_id_at
from haihe.ledger import service as ledger, store
from haihe.ledger.holds import Holds, holds
from haihe.ledger.model import (
    AccountFlag,
    AccountKind,
    Leg,
    NewAccount,
    Phase,
    Posting,
    Risk,
    TransferKind,
    TurnoverLimits,
)
from haihe.ops.verify import verify
from tests.ledger.model import PlainHead, PlainLedger, same

NOW = datetime.now(UTC)
BASE = first_id_at(NOW)
FLAGS = (
    AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED,
    AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED,
    AccountFlag.NO_OVERDRAFT,
    AccountFlag(0),
    AccountFlag.NO_OVERDRAFT | AccountFlag.FROZEN | AccountFlag.CHAINED,
    AccountFlag.CLOSED,
)
CLASSES = (1, 2, 0, 0, 0, 0)
LIMITS = (
    TurnoverLimits(1, day_a=150, day_c=90, day_d=50, year=220, total=400),
    TurnoverLimits(2, day_b=40, total=130),
)
NAMES = range(len(FLAGS) + 1)  # the last one is never opened
SOURCE = 3
OPENINGS = (300, 100)
NUMBERS = 40
HISTORIES = 150
HISTORIES_PROVEN = 10_000

amounts = st.sampled_from([*range(1, 61), *range(1, 61), 0, -1, 10**10, 10**10 + 1])
sound = [(0, 1), (1, 0), (0, 2), (1, 2), (2, 0), (0, SOURCE), (1, SOURCE), (SOURCE, 1)]
pairs = st.sampled_from(sound * 25 + [(debit, credit) for debit in NAMES for credit in NAMES])
"""Mostly between accounts that can; else hardly a history would come as far as limits and holds."""
phases = st.sampled_from([Phase.POST] * 5 + [Phase.HOLD] * 2 + [Phase.CAPTURE] * 2 + [Phase.RELEASE])
names = st.tuples(st.integers(0, NUMBERS), st.integers(0, 1))
fits = st.sampled_from([True] * 7 + [False])
legs = st.tuples(pairs, amounts, phases, names, st.sampled_from(Risk), fits)
postings = st.tuples(
    st.integers(0, NUMBERS), st.lists(legs, min_size=1, max_size=3), st.sampled_from([None, None, 1, 24, 60])
)
times = st.sampled_from([0, 0, 0, 1, 30, -30, 24 * 200])
turns = st.one_of(
    st.tuples(st.just("post"), times, st.lists(postings, min_size=1, max_size=12)),
    st.tuples(st.just("expire"), times, st.none()),
    st.tuples(st.just("freeze"), st.integers(0, 1), st.booleans()),
)
histories = st.lists(turns, min_size=1, max_size=7)

DrawnLeg = tuple[tuple[int, int], int, Phase, tuple[int, int], Risk, bool]
DrawnPosting = tuple[int, list[DrawnLeg], int | None]
Turn = tuple[str, int, Any]


class World:
    """One run of accounts in the shared database: every history gets fresh accounts and ids."""

    count = 0
    heads: Final[dict[int, PlainHead]] = defaultdict(PlainHead)
    """The buckets' times go on from history to history."""

    def __init__(self, bucket: int) -> None:
        World.count += 1
        self.account = 1_000_000 * World.count
        self.identity = BASE + (World.count << 12)
        self.now = max(NOW, World.heads[bucket].posted)
        self.plain = PlainLedger(head=World.heads[bucket], limits={one.limit_class: one for one in LIMITS})
        self.held: dict[int, tuple[int, int]] = {}
        """Between whom each hold was wished, by the id of its leg."""

    def accounts(self) -> list[NewAccount]:
        return [
            NewAccount(self.account + name, AccountKind.WALLET, name, flags, limit_class=limit_class)
            for name, (flags, limit_class) in enumerate(zip(FLAGS, CLASSES, strict=True))
        ]

    def opening(self) -> Posting:
        legs_ = tuple(
            Leg(self.account + SOURCE, self.account + name, amount, TransferKind.OPENING)
            for name, amount in enumerate(OPENINGS)
        )
        return Posting(self.identity + (NUMBERS + 1) * 16, legs_, NOW, subject=self.account)

    def posting(self, drawn: DrawnPosting) -> Posting:
        number, moves, hours = drawn
        identity = self.identity + number * 16
        made = tuple(self._leg(identity + place, move) for place, move in enumerate(moves))
        expires = None if hours is None else self.now + timedelta(hours=hours)
        return Posting(identity, made, NOW, subject=made[0].debit, expires=expires)

    def _leg(self, identity: int, drawn: DrawnLeg) -> Leg:
        (debit, credit), amount, phase, (number, place), risk, fits_hold = drawn
        between = self.account + debit, self.account + credit
        if phase in {Phase.POST, Phase.HOLD}:
            if phase is Phase.HOLD:
                self.held.setdefault(identity, between)
            return Leg(*between, amount, TransferKind.PAYMENT, phase=phase, risk=risk)
        named = self.identity + number * 16 + place
        if fits_hold and self.held:  # otherwise nearly every one would name what was never held
            named = list(self.held)[(number * 2 + place) % len(self.held)]
            between = self.held[named]
        said = amount if phase is Phase.CAPTURE or not fits_hold else 0
        return Leg(
            *between, said, TransferKind.DEPOSIT, names=named, phase=phase, risk=Risk.NONE if fits_hold else risk
        )


@dataclass
class Play:
    """Plays one history on both, and compares what they tell after every turn."""

    database: Database
    bucket: int
    world: World

    async def run(self, history: list[Turn]) -> None:
        async with self.database.transaction() as connection:
            await ledger.open_accounts(connection, self.bucket, self.world.accounts())
        self.world.plain.open(self.world.accounts())
        await self._post([self.world.opening()])
        for kind, number, more in history:
            await self._turn(kind, number, more)
            async with self.database.connection() as connection:
                await self._compare(connection)
        await self._statements_agree()

    async def _turn(self, kind: str, number: int, more: Any) -> None:
        world = self.world
        if kind == "freeze":
            await self._freeze(world.account + number, frozen=more)
            return
        world.now += timedelta(hours=number)
        if kind == "post":
            await self._post([world.posting(cast("DrawnPosting", item)) for item in more])
        else:
            clock = TurnableClock(world.now)
            await Holds(self.database, clock, Ids(TurnableClock(datetime.now(UTC)), node=9)).expire()
            world.plain.expire(world.now)
            await self._read_heads()

    async def _read_heads(self) -> None:
        """Learn how far the buckets' times have come: holds of earlier histories have expired with ours."""
        async with self.database.connection() as connection:
            cursor = await connection.execute("SELECT bucket, posted, booking_day FROM heads")
            for bucket, posted, day in await cursor.fetchall():
                World.heads[bucket].posted, World.heads[bucket].day = posted, day

    async def _post(self, drawn: list[Posting]) -> None:
        async with self.database.transaction() as connection:
            answer = await ledger.post(connection, self.bucket, drawn, now=self.world.now)
        assert same(list(answer.posted), self.world.plain.post(drawn, self.world.now))

    async def _freeze(self, account: int, *, frozen: bool) -> None:
        flag = AccountFlag.FROZEN
        plain = self.world.plain.accounts[account]
        async with self.database.transaction() as connection:
            if frozen:
                await ledger.set_flags(connection, self.bucket, account, add=flag)
                plain.flags |= flag
            else:
                await ledger.set_flags(connection, self.bucket, account, remove=flag)
                plain.flags &= ~flag

    async def _compare(self, connection: Connection) -> None:
        """Compare balances, what holds have left, and turnover."""
        world, plain = self.world, self.world.plain
        stored = await ledger.balances(connection, self.bucket, [world.account + name for name in NAMES])
        assert stored == {identity: plain.accounts[identity].balance for identity in stored}
        found = await holds(connection, self.bucket, list(world.held))
        assert {identity: one.rest for identity, one in found.items()} == {
            identity: one.rest for identity, one in plain.holds.items()
        }
        cursor = await connection.execute(
            """
            SELECT id, debits_pending, turnover_day,
                ARRAY[turnover_a, turnover_b, turnover_c, turnover_d, turnover_year, turnover_total]
            FROM accounts
            WHERE bucket = %s AND id = ANY(%s)
            """,
            (self.bucket, list(plain.accounts)),
        )
        for identity, held, day, turnover in await cursor.fetchall():
            account = plain.accounts[identity]
            assert (held, tuple(turnover)) == (account.held, account.turnover(day))

    async def _statements_agree(self) -> None:
        """Walking a chained account gives exactly what the plain journal has of it, newest first; who released it is not ours to say."""
        journal = self.world.plain.journal
        async with self.database.connection() as connection:
            accounts = [self.world.account, self.world.account + 1]
            starts = await store.newest_transfers(connection, self.bucket, accounts)
            walks = await store.statement(connection, self.bucket, starts, limit=1000)
        for account in accounts:
            expected = [entry for entry in reversed(journal) if account in entry[1:3]]
            own = {entry[0] for entry in expected}
            walked = [
                (row.id if row.id in own else 0, row.debit, row.credit, row.amount) for row in walks.get(account, ())
            ]
            assert in_any_order_of_release(walked) == in_any_order_of_release(expected)
            newest_first = [(row.batch, row.place) for row in walks.get(account, ())]
            assert all(later > earlier for later, earlier in pairwise(newest_first))


def in_any_order_of_release(entries: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Sort what the job released (id 0) where it stands together: of two that expire at once either may come first."""
    runs = groupby(entries, key=lambda entry: entry[0] == 0)
    return [entry for is_released, run in runs for entry in (sorted(run) if is_released else run)]


def play_histories(app_dsn: str, owner_dsn: str, how_many: int) -> None:
    @settings(
        max_examples=how_many,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=(Stage.explicit, Stage.reuse, Stage.generate, Stage.shrink),
    )
    @given(history=histories, bucket=st.integers(0, 3))
    def run(history: list[Turn], bucket: int) -> None:
        loop.run_until_complete(Play(database, bucket, World(bucket)).run(history))

    World.heads.clear()
    loop = asyncio.new_event_loop()
    opened = open_database(app_dsn)
    database = loop.run_until_complete(opened.__aenter__())
    try:
        loop.run_until_complete(_limit(database))
        run()
    finally:
        loop.run_until_complete(opened.__aexit__(None, None, None))
        loop.close()
    assert verify(owner_dsn).findings == ()


async def _limit(database: Database) -> None:
    async with database.transaction() as connection:
        for limits in LIMITS:
            await ledger.set_limits(connection, limits, since=service_day(NOW))


@pytest.mark.timeout(300)
def test_random_histories_agree_with_the_plain_ledger_and_verify_clean(app_dsn: str, owner_dsn: str) -> None:
    play_histories(app_dsn, owner_dsn, HISTORIES)


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_ten_thousand_random_histories_agree_with_the_plain_ledger(app_dsn: str, owner_dsn: str) -> None:
    play_histories(app_dsn, owner_dsn, HISTORIES_PROVEN)
    with psycopg.connect(owner_dsn) as connection:
        rows = connection.execute("SELECT phase, count(*) FROM transfers GROUP BY phase ORDER BY phase").fetchall()
    assert [phase for phase, _ in rows] == [int(phase) for phase in Phase]
    print(f"transfers by phase: {dict(rows)}")
