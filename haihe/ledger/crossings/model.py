"""A crossing's words: money on its way from an account in one bucket to an account in another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Protocol

from haihe.ledger.model import Result, Risk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from haihe.base.database import Connection


class State(IntEnum):
    """What became of a crossing whose first step was posted. Only `OPEN` ever changes, and once."""

    OPEN = 0
    ARRIVED = 1
    RETURNED = 2


@dataclass(frozen=True, slots=True)
class Crossing:
    """Money that goes from `debit` in `bucket` to `credit` in `target`; amount in fen.

    `id` and `undo` are posting ids, fixed beforehand; both steps have `id`. `risk` counts the debit against the turnover limits.
    `body` is for who is told of the arrival.
    """

    id: int
    undo: int
    bucket: int
    target: int
    debit: int
    credit: int
    amount: int
    effective: datetime
    risk: Risk = Risk.NONE
    body: bytes = b""

    @property
    def is_within_one_bucket(self) -> bool:
        """Tell whether one posting does it, without a bridge."""
        return self.bucket == self.target


@dataclass(frozen=True, slots=True)
class Arrival:
    """A crossing whose money is there; `balance` is what the credited account has then (within one bucket: after the whole list), in fen."""

    crossing: Crossing
    balance: int


@dataclass(frozen=True, slots=True)
class Return:
    """A crossing that was undone: why, and to which account the money went back (the debited one, else suspense)."""

    crossing: Crossing
    reason: Result
    back: int


class Follower(Protocol):
    """Is told of every crossing, in the transaction of the step itself and therefore exactly once."""

    async def arrived(self, connection: Connection, bucket: int, arrivals: Sequence[Arrival]) -> None:
        """Write what follows from money that has arrived, in the bucket of the credited accounts."""
        ...

    async def returned(self, connection: Connection, bucket: int, returns: Sequence[Return]) -> None:
        """Write what follows from money that came back, in the bucket that it had left."""
        ...


REFUSALS: Final = frozenset({Result.PAYEE_UNKNOWN, Result.PAYEE_FROZEN, Result.PAYEE_CLOSED})
"""Why a second step is refused for good: then the first is undone."""
