"""What posting promises beyond its results: once, in order, sealed, and by nobody else."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from msgspec.structs import replace

from haihe.base.errors import BrokenInvariantError
from haihe.base.ids import LEGS_MAX
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, AccountKind, NewAccount, Result
from haihe.ops.verify import verify
from tests.ledger.conftest import BUCKET, BUS, LI, NOW, WANG, Books


async def test_a_repeated_posting_is_answered_and_not_posted_again(books: Books) -> None:
    ride = books.posting((LI, BUS, 2_00))
    await books.post(ride)
    answer = await books.post(ride, ride)
    assert [posted.result for posted in answer.posted] == [Result.ALREADY_POSTED] * 2
    assert await books.balances(LI) == [98_00]


async def test_a_refused_id_keeps_its_answer_when_the_money_arrives_later(books: Books) -> None:
    ride = books.posting((WANG, BUS, 8_00))
    assert (await books.post(ride)).posted[0].result is Result.INSUFFICIENT_FUNDS
    await books.post(books.posting((LI, WANG, 50_00)))
    assert (await books.post(ride)).posted[0].result is Result.INSUFFICIENT_FUNDS
    assert await books.balances(WANG) == [55_00]


async def test_an_id_with_other_content_is_refused(books: Books) -> None:
    ride = books.posting((LI, BUS, 2_00), (LI, BUS, 1_00))
    await books.post(ride)
    other = replace(ride, legs=(ride.legs[0], replace(ride.legs[1], amount=1_01)))
    assert (await books.post(other)).posted[0].result is Result.ID_REUSED


async def test_an_id_older_than_the_oldest_partition_is_refused(books: Books) -> None:
    assert (await books.post(books.posting((LI, BUS, 1), identity=16))).posted[0].result is Result.TOO_OLD


@pytest.mark.parametrize(
    "legs",
    [
        [(LI, BUS, 0)],
        [(LI, BUS, -1)],
        [(LI, BUS, 10_000_000_001)],
        [(LI, BUS, 2**63)],
        [(LI, LI, 1)],
        [(LI, BUS, 1)] * (LEGS_MAX + 1),
        [],
    ],
)
async def test_a_malformed_posting_is_refused_and_its_neighbours_are_not(
    books: Books, legs: list[tuple[int, int, int]]
) -> None:
    good = books.posting((LI, BUS, 2_00))
    made = books.posting(*(legs or [(LI, BUS, 1)]))
    bad = made if legs else replace(made, legs=())
    answer = await books.post(bad, good)
    assert [posted.result for posted in answer.posted] == [Result.MALFORMED, Result.POSTED]


async def test_another_currency_is_malformed(books: Books) -> None:
    await books.open([NewAccount(4000, AccountKind.WALLET, 1, currency=643)])
    answer = await books.post(books.posting((LI, 4000, 1_00)), books.posting((LI, BUS, 1_00)))
    assert [posted.result for posted in answer.posted] == [Result.MALFORMED, Result.POSTED]


async def test_frozen_and_closed_accounts_neither_pay_nor_are_paid(books: Books) -> None:
    async with books.database.transaction() as connection:
        await ledger.set_flags(connection, BUCKET, LI, add=AccountFlag.FROZEN)
        await ledger.set_flags(connection, BUCKET, BUS, add=AccountFlag.CLOSED)
    answer = await books.post(books.posting((LI, WANG, 1)), books.posting((WANG, LI, 1)), books.posting((WANG, BUS, 1)))
    assert [posted.result for posted in answer.posted] == [
        Result.ACCOUNT_FROZEN,
        Result.PAYEE_FROZEN,
        Result.PAYEE_CLOSED,
    ]
    async with books.database.transaction() as connection:
        await ledger.set_flags(connection, BUCKET, LI, remove=AccountFlag.FROZEN)
    assert (await books.post(books.posting((LI, WANG, 1)))).posted[0].result is Result.POSTED


async def test_a_closed_account_stays_closed(books: Books) -> None:
    async with books.database.transaction() as connection:
        await ledger.set_flags(connection, BUCKET, LI, add=AccountFlag.CLOSED)
    with pytest.raises(psycopg.errors.RaiseException):
        async with books.database.transaction() as connection:
            await ledger.set_flags(connection, BUCKET, LI, remove=AccountFlag.CLOSED)


async def test_fifty_concurrent_debits_never_overdraw(books: Books, owner_dsn: str) -> None:
    answers = await asyncio.gather(*(books.post(books.posting((LI, BUS, 7_00))) for _ in range(50)))
    posted = [answer.posted[0].result for answer in answers]
    assert posted.count(Result.POSTED) == 14
    assert await books.balances(LI, BUS) == [2_00, 98_00]
    assert verify(owner_dsn).findings == ()


async def test_a_rolled_back_batch_leaves_nothing(books: Books, owner_dsn: str) -> None:
    async with books.database.connection() as connection, connection.transaction(force_rollback=True):
        await ledger.post(connection, BUCKET, [books.posting((LI, BUS, 1_00))], now=NOW)
    assert await books.balances(LI, BUS) == [100_00, 0]
    assert verify(owner_dsn).findings == ()


async def test_an_account_keeps_its_kind_and_owner(books: Books) -> None:
    with pytest.raises(BrokenInvariantError):
        await books.open([NewAccount(LI, AccountKind.TILL, LI)])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transfers SET amount = 1",
        "DELETE FROM transfers",
        "INSERT INTO transfers SELECT * FROM transfers",
        "UPDATE accounts SET credits_posted = credits_posted + 1",
        "DELETE FROM batches",
        "UPDATE heads SET batch = 0",
        "TRUNCATE refusals",
    ],
)
def test_the_application_cannot_touch_what_is_stored(books: Books, app_dsn: str, statement: str) -> None:
    with psycopg.connect(app_dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    ("tampering", "check"),
    [
        ("UPDATE transfers SET amount = amount + 1 WHERE debit = 1000", "ledger.seals"),
        ("UPDATE transfers SET effective = effective - interval '1 day' WHERE debit = 1000", "ledger.seals"),
        ("DELETE FROM transfers WHERE debit = 1000", "ledger.seals"),
        ("UPDATE transfers SET place = 3 - place WHERE batch = 2", "ledger.seals"),
        ("UPDATE transfers SET place = place + 1 WHERE batch = 2", "ledger.seals"),
        ("UPDATE transfers SET posted = posted - interval '1 second' WHERE debit = 1000", "ledger.seals"),
        ("UPDATE batches SET last_id = last_id + 16 WHERE number = 1", "ledger.seals"),
        ("UPDATE batches SET booking_day = booking_day - 1", "ledger.seals"),
        ("UPDATE heads SET id_max = id_max + 16 WHERE bucket = 2", "ledger.numbers"),
        ("UPDATE transfers SET batch = 9 WHERE debit = 1001", "ledger.seals"),
        ("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = 2000", "ledger.balances"),
        ("UPDATE accounts SET last_transfer = 0 WHERE id = 1000", "ledger.walks"),
        ("UPDATE batches SET hash = sha256(hash) WHERE number = 1", "ledger.seals"),
        ("DELETE FROM batches WHERE number = 1", "ledger.numbers"),
        ("UPDATE heads SET batch = batch - 1 WHERE bucket = 2", "ledger.numbers"),
    ],
)
async def test_tampering_by_the_owner_of_the_database_is_found(
    books: Books, owner_dsn: str, tampering: str, check: str
) -> None:
    await books.post(books.posting((LI, BUS, 2_00)), books.posting((WANG, BUS, 2_00)))
    assert verify(owner_dsn).findings == ()
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(tampering.encode())
    assert check in {finding.check for finding in verify(owner_dsn).findings}
