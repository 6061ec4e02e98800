"""One history over wallet and purses: every posting once, in the ledger's order, whatever the size of a page."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from haihe.base.clock import SystemClock
from haihe.base.database import Connection, Database, open_database
from haihe.base.ids import ID_MAX, LEGS_MAX, Ids
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, AccountKind, Leg, NewAccount, Posting, SystemAccount, TransferKind
from haihe.payments.errors import CursorInvalid
from haihe.payments.movements import Movement, read_cursor, read_movements
from haihe.wallet.purses import store as purse_store
from haihe.wallet.purses.model import Scheme

BUCKET = 2
TILL = 7_777_777
RICH = 1_000_000
CHAINED = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED

amounts = st.integers(1, 500)
postings = st.one_of(
    st.tuples(st.just("top up"), st.just(0), amounts),
    st.tuples(st.just("grant"), st.integers(1, 3), amounts),
    st.tuples(st.just("pay"), st.integers(0, 3), amounts),
    st.tuples(st.just("pay shared"), st.integers(1, 3), amounts),
    st.tuples(st.just("move"), st.integers(1, 3), amounts),
)
histories = st.lists(st.lists(postings, min_size=1, max_size=5), min_size=1, max_size=6)


@dataclass
class Person:
    """A citizen with a wallet (0) and three purses, and what moved on them: posting and sum, in the order of the ledger."""

    accounts: dict[int, int]
    moved: list[tuple[int, int]] = field(default_factory=list)

    @property
    def citizen(self) -> int:
        return self.accounts[0]


async def make_person(connection: Connection, ids: Ids) -> Person:
    accounts = dict(enumerate(ids.take(4)))
    for scheme in (1, 2, 3):
        await purse_store.put_purses(
            connection, BUCKET, scheme=scheme, citizens=[accounts[0]], accounts=[accounts[scheme]]
        )
    opened = [
        NewAccount(account, AccountKind.PURSE if scheme else AccountKind.WALLET, accounts[0], CHAINED)
        for scheme, account in accounts.items()
    ]
    await ledger.open_accounts(connection, BUCKET, [*opened, NewAccount(TILL, AccountKind.TILL, TILL)])
    person = Person(accounts)
    await post(connection, person, [("grant", scheme, RICH) for scheme in accounts], ids.take(len(accounts)))
    return person


def legs_of(person: Person, what: str, scheme: int, amount: int) -> tuple[tuple[Leg, ...], int]:
    """Give the legs of a posting, and what it changes for the person."""
    wallet, purse = person.accounts[0], person.accounts[scheme]
    match what:
        case "top up" | "grant":
            return (Leg(SystemAccount.RESERVE, purse, amount, TransferKind.GRANT),), amount
        case "pay":
            return (Leg(purse, TILL, amount, TransferKind.PAYMENT),), -amount
        case "pay shared":
            own = Leg(wallet, TILL, amount, TransferKind.PAYMENT)
            return (Leg(purse, TILL, amount, TransferKind.PAYMENT), own), -2 * amount
        case _:
            return (Leg(purse, wallet, amount, TransferKind.PAYMENT),), 0


async def post(connection: Connection, person: Person, batch: list[tuple[str, int, int]], ids: list[int]) -> None:
    made = [legs_of(person, *one) for one in batch]
    now = SystemClock().now()
    listed = [
        Posting(identity, legs, now, subject=person.citizen) for identity, (legs, _) in zip(ids, made, strict=True)
    ]
    await ledger.post(connection, BUCKET, listed, now=now, remember=False)
    person.moved += [(identity, change) for identity, (_, change) in zip(ids, made, strict=True)]


async def walk(connection: Connection, person: Person, *, limit: int) -> list[Movement]:
    """Page back to the beginning."""
    found: list[Movement] = []
    cursor = None
    while True:
        page, cursor = await read_movements(connection, BUCKET, person.citizen, limit=limit, cursor=cursor)
        assert 0 < len(page) <= limit
        assert len(page) == limit or cursor is None
        found += page
        if cursor is None:
            return found


async def agree(
    database: Database, ids: Ids, history: list[list[tuple[str, int, int]]], *, limit: int, seed: int
) -> None:
    """Post a history, each batch with ids in any order, and page over it."""
    shuffle = random.Random(seed).shuffle
    async with database.connection() as connection:
        person = await make_person(connection, ids)
        for batch in history:
            taken = ids.take(len(batch))
            shuffle(taken)
            await post(connection, person, batch, taken)
        found = await walk(connection, person, limit=limit)
        left = await ledger.balances(connection, BUCKET, list(person.accounts.values()))
    assert [(one.id // LEGS_MAX * LEGS_MAX, one.amount) for one in found] == person.moved[::-1]
    assert sum(one.amount for one in found) == sum(left.values())


@pytest.mark.timeout(120)
def test_pages_of_any_size_give_every_posting_once_in_order_with_the_sum_over_wallet_and_purses(app_dsn: str) -> None:
    @settings(
        max_examples=40,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(history=histories, limit=st.integers(1, 9), seed=st.integers(0, 1000))
    def example(history: list[list[tuple[str, int, int]]], limit: int, seed: int) -> None:
        runner.run(agree(database, ids, history, limit=limit, seed=seed))

    ids = Ids(SystemClock(), node=5)
    with asyncio.Runner() as runner:
        opening = open_database(app_dsn)
        database = runner.run(opening.__aenter__())
        try:
            runner.run(make_schemes(database))
            example()
        finally:
            runner.run(opening.__aexit__(None, None, None))


async def make_schemes(database: Database) -> None:
    async with database.transaction() as connection:
        for key in ("meal", "medical", "travel", "late"):
            await purse_store.put_scheme(connection, Scheme(0, key, {"en": key}, 0))


async def test_cursor_that_was_not_made_for_this_citizen_is_refused(database_pool: Database) -> None:
    ids = Ids(SystemClock(), node=6)
    await make_schemes(database_pool)
    async with database_pool.connection() as connection:
        person, other = [await make_person(connection, ids) for _ in range(2)]
        strange = f"0-{other.moved[0][0]}"
        wrong = (
            "",
            "x",
            "0",
            "0-",
            "-1",
            "0-x",
            "9-1",
            "0-1.0-1",
            "0-²",
            f"0-{2**63}",
            f"0-{'9' * 30}",
            "0-1",
            strange,
        )
        for cursor in wrong:
            with pytest.raises(CursorInvalid):
                await read_movements(connection, BUCKET, person.citizen, limit=5, cursor=cursor)


def test_cursor_takes_ids_of_every_length() -> None:
    """From the summer of 2027 on ids have 19 digits."""
    assert read_cursor(f"0-{ID_MAX}.2-16", {0: 5, 2: 7}) == {5: ID_MAX, 7: 16}


async def test_purse_that_is_new_since_the_first_page_does_not_disturb_the_next(database_pool: Database) -> None:
    ids = Ids(SystemClock(), node=7)
    await make_schemes(database_pool)
    async with database_pool.connection() as connection:
        person = await make_person(connection, ids)
        first, cursor = await read_movements(connection, BUCKET, person.citizen, limit=2, cursor=None)
        late = ids.next()
        await purse_store.put_purses(connection, BUCKET, scheme=4, citizens=[person.citizen], accounts=[late])
        await ledger.open_accounts(connection, BUCKET, [NewAccount(late, AccountKind.PURSE, person.citizen, CHAINED)])
        person.accounts[4] = late
        await post(connection, person, [("grant", 4, 5)], ids.take(1))
        rest, end = await read_movements(connection, BUCKET, person.citizen, limit=9, cursor=cursor)
    assert end is None
    assert [one.id for one in [*first, *rest]] == [identity for identity, _ in person.moved[-2::-1]]
