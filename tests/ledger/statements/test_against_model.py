"""Random histories over several buckets: what the statements say is what a plain program says of the same journal."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from haihe.base.clock import SystemClock
from haihe.base.database import Database, open_database
from haihe.base.ids import LEGS_MAX, first_id_at
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, AccountKind, Leg, NewAccount, Posting, Result, TransferKind
from haihe.ledger.statements import books_store, reading
from haihe.ledger.statements.bookkeeper import Bookkeeper
from haihe.ledger.statements.model import (
    EVERYTHING,
    Account,
    Book,
    Direction,
    Filter,
    Key,
    Period,
    StatementPage,
    Turn,
    Walk,
)
from haihe.ledger.statements.service import Statements
from haihe.ops.verify import verify
from tests.ledger.statements.model import (
    Entry,
    Owns,
    admitting,
    plain_lines,
    plain_page,
    plain_sums,
    plain_trial_balance,
    shown,
)

NOW = datetime.now(UTC).replace(microsecond=0)
BASE = first_id_at(NOW)
BUCKETS = 4
SECOND = timedelta(seconds=1)
CITIZEN = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED
TILL, FUND, LI, WANG = range(4)
KINDS = {
    TILL: (AccountKind.TILL, AccountFlag(0)),
    FUND: (AccountKind.CITY_FUNDS, AccountFlag(0)),
    LI: (AccountKind.WALLET, CITIZEN),
    WANG: (AccountKind.PURSE, CITIZEN),
}

legs = st.tuples(st.sampled_from(sorted(KINDS)), st.sampled_from(sorted(KINDS)), st.integers(1, 30))
batches = st.tuples(
    st.integers(0, BUCKETS - 1),
    st.integers(0, 3),
    st.lists(st.lists(legs, min_size=1, max_size=3), min_size=1, max_size=5),
)
histories = st.lists(batches, min_size=1, max_size=10)
filters = st.builds(
    Filter,
    direction=st.sampled_from([None, *Direction]),
    amount_min=st.sampled_from([None, 5, 15]),
    amount_max=st.sampled_from([None, 20]),
)
periods = st.tuples(st.integers(0, 10), st.integers(0, 20))
reads = st.tuples(filters, periods, st.integers(2, 5))


@dataclass
class World:
    """One run of accounts in the shared database: fresh accounts and ids, later than those of all runs before."""

    number: int
    journal: list[Entry] = field(default_factory=list)

    @property
    def account(self) -> int:
        return 1_000_000 * self.number

    @property
    def start(self) -> datetime:
        return NOW + self.number * timedelta(minutes=1)

    async def play(self, database: Database, history: list[tuple[int, int, list[list[tuple[int, int, int]]]]]) -> None:
        now, identity = self.start, BASE + (self.number << 16)
        for bucket in range(BUCKETS):
            async with database.transaction() as connection:
                await ledger.open_accounts(
                    connection,
                    bucket,
                    [NewAccount(self.account + one, kind, one, flags) for one, (kind, flags) in KINDS.items()],
                )
        for bucket, wait, drawn in history:
            now += wait * SECOND
            postings = []
            for moves in drawn:
                identity += LEGS_MAX
                made = [
                    Leg(self.account + debit, self.account + credit, amount, TransferKind.PAYMENT)
                    for debit, credit, amount in moves
                    if debit != credit
                ]
                if made:
                    postings.append(Posting(identity, made, now, subject=made[0].debit))
            if not postings:
                continue
            async with database.transaction() as connection:
                batch = await ledger.post(connection, bucket, postings, now=now)
            place = 0
            for posting, answer in zip(postings, batch.posted, strict=True):
                if answer.result is Result.POSTED:
                    for number, leg in enumerate(posting.legs):
                        place += 1
                        key = Key(now, bucket, batch.number, place)
                        self.journal.append(Entry(key, posting.id + number, leg.debit, leg.credit, leg.amount))

    def owns(self, account: Account) -> Owns:
        """Say which accounts stand in a statement; of a control account, those of this run."""
        if account.account < 0:
            of_kind = {self.account + one for one, (kind, _) in KINDS.items() if kind == -account.account}
            return of_kind.__contains__
        return account.account.__eq__

    def seen(self, account: Account) -> list[Entry]:
        return [one for one in self.journal if not isinstance(account, Walk) or one.key.bucket == account.bucket]


async def read_all(
    statements: Statements, account: Account, period: Period, wanted: Filter, *, limit: int
) -> list[StatementPage]:
    """Turn all pages from the first, and back again: both ways show the same lines."""
    pages = [await statements.page(account, period, wanted, limit=limit)]
    while pages[-1].older:
        pages.append(await statements.page(account, period, wanted, turn=pages[-1].older, limit=limit))
    back: list[int] = []
    turn: Turn | None = pages[-1].newer
    newest = {line.id for line in pages[-1].lines}
    while turn:
        page = await statements.page(account, period, wanted, turn=turn, limit=limit)
        back = [line.id for line in page.lines if line.id not in newest] + back
        newest |= {line.id for line in page.lines}
        turn = page.newer
    assert back == [line.id for page in pages for line in page.lines][: len(back)]
    assert newest == {line.id for page in pages for line in page.lines}
    return pages


async def compare(statements: Statements, world: World, wanted: Filter, seconds: tuple[int, int], limit: int) -> None:
    period = Period(world.start + seconds[0] * SECOND, world.start + sum(seconds) * SECOND)
    accounts: list[Account] = [Book(world.account + TILL), Walk(world.account + LI, 0), Book(-AccountKind.WALLET)]
    for account in accounts:
        journal, owns = world.seen(account), world.owns(account)
        expected = plain_page(journal, owns, period, admitting(wanted))
        pages = await read_all(statements, account, period, wanted, limit=limit)
        assert [one for page in pages for one in shown(page.lines)] == [
            (line.entry.id, line.debit, line.credit) for line in expected
        ]
        streamed = [one async for part in statements.lines(account, period, pages[0].marks) for one in shown(part)]
        inside = plain_page(journal, owns, period, lambda _: True)
        assert streamed == [(line.entry.id, line.debit, line.credit) for line in reversed(inside)]
        if account.account < 0:
            continue  # the control account also has the runs before
        opening, closing = (plain_sums(journal, owns, at) for at in (period.since, period.until))
        assert pages[0].opening.balance == opening.balance
        assert pages[0].turnover == closing - opening
        assert (await statements.sums(account, period.until)).balance == closing.balance
        if wanted == EVERYTHING:
            assert [one for page in pages for one in page.balances] == [line.balance for line in expected]
        else:
            assert all(not page.balances or page.balances == [line.balance for line in expected] for page in pages)
    trial = await statements.trial_balance(period.until)
    assert trial.total.balance == 0
    assert all(trial.of_bucket(bucket).balance == 0 for bucket in trial.buckets)
    for bucket in range(BUCKETS):
        journal = [one for one in world.journal if one.key.bucket == bucket]
        owners = {world.account + one: world.owns(Book(world.account + one)) for one in (TILL, FUND)}
        mine = {one.account: one.sums for one in trial.standings if one.bucket == bucket and one.account in owners}
        assert mine == plain_trial_balance(journal, owners, period.until)


def agree(app_dsn: str, owner_dsn: str, *, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    )
    @given(history=histories, read=reads)
    def run(
        history: list[tuple[int, int, list[list[tuple[int, int, int]]]]], read: tuple[Filter, tuple[int, int], int]
    ) -> None:
        world = World(len(worlds) + 1)
        worlds.append(world)
        loop.run_until_complete(world.play(database, history))
        loop.run_until_complete(compare(statements, world, *read))
        loop.run_until_complete(compare(statements, world, EVERYTHING, (0, 60), read[2]))

    worlds: list[World] = []
    loop = asyncio.new_event_loop()
    opened = open_database(app_dsn)
    database = loop.run_until_complete(opened.__aenter__())
    statements = Statements(database, SystemClock(), Bookkeeper(database))
    try:
        run()
        assert any(plain_lines(world.journal, world.owns(Book(world.account))) for world in worlds)
    finally:
        loop.run_until_complete(opened.__aexit__(None, None, None))
        loop.close()
    assert verify(owner_dsn).findings == ()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("leaf", [2, books_store.LEAF_LINES])
def test_statements_agree_with_a_plain_journal(
    app_dsn: str, owner_dsn: str, leaf: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_leaves_small(monkeypatch, leaf)
    agree(app_dsn, owner_dsn, examples=12)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("leaf", [2, books_store.LEAF_LINES])
def test_a_thousand_histories_read_as_a_plain_journal(
    app_dsn: str, owner_dsn: str, leaf: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_leaves_small(monkeypatch, leaf)
    agree(app_dsn, owner_dsn, examples=1000)


def make_leaves_small(monkeypatch: pytest.MonkeyPatch, lines: int) -> None:
    """Have books turn a leaf after every few lines, and pages give up early, so that all ends of leaves are met."""
    monkeypatch.setattr(books_store, "LEAF_LINES", lines)
    monkeypatch.setattr(books_store, "BATCHES_MAX", 2)
    monkeypatch.setattr(reading, "LEAVES_FIRST", 1)
    monkeypatch.setattr(reading, "LEAVES_MORE", 2)
    monkeypatch.setattr(reading, "LEAVES_MAX", 3)
