"""A bank whose answers come from a seed: it carries a reference out at most once, and sometimes keeps silent about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from haihe.outside.bank import DONE, UNKNOWN, Outcome, OutcomeKind
from haihe.outside.registry import Answer

if TYPE_CHECKING:
    import random

REFUSED_SHARE: Final = 0.05
SILENT_SHARE: Final = 0.15
REFUSED: Final = Outcome(OutcomeKind.REFUSED, "no_funds")
CALLED_OFF: Final = Outcome(OutcomeKind.REFUSED, "called_off")


@dataclass
class SeededBank:
    """Stands for the bank; `sent` has the fen of every reference that was carried out."""

    chance: random.Random
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)

    async def check_card(self, *, card: str, name: str) -> Answer:  # noqa: ARG002 - the connector's shape
        """Know every card."""
        return Answer.MATCH

    async def pull(self, *, reference: str, card: str, amount_fen: int) -> Outcome:  # noqa: ARG002 - the connector's shape
        """Move money, or refuse, or carry it out or not and say nothing."""
        if self.chance.random() < SILENT_SHARE / 2:
            return UNKNOWN
        if reference not in self.outcomes:
            self.outcomes[reference] = REFUSED if self.chance.random() < REFUSED_SHARE else DONE
            if self.outcomes[reference] is DONE:
                self.sent[reference] += amount_fen
        return UNKNOWN if self.chance.random() < SILENT_SHARE / 2 else self.outcomes[reference]

    async def enquire(self, reference: str) -> Outcome:
        """Tell what became of a reference."""
        return self.outcomes.get(reference, UNKNOWN)

    async def call_off(self, reference: str) -> Outcome:
        """Promise that a reference which was not carried out never will be."""
        return self.outcomes.setdefault(reference, CALLED_OFF)
