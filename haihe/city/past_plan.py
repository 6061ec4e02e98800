"""The demo's past as a plan: who paid whom, when and how much, made from a seed. Rules only."""

from __future__ import annotations

import hashlib
import math
import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Final

import msgspec

from haihe.base.clock import day_start

YEAR_DAYS: Final = 365
SPREAD: Final = (0.7, 1.3)
"""How much shorter or longer than usual the time between two payments is."""
HOUR_S: Final = 3600
DIGEST_CHARACTERS: Final = 16


class PastTrade(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of thing was paid: see demo/tianjin/past.toml."""

    kind: str
    number: int
    organisations: str
    adopted: Annotated[float, msgspec.Meta(ge=0, le=100)]
    growth: Annotated[float, msgspec.Meta(gt=1)]
    every_days: Annotated[float, msgspec.Meta(gt=0)]
    amounts: Annotated[list[Annotated[int, msgspec.Meta(gt=0)]], msgspec.Meta(min_length=1)]
    hours: Annotated[list[int], msgspec.Meta(min_length=24, max_length=24)]


class _PastFile(msgspec.Struct, frozen=True):
    seed: int
    trade: list[PastTrade]


@dataclass(frozen=True, slots=True)
class Past:
    """What the past is made from; `digest` changes with its file. `spared`: so many citizens, the first ones, have none."""

    seed: int
    trades: Sequence[PastTrade]
    spared: int
    digest: str


@dataclass(frozen=True, slots=True)
class PastPayment:
    """One payment of the past: by the citizen of this place in the list, the `turn`-th of its kind."""

    at: datetime
    place: int
    trade: PastTrade
    payee: int
    amount: int
    turn: int


def read_past(folder: Path, *, reserved: int) -> Past:
    """Read past.toml; the citizens that demo.json lists are spared like the reserved ones."""
    text = (folder / "past.toml").read_bytes()
    file = msgspec.toml.decode(text, type=_PastFile)
    listed = tomllib.loads((folder / "citizens.toml").read_text(encoding="utf-8"))["listed"]["count"]
    digest = hashlib.sha256(text).hexdigest()[:DIGEST_CHARACTERS]
    return Past(file.seed, file.trade, max(reserved, int(listed)), digest)


def plan_past(past: Past, *, citizens: int, payees: Mapping[str, Sequence[int]], until: date) -> list[PastPayment]:
    """Make all payments from 1 January of the year before `until` to the day before it, in the order of their times.

    `payees` are the organisations by their kind; a kind that nobody offers has no past.
    """
    made = (
        payment
        for trade in past.trades
        if payees.get(trade.organisations)
        for payment in _of_trade(past, trade, citizens=citizens, payees=payees[trade.organisations], until=until)
    )
    return sorted(made, key=lambda payment: (payment.at, payment.place, payment.trade.number))


def _of_trade(
    past: Past, trade: PastTrade, *, citizens: int, payees: Sequence[int], until: date
) -> Iterator[PastPayment]:
    chance = random.Random(f"{past.seed} {trade.kind}")  # noqa: S311 - the same past in every home is the point
    hours = list(accumulate(trade.hours))
    for place in range(past.spared, citizens):
        if chance.random() * 100 >= trade.adopted:
            continue
        payee = chance.choice(payees)
        for turn, day in enumerate(_days(chance, trade, until)):
            hour = chance.choices(range(24), cum_weights=hours)[0]
            at = day_start(day) + timedelta(hours=hour, seconds=chance.randrange(HOUR_S))
            yield PastPayment(at, place, trade, payee, chance.choice(trade.amounts), turn)


def _days(chance: random.Random, trade: PastTrade, until: date) -> Iterator[date]:
    """Give the days on which one person paid.

    People begin as if their number had always grown by the same factor a year: whoever began before the past begins is there from
    its first weeks on.
    """
    past_days = (until - date(until.year - 1, 1, 1)).days
    age = -YEAR_DAYS * math.log(1 - chance.random()) / math.log(trade.growth)
    ago = age if age < past_days else past_days - chance.random() * trade.every_days
    while ago >= 1:
        yield until - timedelta(days=int(ago))
        ago -= trade.every_days * chance.uniform(*SPREAD)
