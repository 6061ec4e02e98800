"""Clients: they ask, wait, lose patience, ask twice at once, and repeat with the same key until they are answered."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final

from haihe.base.database import LOST, TryAgain
from haihe.base.errors import Refusal
from haihe.ops.bench.faults.operations import Answer, Ask, Draw, StillOpen, draw, refused
from haihe.payments.errors import InProgress

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from haihe.ops.bench.faults.town import Desk, Town

CLIENTS: Final = 24
ASKS: Final = 24
"""What one client asks in a round, unless less is wished."""
AT_ONCE_MAX: Final = 3
DELAY_S_MAX: Final = 0.03
PAUSE_S: Final = (0.02, 0.3)
ANSWERED_S_MAX: Final = 60.0
IMPATIENT_SHARE: Final = 0.06
PATIENCE_S: Final = (0.002, 0.05)
TWICE_SHARE: Final = 0.15
AGAIN_SHARE: Final = 0.15
UNKNOWN: Final = (TryAgain, InProgress, TimeoutError, *LOST)
"""After these nobody knows what happened: the same is asked again."""


@dataclass
class Journal:
    """What was answered in a run, and what was wrong."""

    answered: list[tuple[Ask, Answer]] = field(default_factory=list)
    open: list[Ask] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    heard: Callable[[int], None] = lambda _: None
    """Told after every answer how many there are."""

    def keep(self, ask: Ask, answer: Answer) -> None:
        """Write an answer down."""
        self.answered.append((ask, answer))
        self.counts[ask.kind if answer.is_kept else "refused at once"] += 1
        self.acknowledged += answer.is_kept
        self.heard(len(self.answered) + len(self.open))

    def postpone(self, ask: Ask) -> None:
        """Remember that the outcome is still to be learned."""
        self.open.append(ask)
        self.heard(len(self.answered) + len(self.open))

    def complain(self, ask: Ask, what: str) -> None:
        """Write down what must not be."""
        self.wrong.append(f"{ask.kind} {ask.key}: {what}")


@dataclass(frozen=True)
class Client:
    """Someone with a seed."""

    name: str
    town: Town
    desks: Sequence[Desk]
    journal: Journal
    chance: random.Random
    asks: int

    async def play(self) -> None:
        """Ask this round's wishes, some of them at once and not in their order."""
        wishes = [
            draw(Draw(self.town, self.desks[0], self.chance, f"{self.name}-{number}")) for number in range(self.asks)
        ]
        while wishes:
            some = [wishes.pop() for _ in range(min(len(wishes), self.chance.randint(1, AT_ONCE_MAX)))]
            await asyncio.gather(*(self._ask(wish) for wish in some))

    async def _ask(self, ask: Ask) -> None:
        await asyncio.sleep(self.chance.random() * DELAY_S_MAX)
        shape = self.chance.random()
        try:
            if shape < TWICE_SHARE:
                self.journal.counts["repeats"] += 1
                first, second = await asyncio.gather(self.until_answered(ask), self.until_answered(ask))
                self._compare(ask, first, second)
            else:
                first = await self.until_answered(ask)
        except StillOpen:
            self.journal.postpone(ask)
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, no client may ever see it
            self.journal.complain(ask, f"{type(error).__name__}: {error}")
            return
        self.journal.keep(ask, first)
        if shape > 1 - AGAIN_SHARE and first.is_kept:
            self.journal.counts["repeats"] += 1
            with contextlib.suppress(StillOpen):
                self._compare(ask, first, await self.until_answered(ask))

    def _compare(self, ask: Ask, first: Answer, again: Answer) -> None:
        if first.is_kept and again != first:
            self.journal.complain(ask, f"was answered {first.content}, and then {again.content}")

    async def until_answered(self, ask: Ask) -> Answer:
        """Repeat until there is an answer. Raises StillOpen; TimeoutError after a minute."""
        latest = monotonic() + ANSWERED_S_MAX
        while True:
            try:
                return await asyncio.wait_for(ask.put(self.chance.choice(self.desks)), self._patience_s())
            except UNKNOWN:
                if monotonic() > latest:
                    raise
                self.journal.counts["repeats"] += 1
                await asyncio.sleep(self.chance.uniform(*PAUSE_S))
            except Refusal as refusal:
                return refused(refusal)

    def _patience_s(self) -> float:
        is_impatient = self.asks and self.chance.random() < IMPATIENT_SHARE
        return self.chance.uniform(*PATIENCE_S) if is_impatient else ANSWERED_S_MAX
