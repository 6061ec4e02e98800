"""A process that dies between any two lines, or is killed for real: what was on its way arrives or comes back, once."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from haihe.base.clock import SystemClock
from haihe.base.ids import Ids
from haihe.ledger.model import AccountFlag
from tests.cities import until
from tests.killing import killed_at_every_line
from tests.ledger.crossings.conftest import MONEY, Town

LI, WANG = 0, 1
FOLDER = "haihe/ledger/crossings"
SENT_BEFORE_THE_KILL = 40


@pytest.mark.parametrize("takes_money", [True, False], ids=["arrives", "comes back"])
async def test_killed_at_any_line_it_is_finished_or_undone_once(town: Town, takes_money: bool):
    if not takes_money:
        await town.flag(WANG, AccountFlag.CLOSED)
    begun: set[int] = set()

    async def cross(_: int) -> None:
        sent = town.crossing(LI, WANG, 1)
        await town.begin(sent)
        begun.add(sent.id)
        await town.crossings.finish(LI, [sent.id])

    places = []
    async for place in killed_at_every_line(cross, FOLDER):
        places.append(place)
        await town.crossings.finish_open()
        moved = MONEY - await town.has(LI)
        assert moved == await town.has(WANG) - MONEY == (len(begun) if takes_money else 0), place
        assert await town.has(LI, 3) == (moved if takes_money else 0), place
    assert len(places) > 40
    assert len({place.partition(":")[0] for place in places}) > 2
    assert town.found_wrong() == []


async def test_the_job_may_die_at_any_line_too(town: Town):
    sent = [town.crossing(LI, WANG, 1) for _ in range(3)]
    await town.begin(*sent)
    rounds = 0
    async for _ in killed_at_every_line(lambda _: town.crossings.finish_open(), FOLDER):
        rounds += 1
        assert await town.has(WANG) in {MONEY, MONEY + 3}
    assert rounds > 20
    assert town.arrived() == {one.id for one in sent}
    assert await town.has(WANG) == MONEY + 3
    assert town.found_wrong() == []


SENDER = """
import asyncio, sys
from haihe.base.clock import SystemClock
from haihe.base.database import open_database
from haihe.base.ids import Ids
from tests.ledger.crossings.conftest import Town

async def send(dsn):
    async with open_database(dsn) as database:
        town = Town(database, dsn, Ids(SystemClock(), node=9))
        async def without_end(bucket, target):
            while True:
                sent = town.crossing(bucket, target, 1)
                await town.begin(sent)
                print(sent.id, flush=True)
                await town.crossings.finish(bucket, [sent.id])
        await asyncio.gather(*(without_end(a, b) for a in range(4) for b in range(4) if a != b))

asyncio.run(send(sys.argv[1]))
"""


async def test_a_killed_process_leaves_nothing_on_its_way_for_long(town: Town, app_dsn: str, tmp_path: Path):
    said = tmp_path / "said"
    with said.open("wb") as output:
        sender = await asyncio.create_subprocess_exec(sys.executable, "-P", "-c", SENDER, app_dsn, stdout=output)
    try:
        await asyncio.to_thread(until, lambda: said.read_bytes().count(b"\n") >= SENT_BEFORE_THE_KILL, "enough sent")
    finally:
        sender.send_signal(signal.SIGKILL)
        await sender.wait()
    acknowledged = {int(line) for line in said.read_text().splitlines()[:-1]}
    assert town.found_wrong() == []
    on_its_way = sum(await town.bridges())
    assert 0 <= on_its_way <= 12
    await Town(town.database, town.owner_dsn, Ids(SystemClock(), node=10)).crossings.finish_open()
    assert sum(await town.bridges()) == 0
    assert sum([await town.has(bucket) for bucket in range(4)]) == 4 * MONEY
    assert acknowledged <= town.arrived()
    assert town.found_wrong() == []
