"""What goes wrong in a round: drawn from the seed, each after so many answers.

A new trouble is one function here and one line in TROUBLES.
"""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Coroutine
    from typing import Any

    from haihe.ops.bench.faults.proxy import Proxy
    from haihe.ops.bench.faults.town import JumpingClock
    from haihe.ops.bench.faults.victim import Victim

JUMP_S_MAX: Final = 36 * 3600
FROZEN_S_MAX: Final = 0.6
FULL_S: Final = (0.3, 1.5)


@dataclass(frozen=True)
class Stage:
    """What troubles act on."""

    victim: Victim
    proxy: Proxy
    clock: JumpingClock


async def kill_server(stage: Stage, _: random.Random) -> None:
    """Kill PostgreSQL as a whole."""
    stage.victim.kill()


async def kill_backend(stage: Stage, chance: random.Random) -> None:
    """Kill one connection's process: PostgreSQL ends all others and recovers."""
    stage.victim.hurt_backend(chance.random(), harm=signal.SIGKILL)


async def end_backend(stage: Stage, chance: random.Random) -> None:
    """End one connection."""
    stage.victim.hurt_backend(chance.random(), harm=signal.SIGTERM)


async def freeze_backend(stage: Stage, chance: random.Random) -> None:
    """Let one connection's process sleep, whatever it holds, for a moment."""
    which = stage.victim.backends()[: 1 + int(chance.random() * 4)][-1:]
    duration_s = chance.random() * FROZEN_S_MAX
    for pid in which:
        stage.victim.freeze(pid)
        await asyncio.sleep(duration_s)
        stage.victim.thaw(pid)


async def cut_all(stage: Stage, _: random.Random) -> None:
    """Cut every connection at once."""
    stage.proxy.cut_all()


async def jump(stage: Stage, chance: random.Random) -> None:
    """Set the clock forward or back, over midnights too."""
    stage.clock.jump = timedelta(seconds=chance.uniform(-JUMP_S_MAX, JUMP_S_MAX))


async def fill_disk(stage: Stage, chance: random.Random) -> None:
    """Let the disk be full for a while."""
    duration_s = chance.uniform(*FULL_S)
    await asyncio.to_thread(stage.victim.fill_disk)
    await asyncio.sleep(duration_s)
    await asyncio.to_thread(stage.victim.empty_disk)


@dataclass(frozen=True)
class Trouble:
    """One kind: how it is counted, and how many a round has on average."""

    name: str
    strike: Callable[[Stage, random.Random], Coroutine[Any, Any, None]]
    a_round: float


TROUBLES: Final = (
    Trouble("kills", kill_server, 1.0),
    Trouble("kills", kill_backend, 0.7),
    Trouble("cuts", end_backend, 1.0),
    Trouble("cuts", cut_all, 0.7),
    Trouble("freezes", freeze_backend, 0.5),
    Trouble("clock_jumps", jump, 1.5),
    Trouble("disk_full", fill_disk, 0.4),
)


@dataclass(frozen=True)
class Planned:
    """A trouble, and after how many answers of the round it comes."""

    after: int
    trouble: Trouble


def plan(chance: random.Random, answers: int, *, has_disk: bool) -> list[Planned]:
    """Draw a round's troubles, in order; each round has at least one kill."""
    planned = [Planned(_some_time(chance, answers), TROUBLES[0])]
    for trouble in TROUBLES[1:]:
        how_many = int(trouble.a_round + chance.random())
        moments = [_some_time(chance, answers) for _ in range(how_many)]
        if has_disk or trouble.strike is not fill_disk:
            planned += [Planned(after, trouble) for after in moments]
    return sorted(planned, key=lambda one: one.after)


def _some_time(chance: random.Random, answers: int) -> int:
    return int(answers * chance.uniform(0.05, 0.9))
