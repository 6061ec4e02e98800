"""The words of automatic top-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

REFUSALS_MAX: Final = 3
"""After so many refusals one after another the rule stops itself."""
PAUSE: Final = timedelta(hours=1)
"""So long a rule rests after a refusal."""
MONTH_FEN_MAX: Final = 3_000_00
"""The most that a rule may pull in a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoRule:
    """Whenever the wallet has less than `below`, `amount` is pulled from the card, at most `month_max` in a month; fen.

    `newest` is the top-up that it asked for last (0 none), `stopped` why it does nothing any more ("" while it does).
    """

    bucket: int
    citizen: int
    card: int
    below: int
    amount: int
    month_max: int
    newest: int
    refusals: int
    stopped: str
    set_at: datetime
    next_look_at: datetime

    @property
    def is_active(self) -> bool:
        """Tell whether it still pulls."""
        return not self.stopped
