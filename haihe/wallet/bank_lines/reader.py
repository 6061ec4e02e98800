"""Reads the bank's statement of the reserve account as far as it goes. Reading a line twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base.clock import Clock
from haihe.base.database import Database
from haihe.outside.bank import BankLine, ReserveStatement
from haihe.wallet.bank_lines import store

READS_MAX: Final = 10_000
"""Pages of the statement that are read at once at most."""


@dataclass(frozen=True)
class BankLines:
    """The reserve account's lines."""

    database: Database
    clock: Clock
    bank: ReserveStatement

    async def read(self) -> list[str]:
        """Read the new lines to the statement's end; give what is wrong with them, which are then not kept. Raises `Unreachable`."""
        for _ in range(READS_MAX):
            async with self.database.connection() as connection:
                before = await store.newest_line(connection)
            lines = await self.bank.reserve_lines(after=before.number if before else 0)
            if not lines:
                return []
            if wrong := not_following(before, lines):
                return [wrong]
            async with self.database.connection() as connection:
                await store.put_lines(connection, lines, self.clock.now())
        return ["the bank's statement has no end"]


def not_following(before: BankLine | None, lines: Sequence[BankLine]) -> str:
    """Say which line does not follow from the one before it; empty when all do."""
    number, balance = (before.number, before.balance) if before else (0, 0)
    for line in lines:
        balance += line.amount
        if line.number <= number or line.balance != balance:
            return f"line {line.number} of the bank's statement does not follow from line {number}"
        number = line.number
    return ""
