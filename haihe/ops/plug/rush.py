"""The rush: citizens pay one bus after the other through the web application, and repeat with the same key until they are answered."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final

import httpx

from haihe.ops.plug.model import Board, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BASE_URL: Final = "http://127.0.0.1"
PAID: Final = 201
ANSWERED: Final = frozenset({200, PAID, 402, 403, 409, 422})
IN_PROGRESS: Final = "in_progress"
REPEAT_S: Final = 0.1
ANSWER_S_MAX: Final = 10.0
EVERY_S: Final = 0.35
"""A rider pays so often."""
PAYING_S: Final = 4.0
AFTER_S: Final = 3.0
"""So long the rush goes on once it is paid again."""
AWAY_S_MAX: Final = 30.0
"""Then the riders go on repeating, but the rush does not grow."""
AT_ONCE: Final = 24

Said = tuple[int, dict[str, object]]
"""An answer: its status and its content."""


@dataclass(frozen=True, slots=True)
class Rider:
    """A citizen with a token, and the stickers in the order in which they are scanned."""

    number: int
    token: str
    codes: Sequence[str]


@dataclass
class Rush:
    """One rush. `kill` is called in the middle of it; `send` is a client of the web application."""

    name: str
    send: httpx.AsyncClient
    riders: Sequence[Rider]
    board: Board
    kill: Callable[[], None]
    began: float = field(default_factory=monotonic)
    answered: dict[tuple[int, str], Said] = field(default_factory=dict)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _back: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def elapsed_s(self) -> float:
        """Say how long it has been going on."""
        return monotonic() - self.began

    async def run(self) -> None:
        """Ride, kill, ride on until it is paid again and a while longer."""
        self.board.set(step=Step.PAYING)
        riding = [asyncio.create_task(self._ride(rider)) for rider in self.riders]
        try:
            await asyncio.sleep(PAYING_S)
            await asyncio.to_thread(self.kill)
            self.board.set(step=Step.PULLED, pulled_s=self.elapsed_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._back.wait(), AWAY_S_MAX)
            await asyncio.sleep(AFTER_S)
        finally:
            self._over.set()
            await asyncio.gather(*riding)

    async def _ride(self, rider: Rider) -> None:
        await asyncio.sleep(rider.number % 10 / 10 * EVERY_S)
        number = 0
        while not self._over.is_set():
            due = monotonic() + EVERY_S
            key = f"{self.name}-{rider.number}-{number}"
            self._hear(rider, key, await self._until_answered(rider, key))
            number += 1
            await asyncio.sleep(max(0.0, due - monotonic()))

    def _hear(self, rider: Rider, key: str, said: Said) -> None:
        self.answered[rider.number, key] = said
        if said[0] == PAID:
            self.board.acknowledge(self.elapsed_s, _fen(said))
        else:
            self.board.set(refused=self.board.counted.refused + 1)

    async def _until_answered(self, rider: Rider, key: str) -> Said:
        """Ask, and repeat with the same key: no answer and 503 both mean that nobody knows."""
        while True:
            asked_s = self.elapsed_s
            said = await self._ask(rider, key)
            if said is not None:
                self._notice_back(asked_s, said)
                return said
            self.board.set(repeats=self.board.counted.repeats + 1)
            await asyncio.sleep(REPEAT_S)

    def _notice_back(self, asked_s: float, said: Said) -> None:
        """Note when the first payment is answered that was asked for after the kill."""
        counted = self.board.counted
        if (
            counted.step is Step.PULLED
            and counted.pulled_s is not None
            and asked_s > counted.pulled_s
            and said[0] == PAID
        ):
            self.board.set(step=Step.BACK, back_s=self.elapsed_s)
            self._back.set()

    async def _ask(self, rider: Rider, key: str) -> Said | None:
        """Ask once; None when there is no answer, or one that settles nothing."""
        number = int(key.rsplit("-", 1)[1])
        body = {"code": rider.codes[(rider.number + number) % len(rider.codes)], "companion": True}
        headers = {"Authorization": f"Bearer {rider.token}", "Idempotency-Key": key}
        try:
            answer = await self.send.post("/api/payments", json=body, headers=headers)
        except httpx.HTTPError:
            return None
        said: dict[str, object] = answer.json()
        if answer.status_code not in ANSWERED or said.get("code") == IN_PROGRESS:
            return None
        return answer.status_code, said

    async def ask_all_again(self) -> int:
        """Ask every key again that was answered; give how many did not get the very same answer."""
        self.board.set(step=Step.ASKING)
        riders = {rider.number: rider for rider in self.riders}
        waiting = list(self.answered.items())
        lost = 0
        for start in range(0, len(waiting), AT_ONCE):
            some = waiting[start : start + AT_ONCE]
            again = await asyncio.gather(*(self._until_answered(riders[rider], key) for (rider, key), _ in some))
            lost += sum(first[0] == PAID and now[1] != first[1] for (_, first), now in zip(some, again, strict=True))
            self.board.set(asked_again=start + len(some), lost=lost)
        return lost


def _fen(said: Said) -> int:
    """Read what a payment cost."""
    amount = said[1].get("amount")
    return amount if isinstance(amount, int) else 0


def open_client(application: object) -> httpx.AsyncClient:
    """Speak HTTP with the web application of this very process: its whole way from the request to the answer, without a socket."""
    transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL, timeout=ANSWER_S_MAX)
