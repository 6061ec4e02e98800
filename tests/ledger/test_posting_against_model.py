"""Random histories: the real ledger and the plain program never differ."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from haihe.base.database import Database
from haihe.base.ids import first_id_at
from haihe.ledger import service as ledger, store
from haihe.ledger.model import AccountFlag, AccountKind, Leg, NewAccount, Posting, TransferKind
from haihe.ops.verify import verify
from tests.ledger.model import PlainLedger, same

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
NAMES = range(len(FLAGS) + 1)  # the last one is never opened

amounts = st.one_of(st.integers(1, 60), st.sampled_from([0, -1, 10**10, 10**10 + 1]))
legs = st.builds(
    lambda debit, credit, amount: (debit, credit, amount), st.sampled_from(NAMES), st.sampled_from(NAMES), amounts
)
postings = st.tuples(st.integers(0, 40), st.lists(legs, min_size=1, max_size=4))
histories = st.lists(st.lists(postings, min_size=1, max_size=12), min_size=1, max_size=6)


class World:
    """One run of accounts in the shared database: every history gets fresh accounts and ids."""

    count = 0

    def __init__(self) -> None:
        World.count += 1
        self.account = 1_000_000 * World.count
        self.identity = BASE + (World.count << 12)
        self.plain = PlainLedger()

    def accounts(self) -> list[NewAccount]:
        return [NewAccount(self.account + name, AccountKind.WALLET, name, flags) for name, flags in enumerate(FLAGS)]

    def posting(self, drawn: tuple[int, list[tuple[int, int, int]]]) -> Posting:
        number, moves = drawn
        made = tuple(
            Leg(self.account + debit, self.account + credit, amount, TransferKind.PAYMENT)
            for debit, credit, amount in moves
        )
        return Posting(self.identity + number * 16, made, NOW, subject=made[0].debit)


async def play(database: Database, history: list[list[tuple[int, list[tuple[int, int, int]]]]], bucket: int) -> None:
    world = World()
    opening = Posting(
        world.identity + 100 * 16,
        (Leg(world.account + 3, world.account, 100, TransferKind.OPENING),),
        NOW,
        subject=world.account,
    )
    async with database.transaction() as connection:
        await ledger.open_accounts(connection, bucket, world.accounts())
    world.plain.open(world.accounts())
    for drawn in ([opening], *([world.posting(item) for item in batch] for batch in history)):
        async with database.transaction() as connection:
            answer = await ledger.post(connection, bucket, drawn, now=NOW)
        assert same(list(answer.posted), world.plain.post(drawn))
        async with database.connection() as connection:
            stored = await ledger.balances(connection, bucket, [world.account + name for name in NAMES])
        assert stored == {
            identity: account.balance for identity, account in world.plain.accounts.items() if identity in stored
        }
    await _statements_agree(database, world, bucket)


async def _statements_agree(database: Database, world: World, bucket: int) -> None:
    """Walking a chained account gives exactly what the plain journal has of it, newest first."""
    async with database.connection() as connection:
        accounts = [world.account, world.account + 1]
        starts = await store.newest_transfers(connection, bucket, accounts)
        walks = await store.statement(connection, bucket, starts, limit=1000)
        for account in accounts:
            expected = [entry[0] for entry in reversed(world.plain.journal) if account in entry[1:3]]
            assert [row.id for row in walks.get(account, ())] == expected


@pytest.mark.timeout(300)
def test_random_histories_agree_with_the_plain_ledger_and_verify_clean(app_dsn: str, owner_dsn: str) -> None:
    @settings(
        max_examples=150,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    )
    @given(history=histories, bucket=st.integers(0, 3))
    def run(history: list[list[tuple[int, list[tuple[int, int, int]]]]], bucket: int) -> None:
        loop.run_until_complete(play(database, history, bucket))

    from haihe.base.database import open_database  # noqa: PLC0415

    loop = asyncio.new_event_loop()
    opened = open_database(app_dsn)
    database = loop.run_until_complete(opened.__aenter__())
    try:
        run()
    finally:
        loop.run_until_complete(opened.__aexit__(None, None, None))
        loop.close()
    assert verify(owner_dsn).findings == ()
