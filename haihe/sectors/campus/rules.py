"""Decisions of the campus, without any I/O: what a service costs, and who is served."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from haihe.catalogue.model import NotOffered
from haihe.catalogue.prices import Fixed, Open, Price
from haihe.payments.errors import AmountFixed, AmountInvalid, AmountMissing
from haihe.sectors.campus.errors import CardEnded, CardForeign, CardMissing
from haihe.sectors.campus.model import MEMBERS, Card


def amount_of(price: Price, typed: int | None) -> int:
    """Give what is to be paid, in fen: the fixed price, or what was typed where it is open.

    Raises `AmountFixed`, `AmountMissing`, `AmountInvalid`; `NotOffered` for the other rules of price, which no point can ask by.
    """
    match price:
        case Fixed():
            if typed is not None:
                raise AmountFixed
            return price.amount
        case Open():
            if typed is None:
                raise AmountMissing
            if not price.amount_min <= typed <= price.amount_max:
                raise AmountInvalid
            return typed
    raise NotOffered


def fixed_amount(price: Price) -> int | None:
    """Give a price that is known before anybody types anything, in fen."""
    return price.amount if isinstance(price, Fixed) else None


def card_at(cards: Sequence[Card], *, organisation: int, audience: str, day: date) -> Card | None:
    """Give somebody's valid card of a university; None where none is needed.

    Raises `CardMissing`, `CardForeign`, `CardEnded` where only members are served.
    """
    own = next((card for card in cards if card.organisation == organisation), None)
    if own is not None and own.holds_on(day):
        return own
    if audience != MEMBERS:
        return None
    if own is not None:
        raise CardEnded
    raise CardForeign if cards else CardMissing
