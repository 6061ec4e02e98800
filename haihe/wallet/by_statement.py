"""Settles by the bank's statement what the bank gave no answer about: whatever is open and has a line, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from haihe.base.clock import Clock
from haihe.outside.http import Unreachable
from haihe.wallet.bank_lines.reader import BankLines

PATIENCE: Final = timedelta(seconds=30)
"""So long the answer itself is awaited; then the statement is read."""

log = structlog.get_logger("haihe.bank")


class Awaiting(Protocol):
    """Whatever awaits the bank's word: top-ups, withdrawals."""

    async def is_waiting(self, since: datetime) -> bool:
        """Tell whether the bank's word is awaited since a moment or longer."""
        ...

    async def settle_by_statement(self) -> None:
        """Settle what is open and stands on the statement as far as it was read; reading it again changes nothing."""
        ...


@dataclass(frozen=True)
class ByStatement:
    """The job that reads the statement while someone waits; else it asks nobody."""

    lines: BankLines
    clock: Clock
    awaiting: Sequence[Awaiting]

    async def run(self) -> None:
        """Read the statement if the bank's word is missing for long, and settle by it."""
        since = self.clock.now() - PATIENCE
        late = [one for one in self.awaiting if await one.is_waiting(since)]
        if not late:
            return
        try:
            for wrong in await self.lines.read():
                log.error("the bank's statement is not believed", reason=wrong)
        except Unreachable:
            log.warning("the bank gives no statement")
        for one in late:
            await one.settle_by_statement()
