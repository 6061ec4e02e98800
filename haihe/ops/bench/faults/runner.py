"""`haihe bench faults`: rounds of clients and troubles, each judged; the first one that is wrong ends the run."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Final

from psycopg.conninfo import make_conninfo

from haihe.base.settings import LOOPBACK
from haihe.ops.bench.faults.bank import SeededBank
from haihe.ops.bench.faults.clients import ASKS, CLIENTS, Client, Journal
from haihe.ops.bench.faults.judge import Judge
from haihe.ops.bench.faults.listening import listening
from haihe.ops.bench.faults.proxy import Mischief, Proxy, open_proxy
from haihe.ops.bench.faults.town import JumpingClock, Town, open_desk
from haihe.ops.bench.faults.troubles import Planned, Stage, plan
from haihe.ops.bench.faults.victim import Victim, open_victim
from haihe.ops.bench.report import Measured, machine
from haihe.ops.founding import found_city
from haihe.ops.migrate import migrate
from haihe.ops.postgres import DATABASE
from haihe.ops.postgres_settings import APP

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from haihe.ops.bench.faults.town import Desk, Run
    from haihe.ops.offices import MakeBranch
    from haihe.payments.engine import Engine

BUCKETS: Final = 4
DESKS: Final = 2
"""Processes' worth of services: a repeat may meet another one than the first request did."""
MINUTE_S: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How to run: the same seed asks and breaks the same. `rounds` ends a run earlier than its minutes."""

    seed: int
    minutes: float
    sectors: Sequence[MakeBranch]
    rounds: int | None = None
    asks: int = ASKS
    """What each client asks in a round."""
    make_run: Callable[[Engine], Run] = lambda engine: engine.run
    """What pays a batch; a test puts a broken one there."""


@dataclass(frozen=True)
class Verdict:
    """The figures, and what was wrong; `replay` is the command that asks and breaks the same again."""

    measured: Measured
    wrong: Sequence[str]
    replay: str


def bench_faults(wish: Wish, say: Callable[[str], None]) -> Verdict:
    """Run on a server of its own."""
    run_ = _Run(wish, say)
    with ExitStack() as stack:
        stack.enter_context(listening(run_.journal.wrong.append))
        victim = stack.enter_context(open_victim(say))
        migrate(victim.access.owner_dsn, password=None)
        found_city(victim.access.owner_dsn, buckets=BUCKETS, now=datetime.now(UTC))
        return asyncio.run(run_.run(victim))


@dataclass
class _Run:
    """One run."""

    wish: Wish
    say: Callable[[str], None]
    rounds: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    journal: Journal = field(default_factory=Journal)

    def _chance(self, *names: object) -> random.Random:
        """Give the choices of someone or something, from the seed alone."""
        return random.Random("/".join(map(str, (self.wish.seed, *names))))  # noqa: S311 - repeatable on purpose

    async def run(self, victim: Victim) -> Verdict:
        """Found the town, play rounds until the time is over or something is wrong, and say how it was."""
        began = monotonic()
        mischief = Mischief(self._chance("proxy"))
        town = Town(JumpingClock(), SeededBank(self._chance("bank")), self._chance("town"))
        async with AsyncExitStack() as stack:
            proxy = await stack.enter_async_context(open_proxy(victim.socket, mischief))
            self.say("founding the town")
            desks = [
                await stack.enter_async_context(
                    open_desk(
                        _dsn(proxy),
                        town,
                        node=node,
                        sectors=self.wish.sectors,
                        make_run=self.wish.make_run,
                    )
                )
                for node in range(1, DESKS + 1)
            ]
            judge = Judge(town, victim.access.owner_dsn, self.journal)
            judge.begin()
            stage = Stage(victim, proxy, town.clock)
            while not self.journal.wrong and self._has_time(began):
                await self._round(town, desks, stage, judge)
            if not self.journal.wrong:
                self.say(f"asking all {len(self.journal.answered):,} again")
                await judge.ask_again(self._client(town, desks, "end"), self.journal.answered)
        return self._verdict(judge, stage, monotonic() - began)

    def _has_time(self, began: float) -> bool:
        if self.wish.rounds is not None and self.rounds >= self.wish.rounds:
            return False
        return self.rounds == 0 or monotonic() - began < self.wish.minutes * MINUTE_S

    def _client(self, town: Town, desks: Sequence[Desk], name: str, asks: int = 0) -> Client:
        """Give a client; one who asks nothing by themselves (the judge's) waits for every answer."""
        chance = self._chance(self.rounds, "client", name)
        return Client(f"{self.rounds}-{name}", town, desks, self.journal, chance, asks)

    async def _round(self, town: Town, desks: Sequence[Desk], stage: Stage, judge: Judge) -> None:
        self.rounds += 1
        asks = self.wish.asks
        planned = plan(self._chance(self.rounds, "troubles"), CLIENTS * asks, has_disk=stage.victim.disk is not None)
        stage.proxy.mischief.awake = True
        bringing = asyncio.create_task(self._bring(planned, stage, len(self.journal.answered)))
        await asyncio.gather(*(self._client(town, desks, str(number), asks).play() for number in range(CLIENTS)))
        await bringing
        stage.proxy.mischief.awake = False
        await asyncio.to_thread(stage.victim.wait_until_back)
        await judge.judge(self._client(town, desks, "judge"))
        self.say(self._round_text(planned))

    async def _bring(self, planned: Sequence[Planned], stage: Stage, before: int) -> None:
        """Bring each trouble when so many answers of this round were given."""
        chance = self._chance(self.rounds, "strikes")
        reached = asyncio.Event()
        count = 0

        def heard(total: int) -> None:
            nonlocal count
            count = total - before
            reached.set()

        self.journal.heard = heard
        for one in planned:
            while count < one.after and not self.journal.wrong:
                reached.clear()
                await reached.wait()
            await one.trouble.strike(stage, chance)
            self.struck[one.trouble.name] += 1

    def _round_text(self, planned: Sequence[Planned]) -> str:
        names = ", ".join(f"{one.trouble.strike.__name__} at {one.after}" for one in planned)
        verdict = f"{len(self.journal.wrong)} THINGS WRONG" if self.journal.wrong else "every law holds"
        return f"round {self.rounds}: {names}; {self.journal.acknowledged:,} acknowledged so far, {verdict}"

    def _verdict(self, judge: Judge, stage: Stage, took_s: float) -> Verdict:
        wish = self.wish
        conditions = machine() | {
            "seed": wish.seed,
            "minutes": round(took_s / MINUTE_S, 2),
            "rounds": self.rounds,
            "clients": CLIENTS,
            "kills": self.struck["kills"],
            "cuts": self.struck["cuts"] + stage.proxy.mischief.cuts,
            "freezes": self.struck["freezes"],
            "disk_full": self.struck["disk_full"]
            if stage.victim.disk
            else "skipped: no small file system could be mounted",
            "clock_jumps": self.struck["clock_jumps"],
            "repeats": self.journal.counts["repeats"],
            "operations": {kind: count for kind, count in sorted(self.journal.counts.items()) if kind != "repeats"},
            "lost": judge.lost,
            "doubled": judge.doubled,
            "wrong": len(self.journal.wrong),
            "fsync": "on",
        }
        measured = Measured("faults", self.journal.acknowledged, "operations acknowledged", conditions, None)
        return Verdict(
            measured, tuple(self.journal.wrong), f"haihe bench faults --seed {wish.seed} --minutes {wish.minutes:g}"
        )


def _dsn(proxy: Proxy) -> str:
    """Give the way to the database that breaks."""
    return make_conninfo(
        host=LOOPBACK, port=proxy.port, user=APP, dbname=DATABASE, sslmode="disable", gssencmode="disable"
    )
