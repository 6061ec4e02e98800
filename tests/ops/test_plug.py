"""Pulling the plug: what it shows is asked and counted, and it kills nobody else's database."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from haihe.app import plugs_of
from haihe.base.home import Home
from haihe.base.settings import Settings
from haihe.ops.access import Access, context_of
from haihe.ops.plug import rush as rushing, store
from haihe.ops.plug.model import Board, Counted, PlugBusy, Step
from haihe.ops.plug.rush import Rider, Rush, open_client
from haihe.ops.plug.service import Plug, find_server
from haihe.ops.postgres import EmbeddedPostgres
from haihe.ops.postgres_settings import Purpose
from haihe.sectors import retail
from tests.grounds import open_ground

RIDERS = [Rider(number, f"token {number}", ["bus"]) for number in range(3)]


class Town:
    """Answers payments as the city does; it may be away, and it may forget what it said."""

    def __init__(self, *, forgets: bool = False) -> None:
        self.forgets = forgets
        self.is_away = False
        self.paid: dict[str, dict[str, object]] = {}
        self.numbers = itertools.count(1)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        key = dict(scope["headers"])[b"idempotency-key"].decode()
        if self.is_away:
            self.is_away = False
            await self._say(send, 503, {"code": "try_again"})
            return
        if self.forgets or key not in self.paid:
            self.paid[key] = {"id": str(next(self.numbers)), "amount": 200}
        await self._say(send, 201, self.paid[key])

    async def _say(self, send: Any, status: int, body: dict[str, object]) -> None:
        head = {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        await send(head)
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})


async def rush_in(town: Town, monkeypatch: pytest.MonkeyPatch) -> tuple[Counted, int]:
    for name, seconds in (("PAYING_S", 0.2), ("AFTER_S", 0.1), ("EVERY_S", 0.02), ("REPEAT_S", 0.01)):
        monkeypatch.setattr(rushing, name, seconds)
    board = Board()
    async with open_client(town) as client:
        rush = Rush("plug", client, RIDERS, board, lambda: setattr(town, "is_away", True))
        await rush.run()
        unlike = await rush.ask_all_again()
    return board.counted, unlike


async def test_a_rush_repeats_what_was_not_answered_and_counts_what_was(monkeypatch: pytest.MonkeyPatch):
    town = Town()
    counted, unlike = await rush_in(town, monkeypatch)
    assert unlike == counted.lost == 0
    assert counted.acknowledged == sum(counted.beats) == len(town.paid) > len(RIDERS)
    assert counted.paid_fen == 200 * len(town.paid)
    assert counted.repeats == 1
    assert counted.away_s is not None
    assert counted.away_s > 0


async def test_an_answer_that_is_another_one_later_counts_as_lost(monkeypatch: pytest.MonkeyPatch):
    counted, unlike = await rush_in(Town(forgets=True), monkeypatch)
    assert unlike == counted.lost == counted.acknowledged > 0


def test_only_clean_counts_are_called_clean():
    clean = Counted(step=Step.DONE, acknowledged=1, lost=0, doubled=0, findings=0, paid_fen=2_00, moved_fen=2_00)
    assert clean.is_clean
    wrong: list[dict[str, Any]] = [
        {"lost": 1},
        {"doubled": 1},
        {"findings": 1},
        {"moved_fen": 4_00},
        {"moved_fen": None},
        {"step": Step.CHECKING},
    ]
    assert not any(replace(clean, **change).is_clean for change in wrong)


async def test_what_is_stored_is_counted_row_by_row(database: Access):
    async with open_ground(database, retail.branch) as city:
        (citizen,) = await city.register(1)
        since = city.ground.base.ids.next()
        await city.found([citizen])
        async with city.database.connection() as connection:
            cursor = await connection.execute("SELECT code FROM stickers WHERE kind = 'shop' ORDER BY code LIMIT 1")
            row = await cursor.fetchone()
            assert row is not None
        for key in ("one", "one", "two"):
            await city.pay(citizen, row[0], 3_00, key=key)
        async with city.database.connection() as connection:
            assert await store.stored(connection, [(citizen.id, citizen.bucket)], since=since) == (2, 6_00)
            assert await store.riders(connection, limit=5) == []


async def test_a_second_press_is_refused_while_one_is_running(tmp_path: Path):
    plug = Plug(cast("Any", None), cast("Any", None), Home(tmp_path), "", "")
    plug.pull()
    with pytest.raises(PlugBusy):
        plug.pull()
    await plug.end()


def test_only_the_embedded_server_has_a_plug_and_it_is_the_right_one(home: Home, database: Access):
    given = Settings(home=home.path, database="postgresql://somebody-elses/city")
    assert plugs_of(cast("Any", None), context_of(given, database)) == []
    assert find_server(home) is None
    postgres = EmbeddedPostgres(home, purpose=Purpose.TESTS)
    postgres.start()
    try:
        found = find_server(home)
        assert found is not None
        assert found.pid == postgres.pid
    finally:
        postgres.stop()
        postgres.remove()
