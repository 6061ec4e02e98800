"""`haihe verify`: one snapshot, all cores, progress, and nothing found while people pay."""

from __future__ import annotations

import asyncio
import sys

import psycopg
import pytest

from haihe.ops.verify import verify
from tests.ledger.conftest import BUCKET, BUS, LI, Books, books
from tests.ledger.seal.conftest import SIGNER, sealer

__all__ = ["books", "sealer"]


async def test_verification_shared_out_finds_nothing_while_payments_go_on(books: Books, sealer, owner_dsn: str):
    told: list[tuple[int, int]] = []

    def look() -> int:
        found = verify(
            owner_dsn,
            verifier_key=SIGNER.verifier_key,
            alone_max=-1,
            say=lambda _, done, total: told.append((done, total)),
        )
        assert found.findings == ()
        return found.transfers

    looking = asyncio.create_task(asyncio.to_thread(look))
    paid = 0
    while not looking.done():
        await books.post(*(books.posting((LI, BUS, 1)) for _ in range(5)))
        await sealer.catch_up(at_once=True)
        paid += 5
    assert 2 <= await looking <= paid + 2
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]


async def test_shared_out_and_alone_find_the_same(books: Books, sealer, owner_dsn: str):
    await books.post(books.posting((LI, BUS, 1_00)))
    await sealer.catch_up(at_once=True)
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("UPDATE transfers SET amount = amount + 1 WHERE debit = %s", (LI,))
    alone, shared = (verify(owner_dsn, verifier_key=SIGNER.verifier_key, alone_max=most) for most in (10**6, -1))
    assert alone == shared
    assert {one.check for one in alone.findings} >= {"ledger.seals", "ledger.balances"}
    assert all(one.bucket == BUCKET for one in alone.findings)


async def test_worker_that_dies_is_said_and_never_counts_as_clean(
    books: Books, owner_dsn: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(OSError, match=r"ended before|Broken pipe"):
        await asyncio.to_thread(verify, owner_dsn, alone_max=-1)
