"""When a payment from a card has to be confirmed, and what makes two requests the same. Pure."""

from __future__ import annotations

import hashlib
from typing import Final

from haihe.base.confirmations import Strength
from haihe.payments.card_payments.model import CardPayment, CardPaymentWish
from haihe.people.law.model import Rules

_WHAT: Final = "payment by card"
"""Keeps the keys of payments apart from those of top-ups."""


def needs_confirmation(rules: Rules, *, amount: int, is_fixed: bool, strength: Strength) -> bool:
    """Tell whether a second factor is missing: up to a limit, and for fixed payees, none is asked (43/2015, Art. 23)."""
    return amount > rules.card_pull_unconfirmed and not is_fixed and strength < Strength.PASSCODE


def stored_key(key: str) -> str:
    """Give the text under which the idempotency key is kept beside those of top-ups."""
    return f"{_WHAT}\x1f{key}"


def payment_key(card_payment: CardPayment) -> str:
    """Give the idempotency key of the payment that follows: always the same, so that it is paid once."""
    return f"{_WHAT} {card_payment.id}"


def content_hash(wish: CardPaymentWish) -> bytes:
    """Give a hash of what is asked, by which a reused key is noticed."""
    amount = "" if wish.amount is None else str(wish.amount)
    return hashlib.sha256("\x1f".join((wish.code, str(wish.card), amount, str(int(wish.companion)))).encode()).digest()
