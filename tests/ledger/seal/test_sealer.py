"""The sealer: what it signs and when, several at once, and killed between any two of its statements."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from haihe.base.clock import TurnableClock
from haihe.base.notes import read_note
from haihe.ledger.seal import sealer as module, store
from haihe.ledger.seal.checkpoint import Checkpoint
from haihe.ledger.seal.merkle import NO_LEAVES
from haihe.ledger.seal.sealer import NEWS_EVERY_S, QUIET_EVERY_S, Sealer
from haihe.ops.verify import verify
from tests.ledger.conftest import BUCKET, BUS, LI, WANG, Books
from tests.ledger.seal.conftest import SIGNER

KEY = SIGNER.verifier_key


async def signed(sealer: Sealer) -> list[Checkpoint]:
    """Give all checkpoints, the newest first."""
    async with sealer.database.connection() as connection:
        notes = await store.newest(connection, limit=1000)
    return [Checkpoint.from_text(read_note(one.note, KEY)) for one in notes]


async def test_news_is_signed_within_seconds_and_silence_every_minute(books: Books, sealer: Sealer, owner_dsn: str):
    clock = sealer.clock
    assert isinstance(clock, TurnableClock)
    assert await sealer.catch_up() == 1
    await books.post(books.posting((LI, BUS, 2_00)))
    assert await sealer.catch_up() == 0
    clock.turn(timedelta(seconds=NEWS_EVERY_S))
    assert [await sealer.catch_up(), await sealer.catch_up()] == [1, 0]
    clock.turn(timedelta(seconds=NEWS_EVERY_S))
    assert await sealer.catch_up() == 0
    clock.turn(timedelta(seconds=QUIET_EVERY_S))
    assert await sealer.catch_up() == 1
    clock.turn(timedelta(days=-1))
    await books.post(books.posting((LI, BUS, 2_00)))
    assert await sealer.catch_up(at_once=True) == 1
    newest, quiet, news, first = await signed(sealer)
    assert [one.leaves for one in (first, news, quiet, newest)] == [1, 1, 0, 1]
    assert (first.origin, first.stands[BUCKET].batch, news.stands[BUCKET].batch) == (SIGNER.name, 1, 2)
    assert (quiet.root, quiet.previous, quiet.stands) == (NO_LEAVES, news.hash, news.stands)
    assert newest.time == quiet.time
    assert QUIET_EVERY_S + module.LOOK_EVERY_S < 60
    found = verify(owner_dsn, verifier_key=KEY)
    assert (found.findings, found.checkpoints) == ((), 4)


async def test_much_news_makes_several_checkpoints(
    books: Books, sealer: Sealer, owner_dsn: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "LEAVES_MAX", 8)
    for _ in range(5):
        await books.post(books.posting((LI, BUS, 1)), books.posting((LI, WANG, 1), (WANG, BUS, 1)))
    await books.post(books.posting((WANG, BUS, 500_00)))
    assert await sealer.catch_up(at_once=True) == 4
    assert [one.leaves for one in await signed(sealer)] == [1, 2, 2, 2]
    assert verify(owner_dsn, verifier_key=KEY).findings == ()


async def test_several_sealers_at_once_while_payments_go_on(books: Books, sealer: Sealer, owner_dsn: str):
    others = [sealer, *(Sealer(books.database, sealer.clock, SIGNER) for _ in range(2))]

    async def pay() -> None:
        for _ in range(15):
            await books.post(books.posting((LI, BUS, 1)))

    async def seal(one: Sealer) -> None:
        for _ in range(10):
            await one.catch_up(at_once=True)

    await asyncio.gather(pay(), *map(seal, others))
    await sealer.catch_up(at_once=True)
    checkpoints = await signed(sealer)
    assert sum(one.leaves for one in checkpoints) == checkpoints[0].stands[BUCKET].batch == 16
    assert verify(owner_dsn, verifier_key=KEY).findings == ()


class KilledError(Exception):
    """The process that sealed is gone."""


async def test_sealer_killed_between_any_two_statements_is_made_good(
    books: Books, sealer: Sealer, owner_dsn: str, monkeypatch: pytest.MonkeyPatch
):
    execute = psycopg.AsyncConnection.execute
    left = 0

    async def fragile(self: Any, *arguments: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            await self.close()
            raise KilledError
        return await execute(self, *arguments, **options)

    deaths, lived = 0, False
    while not lived:
        await books.post(books.posting((LI, BUS, 1)))
        left = deaths
        with monkeypatch.context() as patch:
            patch.setattr(psycopg.AsyncConnection, "execute", fragile)
            try:
                await sealer.catch_up(at_once=True)
                lived = True
            except KilledError:
                deaths += 1
        assert verify(owner_dsn, verifier_key=KEY).findings == ()
    checkpoints = await signed(sealer)
    assert deaths > 5
    assert sum(one.leaves for one in checkpoints) == checkpoints[0].stands[BUCKET].batch == deaths + 2


async def test_application_changes_nothing_that_is_sealed(books: Books, sealer: Sealer):
    await sealer.catch_up()
    for table in ("batch_roots", "checkpoints", "checkpoint_spans"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET bucket = 0", f"TRUNCATE {table}"):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedColumn)):
                async with books.database.connection() as connection:
                    await connection.execute(statement.encode())
