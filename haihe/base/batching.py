"""Gathering: what arrives while a batch is under way forms the next."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from haihe.base.database import TryAgain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

Order = TypeVar("Order")
Answer = TypeVar("Answer")

BATCH_MAX: Final = 1024
QUEUE_MAX: Final = 20_000
"""Orders that may wait in one process; more are asked to come again."""


@dataclass(slots=True)
class _Waiting(Generic[Order, Answer]):
    order: Order
    answer: asyncio.Future[Answer | BaseException]
    since_s: float = field(default_factory=monotonic)


class Gatherer(Generic[Order, Answer]):
    """Runs orders in batches: at most one batch in flight a bucket and `flights_max` in this process.

    The bucket whose oldest order has waited longest goes next. `run` answers every order of its list with a result or an
    exception; if it raises, every order of the batch gets that exception.
    """

    def __init__(
        self,
        run: Callable[[int, Sequence[Order]], Awaitable[Sequence[Answer | BaseException]]],
        *,
        flights_max: int,
        batch_max: int = BATCH_MAX,
    ) -> None:
        """Bind to what runs a batch of one bucket."""
        self._run = run
        self._flights_max = flights_max
        self._batch_max = batch_max
        self._queues: dict[int, deque[_Waiting[Order, Answer]]] = {}
        self._flying: dict[int, asyncio.Task[None]] = {}
        self._queued = 0

    async def submit(self, bucket: int, order: Order) -> Answer:
        """Put an order into its bucket's next batch and wait for its answer. Raises `TryAgain` when too much waits."""
        if self._queued >= QUEUE_MAX:
            raise TryAgain
        waiting = _Waiting[Order, Answer](order, asyncio.get_running_loop().create_future())
        self._queues.setdefault(bucket, deque()).append(waiting)
        self._queued += 1
        if len(self._flying) < self._flights_max:
            self._depart()
        answer = await waiting.answer
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _depart(self) -> None:
        """Send the batch of the bucket that has waited longest."""
        ready = [
            (queue[0].since_s, bucket) for bucket, queue in self._queues.items() if queue and bucket not in self._flying
        ]
        if not ready:
            return
        _, bucket = min(ready)
        queue = self._queues[bucket]
        batch = [queue.popleft() for _ in range(min(len(queue), self._batch_max))]
        self._queued -= len(batch)
        flight = asyncio.ensure_future(self._fly(bucket, batch))
        self._flying[bucket] = flight

    async def _fly(self, bucket: int, batch: list[_Waiting[Order, Answer]]) -> None:
        answers: Sequence[Answer | BaseException]
        try:
            answers = await self._run(bucket, [waiting.order for waiting in batch])
        except Exception as error:  # noqa: BLE001 - every waiting order gets it
            answers = [error] * len(batch)
        finally:
            del self._flying[bucket]
            self._depart()
        for waiting, answer in zip(batch, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)
