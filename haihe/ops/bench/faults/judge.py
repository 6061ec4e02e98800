"""The judge: after every round asks everything again, adds up what everybody must have, and has every law checked."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final

import psycopg

from haihe.base.database import TryAgain
from haihe.base.errors import Refusal
from haihe.ops.bench.faults import store
from haihe.ops.bench.faults.operations import Answer, Ask, StillOpen
from haihe.ops.verify import verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.ops.bench.faults.clients import Client, Journal
    from haihe.ops.bench.faults.town import Town

ASKED_AT_ONCE: Final = 48
NAMED_MAX: Final = 5
SETTLED_S_MAX: Final = 60.0
LATER: Final = timedelta(minutes=7)
"""By so much the clock goes on while open outcomes are asked for: longer than any wait between two enquiries."""


@dataclass
class Judge:
    """Knows what everybody had at the beginning, and adds up every answer: a plain dictionary."""

    town: Town
    owner_dsn: str
    journal: Journal
    had: dict[tuple[int, int], int] = field(default_factory=dict)
    transfers_before: int = 0
    added_up: int = 0
    must_have: Counter[tuple[int, int]] = field(default_factory=Counter)
    must_be_stored: int = 0
    lost: int = 0
    doubled: int = 0

    def begin(self) -> None:
        """Look at what there is before the first round."""
        with psycopg.connect(self.owner_dsn) as connection:
            self.had, self.transfers_before = store.balances(connection), store.transfers(connection)

    async def judge(self, client: Client) -> None:
        """Find out what is open, ask everything again, compare balances, verify; findings go into the journal."""
        fresh = self.journal.answered[self.added_up :]
        fresh += await self._settle(client)
        self.added_up = len(self.journal.answered)
        for _, answer in fresh:
            self.must_be_stored += answer.transfers
            for bucket, account, amount in answer.moves:
                self.must_have[bucket, account] += amount
        await self.ask_again(client, fresh)
        await asyncio.to_thread(self._compare)
        found = await asyncio.to_thread(verify, self.owner_dsn)
        self.journal.wrong += [f"{one.check}, bucket {one.bucket}: {one.text}" for one in found.findings]

    async def _settle(self, client: Client) -> list[tuple[Ask, Answer]]:
        """Turn the clock on, ask the bank and finish what is on its way, until every outcome is known."""
        waiting, self.journal.open = self.journal.open, []
        latest = monotonic() + SETTLED_S_MAX
        before = len(self.journal.answered)
        while waiting and monotonic() < latest:
            self.town.clock.jump += LATER
            with suppress(TryAgain):  # the first connections after a kill may still be broken ones
                await client.desks[0].wallets.ask_again()
                await client.desks[0].sendings.crossings.finish_open()
            waiting = [ask for ask in waiting if not await self._is_settled(client, ask)]
        for ask in waiting:
            self.journal.complain(ask, "its outcome never became known")
        return self.journal.answered[before:]

    async def _is_settled(self, client: Client, ask: Ask) -> bool:
        try:
            answer = await client.until_answered(ask)
        except StillOpen:
            return False
        self.journal.keep(ask, answer)
        return True

    async def ask_again(self, client: Client, answered: Sequence[tuple[Ask, Answer]]) -> None:
        """Ask every key again: the answer that was given must be found, with the same content."""
        kept = [(ask, answer) for ask, answer in answered if answer.is_kept]
        for start in range(0, len(kept), ASKED_AT_ONCE):
            await asyncio.gather(*(self._again(client, *one) for one in kept[start : start + ASKED_AT_ONCE]))

    async def _again(self, client: Client, ask: Ask, first: Answer) -> None:
        try:
            again = await client.until_answered(ask)
        except (Refusal, StillOpen, psycopg.Error, TimeoutError) as error:
            again = Answer(type(error).__name__)
        if again != first:
            self.lost += 1
            self.journal.complain(ask, f"was answered {first.content}; asked again: {again.content}")

    def _compare(self) -> None:
        """Compare every account, and the number of transfers, with what the answers add up to."""
        with psycopg.connect(self.owner_dsn) as connection:
            have, stored = store.balances(connection), store.transfers(connection) - self.transfers_before
        self.doubled = max(self.doubled, stored - self.must_be_stored)
        if stored != self.must_be_stored:
            self.journal.wrong.append(f"{stored} transfers are stored, {self.must_be_stored} were answered")
        accounts = sorted({*have, *self.must_have})
        wrong = [
            f"bucket {key[0]}, account {key[1]} has {have.get(key)} fen instead of {expected}"
            for key in accounts
            if have.get(key) != (expected := self.had.get(key, 0) + self.must_have[key])
        ]
        self.journal.wrong += wrong[:NAMED_MAX]
        self._compare_bank()

    def _compare_bank(self) -> None:
        """What the bank sent is what top-ups brought in: every reference once."""
        sent = sum(self.town.bank.sent.values())
        came = sum(
            amount
            for ask, answer in self.journal.answered
            if ask.kind == "top-up"
            for _, account, amount in answer.moves
            if account in self.town.cards
        )
        if sent != came:
            self.journal.wrong.append(f"the bank sent {sent} fen, wallets got {came}")
