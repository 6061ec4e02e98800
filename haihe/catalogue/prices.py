"""What a service costs: five rules of price as data, and the lines of a bill that come out of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, TypeAlias

import msgspec

from haihe.base.money import AMOUNT_FEN_MAX

MILLI: Final = 1000
"""Quantities are whole thousandths of a unit: 85.5 m² are 85,500."""


class PriceFaultyError(ValueError):
    """Data that is no price, or terms that contradict others; the text says why."""


class Fixed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="rule", tag="fixed"):
    """Always the same amount, in fen."""

    amount: int


class Open(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="rule", tag="open"):
    """Whatever is asked, in fen between two limits, both of them included."""

    amount_min: int = 1
    amount_max: int = 1_000_000


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """From `start` up to `end` whole units, each at `price` fen; the last step has no end. A forgotten price is no price."""

    start: int
    end: int | None = None
    price: int = 0


class Tiers(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="rule", tag="tiers"):
    """The more of it in a period, the other the price. The first `free` units of a period cost nothing, whatever their step."""

    unit: str
    period: Literal["month", "year"]
    steps: tuple[Step, ...]
    free: int = 0


class PerUnit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="rule", tag="per_unit"):
    """Each whole unit at the same price, in fen: heating by area, rent."""

    unit: str
    price: int


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of several things to choose from, in fen."""

    key: str
    names: dict[str, str]
    amount: int


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="rule", tag="choice"):
    """One of the options."""

    options: tuple[Option, ...]


Price: TypeAlias = Fixed | Open | Tiers | PerUnit | Choice


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an itemised bill: so many thousandths of a unit at a price in fen, and what they make in fen."""

    quantity_milli: int
    unit: str
    price: int
    amount: int


def tier_items(price: Tiers, *, used_milli: int, quantity_milli: int) -> tuple[Item, ...]:
    """Itemise a quantity by step, when so much was used before in the period; free units are a line at 0.

    Each line is rounded half up to the fen, so a reading with fractions of a unit that is cut in two may cost a fen more or less
    a step; one in whole units never does. Raises ValueError for negative quantities.
    """
    if used_milli < 0:
        raise ValueError(f"{used_milli} was used before")
    _check_quantity(quantity_milli)
    start, end = used_milli, used_milli + quantity_milli
    items = []
    for band_start, band_end, fen in _bands(price):
        until = end if band_end is None else min(end, band_end * MILLI)
        inside = until - max(start, band_start * MILLI)
        if inside > 0:
            items.append(_item(price.unit, fen, inside))
    return tuple(items)


def unit_item(price: PerUnit, *, quantity_milli: int) -> Item:
    """Price a quantity, rounded half up to the fen. Raises ValueError for a negative one."""
    _check_quantity(quantity_milli)
    return _item(price.unit, price.price, quantity_milli)


def total(items: Iterable[Item]) -> int:
    """Sum up the lines of a bill, in fen."""
    return sum(item.amount for item in items)


def _bands(price: Tiers) -> Iterator[tuple[int, int | None, int]]:
    """Give start, end and price of what is free and then of each step above it."""
    yield 0, price.free, 0
    for step in price.steps:
        if step.end is None or step.end > price.free:
            yield max(step.start, price.free), step.end, step.price


def _item(unit: str, price: int, quantity_milli: int) -> Item:
    return Item(quantity_milli, unit, price, (price * quantity_milli + MILLI // 2) // MILLI)


def _check_quantity(quantity_milli: int) -> None:
    if quantity_milli < 0:
        raise ValueError(f"a quantity of {quantity_milli}")


def check_price(price: Price) -> None:
    """Raise `PriceFaultyError` with the reason unless the price can be charged whatever the quantity."""
    match price:
        case Fixed():
            _check_amount(price.amount, "amount")
        case Open():
            _check_amount(price.amount_min, "amount_min")
            _check_amount(price.amount_max, "amount_max")
            if price.amount_min > price.amount_max:
                raise PriceFaultyError(f"amount_min {price.amount_min} is above amount_max {price.amount_max}")
        case Tiers():
            _check_tiers(price)
        case PerUnit():
            _check_unit(price.unit)
            _check_amount(price.price, "price")
        case Choice():
            _check_options(price.options)


def _check_tiers(price: Tiers) -> None:
    _check_unit(price.unit)
    if price.free < 0:
        raise PriceFaultyError(f"free is {price.free}")
    if not price.steps:
        raise PriceFaultyError("there are no steps")
    if price.steps[0].start != 0:
        raise PriceFaultyError(f"the first step begins at {price.steps[0].start}, not at 0")
    for step in price.steps:
        _check_amount(step.price, f"price from {step.start}")
    for step, following in pairwise(price.steps):
        _check_neighbours(step, following)
    if price.steps[-1].end is not None:
        raise PriceFaultyError(f"the last step ends at {price.steps[-1].end}: nothing has a price above it")


def _check_neighbours(step: Step, following: Step) -> None:
    if step.end is None:
        raise PriceFaultyError(f"the step from {step.start} has no end and is not the last")
    if step.end <= step.start:
        raise PriceFaultyError(f"the step from {step.start} to {step.end} does not ascend")
    if following.start > step.end:
        raise PriceFaultyError(f"gap between {step.end} and {following.start}")
    if following.start < step.end:
        raise PriceFaultyError(f"overlap between {following.start} and {step.end}")


def _check_options(options: Sequence[Option]) -> None:
    if not options:
        raise PriceFaultyError("there are no options")
    keys = [option.key for option in options]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise PriceFaultyError(f"options share a key: {', '.join(twice)}")
    for option in options:
        if not option.key or not option.names or not all(option.names.values()):
            raise PriceFaultyError(f"the option {option.key!r} needs a key and names")
        _check_amount(option.amount, f"amount of {option.key}")


def _check_unit(unit: str) -> None:
    if not unit:
        raise PriceFaultyError("there is no unit")


def _check_amount(amount: int, what: str) -> None:
    if not 0 < amount <= AMOUNT_FEN_MAX:
        raise PriceFaultyError(f"{what} is {amount} fen, not between 1 and {AMOUNT_FEN_MAX}")
