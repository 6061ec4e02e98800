"""Killed in the middle of payments: no acknowledged payment is lost, none is doubled, every law holds.

Riders pay without pause and repeat with the same key until they are answered, as the app does. Meanwhile the whole city (its
process group) or its PostgreSQL is killed with SIGKILL. `make prove` kills 20 times, otherwise 5. The seed is printed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import pytest

from haihe.base.home import Home
from haihe.ops.verify import verify
from tests.cities import RunningCity, until

KILLS = 20 if os.environ.get("HAIHE_PROVE") else 5
RIDERS = 16
FARE = 2_00
REPEAT_S = 0.05
ANSWERED = {201, 402, 409}


@dataclass
class Rider:
    """A citizen who pays one bus after the other, and remembers every answer by its key."""

    token: str
    codes: list[str]
    opening: int = 0
    acknowledged: dict[str, dict[str, object]] = field(default_factory=dict)
    asked: dict[str, dict[str, object]] = field(default_factory=dict)

    async def ride(self, client: httpx.AsyncClient, stop: asyncio.Event) -> None:
        for number in itertools.count(len(self.asked)):
            if stop.is_set():
                return
            key = f"ride-{number}"
            self.asked[key] = {"code": self.codes[number % len(self.codes)], "companion": True}
            self.acknowledged[key] = await self.until_answered(client, key)

    def paid(self) -> list[dict[str, Any]]:
        """Give the answers that said paid, in order; the others said that the money was spent."""
        return [answer for answer in self.acknowledged.values() if answer.get("status") == "paid"]

    async def until_answered(self, client: httpx.AsyncClient, key: str) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        while True:
            try:
                answer = await client.post("/api/payments", json=self.asked[key], headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(REPEAT_S)
                continue
            if answer.status_code in ANSWERED and answer.json().get("code") != "in_progress":
                found: dict[str, object] = answer.json()
                return found
            assert answer.status_code in {409, 503}, answer.text
            await asyncio.sleep(REPEAT_S)


async def rush(city: RunningCity, riders: list[Rider], kill: Callable[[], None], seconds: float) -> None:
    """Let all ride, kill after some time, and let them ride on until each was answered again."""
    stop = asyncio.Event()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{city.port}", timeout=10, trust_env=False) as client:
        rides = [asyncio.create_task(rider.ride(client, stop)) for rider in riders]
        await asyncio.sleep(seconds)
        await asyncio.to_thread(kill)
        await asyncio.sleep(0.5)
        stop.set()
        await asyncio.gather(*rides)


def kill_everything(city: RunningCity) -> None:
    city.send(signal.SIGKILL, group=True)
    city.end()
    city.start().ready()


def kill_postgres(city: RunningCity) -> None:
    city.postgres().kill()
    until(lambda: city.get("/readyz").status_code == 200, "ready again")


@pytest.mark.timeout(900)
def test_killing_city_or_database_loses_and_doubles_nothing(
    home: Home, cities: Callable[..., RunningCity], owner_sums: Callable[[RunningCity], dict[str, int]]
) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    city = cities(home)
    city.module = "haihe"
    city.start().ready()
    riders = _riders(home, city)
    for number in range(KILLS):
        kill = chance.choice([kill_everything, kill_postgres])
        print(f"kill {number + 1}: {kill.__name__}")
        asyncio.run(rush(city, riders, lambda kill=kill: kill(city), chance.uniform(0.2, 1.2)))  # type: ignore[misc]
        assert verify(city.access().owner_dsn).findings == ()
    asyncio.run(_every_answer_is_found_again(city, riders))
    paid = sum(len(rider.paid()) for rider in riders)
    print(f"{paid} payments acknowledged over {KILLS} kills")
    assert paid > RIDERS
    assert owner_sums(city) == {"payments": paid, "moved": paid * FARE, "rides": paid}


def _riders(home: Home, city: RunningCity) -> list[Rider]:
    demo = json.loads(home.demo.read_text())
    codes = [sticker["code"] for sticker in demo["stickers"] if (sticker["kind"], sticker["amount"]) == ("bus", FARE)]
    return [
        Rider(citizen["token"], codes[place:] + codes[:place])
        for place, citizen in enumerate(demo["citizens"][:RIDERS])
    ]


async def _every_answer_is_found_again(city: RunningCity, riders: list[Rider]) -> None:
    """Repeating every key gives the very same answer, and each rider's balance is what a pencil gives."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{city.port}", timeout=10, trust_env=False) as client:
        for rider in riders:
            for key, answer in rider.acknowledged.items():
                assert await rider.until_answered(client, key) == answer
            balances = [answer["balance"]["amount"] for answer in rider.paid()]
            assert balances == [balances[0] - FARE * step for step in range(len(balances))]


@pytest.fixture
def owner_sums() -> Callable[[RunningCity], dict[str, int]]:
    def sums(city: RunningCity) -> dict[str, int]:
        with psycopg.connect(city.access().owner_dsn) as connection:
            row = connection.execute(
                """
                SELECT (SELECT count(*) FROM payments WHERE status = 0 AND channel <> 9),
                    (SELECT coalesce(sum(t.amount), 0)::bigint
                        FROM transfers t JOIN payments p ON p.bucket = t.bucket AND p.id = t.payment AND p.channel <> 9),
                    (SELECT count(*) FROM rides)
                """
            ).fetchone()
        assert row is not None
        return dict(zip(("payments", "moved", "rides"), row, strict=True))

    return sums
