"""The plug's words: how far a rush has come, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_

BEAT_S: Final = 0.5
"""The chart has one bar for so many seconds."""


class Step(IntEnum):
    """How far a rush has come; each step begins when the one before it is over."""

    READY = 0
    PAYING = 1
    PULLED = 2
    """PostgreSQL was killed, and nothing was paid since."""
    BACK = 3
    """The first payment that was asked for after the kill is paid."""
    ASKING = 4
    CHECKING = 5
    DONE = 6
    FAILED = 7


class PlugBusy(Refusal):
    """A rush is running already, or has just run."""

    code = "plug_busy"
    status = 409
    title = N_("It is running")
    text = N_(
        "The rush is running, or has only just ended. It takes less than a minute; then the plug can be pulled again."
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted so far. Times are seconds since the rush began; None where it is not known yet."""

    step: Step = Step.READY
    acknowledged: int = 0
    """Payments that a rider was told are paid."""
    refused: int = 0
    repeats: int = 0
    """Requests that were sent again with the same key, because no answer came."""
    beats: tuple[int, ...] = ()
    """Payments acknowledged, for each BEAT_S."""
    pulled_s: float | None = None
    back_s: float | None = None
    asked_again: int = 0
    lost: int | None = None
    doubled: int | None = None
    paid_fen: int = 0
    moved_fen: int | None = None
    transfers: int = 0
    laws: int = 0
    findings: int | None = None

    @property
    def away_s(self) -> float | None:
        """Say how long nothing could be paid."""
        return None if self.pulled_s is None or self.back_s is None else self.back_s - self.pulled_s

    @property
    def is_running(self) -> bool:
        """Tell whether something is still going on."""
        return self.step not in {Step.READY, Step.DONE, Step.FAILED}

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing was lost or doubled, the money adds up and every law holds."""
        counted = (self.lost, self.doubled, self.findings) == (0, 0, 0)
        return self.step is Step.DONE and counted and self.moved_fen == self.paid_fen


@dataclass(slots=True)
class Board:
    """What the page shows at this moment."""

    counted: Counted = field(default_factory=Counted)

    def set(self, **changes: object) -> None:
        """Change some of it."""
        self.counted = replace(self.counted, **changes)  # type: ignore[arg-type]

    def acknowledge(self, elapsed_s: float, fen: int) -> None:
        """Count a payment that a rider was just told of."""
        beats, place = list(self.counted.beats), int(elapsed_s / BEAT_S)
        beats += [0] * (place + 1 - len(beats))
        beats[place] += 1
        self.set(acknowledged=self.counted.acknowledged + 1, beats=tuple(beats), paid_fen=self.counted.paid_fen + fen)
