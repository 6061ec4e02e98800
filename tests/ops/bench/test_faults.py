"""The fault runner: a city that is killed loses nothing, a seed draws the same again, and a broken engine is caught."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from haihe.app import SECTORS
from haihe.ops.bench.faults.runner import Verdict, Wish, bench_faults
from haihe.ops.bench.faults.town import Run
from haihe.ops.bench.faults.troubles import TROUBLES, kill_server, plan
from haihe.payments.engine import Engine, Order
from haihe.payments.model import Payment
from haihe.sectors import retail, transit

SEED = 4
MINUTES = 10.0
ASKS = 10
HASTE_S = 0.3
BROKEN = Wish(seed=SEED, minutes=1, sectors=(transit.branch, retail.branch), rounds=1, asks=8)
"""A small town is enough to catch a broken engine."""

pytestmark = pytest.mark.timeout(900)


def run(wish: Wish) -> Verdict:
    heard: list[str] = []
    verdict = bench_faults(wish, heard.append)
    print(*heard, *verdict.wrong, verdict.measured.as_text(), verdict.replay, sep="\n")
    return verdict


def test_a_round_of_faults_loses_and_doubles_nothing():
    verdict = run(Wish(seed=SEED, minutes=1, sectors=SECTORS, rounds=1, asks=ASKS))
    conditions = verdict.measured.conditions
    assert verdict.wrong == ()
    assert (conditions["lost"], conditions["doubled"], conditions["rounds"]) == (0, 0, 1)
    assert verdict.measured.figure > 150
    assert isinstance(conditions["kills"], int)
    assert conditions["kills"] >= 1
    assert verdict.replay == f"haihe bench faults --seed {SEED} --minutes 1"


@pytest.mark.prove
def test_minutes_of_faults_lose_and_double_nothing():
    verdict = run(Wish(seed=secrets.randbelow(1_000_000), minutes=MINUTES, sectors=SECTORS))
    assert verdict.wrong == ()
    assert verdict.measured.conditions["disk_full"]


def test_a_seed_plans_the_same_again_and_another_one_something_else():
    def planned(seed: int) -> list[tuple[int, str]]:
        return [(one.after, one.trouble.name) for one in plan(random.Random(seed), 500, has_disk=True)]

    assert planned(1) == planned(1) != planned(2)
    assert all(earlier[0] <= later[0] for earlier, later in pairwise(planned(3)))
    full = [plan(random.Random(seed), 500, has_disk=False) for seed in range(20)]
    assert all(any(one.trouble.strike is kill_server for one in round_) for round_ in full)
    assert {one.trouble.name for round_ in full for one in round_} == {one.name for one in TROUBLES} - {"disk_full"}


def test_an_engine_that_forgets_its_keys_is_caught():
    def forgetful(engine: Engine) -> Run:
        async def pay(bucket: int, orders: Sequence[Order]) -> Sequence[Payment | BaseException]:
            return await engine.run(bucket, [replace(order, key=secrets.randbits(62)) for order in orders])

        return pay

    verdict = run(replace(BROKEN, make_run=forgetful))
    assert verdict.measured.conditions["doubled"]
    assert any("was answered" in text for text in verdict.wrong)


def test_an_engine_that_answers_before_it_commits_is_caught():
    """Its answers come a moment before their transaction ends: whoever is killed in between has lied."""
    ends: set[asyncio.Task[None]] = set()

    def hasty(engine: Engine) -> Run:
        async def pay(bucket: int, orders: Sequence[Order]) -> Sequence[Payment | BaseException]:
            answered: asyncio.Future[Sequence[Payment | BaseException]] = asyncio.get_running_loop().create_future()
            task = asyncio.create_task(commit_later(engine, bucket, orders, answered))
            ends.add(task)
            task.add_done_callback(ends.discard)
            waiting: set[asyncio.Future[Any]] = {task, answered}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return answered.result() if answered.done() else await engine.run(bucket, orders)

        return pay

    verdict = run(replace(BROKEN, make_run=hasty, rounds=4))
    assert verdict.wrong


async def commit_later(
    engine: Engine, bucket: int, orders: Sequence[Order], answered: asyncio.Future[Sequence[Payment | BaseException]]
) -> None:
    try:
        async with engine.database.transaction() as connection:
            answered.set_result(await engine.pay(connection, bucket, orders))
            await asyncio.sleep(HASTE_S)
    except Exception:  # noqa: BLE001 - that is what it does wrong
        pass
