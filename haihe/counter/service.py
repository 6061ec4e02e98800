"""Terminals: made, paired, opened; their shifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from haihe.base.clock import Clock
from haihe.base.database import Database
from haihe.base.ids import Ids
from haihe.base.tokens import Audience, Grant, TokenExpired, TokenInvalid, Tokens
from haihe.counter import store
from haihe.counter.model import NewTerminal, Terminal, TerminalNotPaired, TerminalUnknown

PAIRED_FOR: Final = timedelta(days=400)
"""The longest that browsers keep a cookie."""


@dataclass(frozen=True)
class Terminals:
    """The city's terminals. `base_url` (no slash at its end) is what stands before `/terminal/{id}` in pairing links."""

    database: Database
    clock: Clock
    ids: Ids
    tokens: Tokens
    base_url: str

    async def found(self, many: Sequence[NewTerminal]) -> list[Terminal]:
        """Have a terminal at each point; give them in order. Those that are there stay as they are. All of one kind."""
        if not many:
            return []
        ids, pairings = self.ids.take(len(many)), self.ids.take(len(many))
        async with self.database.transaction() as connection:
            await store.put(connection, many, ids=ids, pairings=pairings, now=self.clock.now())
            there = await store.at_points(connection, many[0].kind, [new.point for new in many])
        return [there[new.point] for new in many]

    async def at_points(self, kind: str, points: Sequence[int]) -> dict[int, Terminal]:
        """Read the terminals of a kind that stand at these points, by point."""
        async with self.database.connection() as connection:
            return await store.at_points(connection, kind, points)

    async def others(self, kind: str) -> list[Terminal]:
        """Read all terminals but those of one kind."""
        async with self.database.connection() as connection:
            return await store.others(connection, kind)

    def token(self, terminal: Terminal, lifetime: timedelta = PAIRED_FOR) -> tuple[str, datetime]:
        """Write a token that opens a terminal as long as its pairing holds; give it with its end."""
        end = self.clock.now() + lifetime
        grant = Grant(Audience.TERMINAL, terminal.id, 0, terminal.pairing, int(end.timestamp()))
        return self.tokens.issue(grant), end

    def pairing_url(self, terminal: Terminal, lifetime: timedelta = PAIRED_FOR) -> str:
        """Give the address that pairs the browser in which it is opened."""
        return f"{self.base_url}/terminal/{terminal.id}?pair={self.token(terminal, lifetime)[0]}"

    async def known(self, identity: int) -> Terminal:
        """Find a terminal. Raises `TerminalUnknown`."""
        async with self.database.connection() as connection:
            terminal = await store.by_id(connection, identity)
        if terminal is None:
            raise TerminalUnknown
        return terminal

    async def opened(self, identity: int, token: str | None) -> Terminal:
        """Open a terminal with a token of its present pairing. Raises `TerminalUnknown`, `TerminalNotPaired`."""
        terminal = await self.known(identity)
        try:
            grant = self.tokens.read(token or "", Audience.TERMINAL, self.clock.now())
        except (TokenInvalid, TokenExpired) as error:
            raise TerminalNotPaired from error
        if (grant.person, grant.session) != (terminal.id, terminal.pairing):
            raise TerminalNotPaired
        return terminal

    async def pair_anew(self, terminal: Terminal) -> Terminal:
        """Shut out every browser that was paired so far; give the terminal with its new pairing."""
        async with self.database.connection() as connection:
            await store.set_pairing(connection, terminal.id, self.ids.next())
        return await self.known(terminal.id)

    async def start_shift(self, terminal: Terminal) -> None:
        """Begin a shift: its rides are counted from now."""
        async with self.database.connection() as connection:
            await store.set_shift(connection, terminal.id, self.clock.now())
