"""What a card number and an amount must look like, and when to ask the bank again. Pure."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final

from haihe.base.ids import ID_MAX
from haihe.wallet import errors
from haihe.wallet.model import WalletRules

CARD_DIGITS_MIN: Final = 12
CARD_DIGITS_MAX: Final = 19
KEY_CHARACTERS_MAX: Final = 200
ID_DIGITS_MAX: Final = 19
FIRST_ENQUIRY: Final = timedelta(seconds=15)
"""Later than the bank's longest answer, so that the request that asked it has ended by then."""
UNKNOWN_ENQUIRY: Final = timedelta(seconds=3)
ENQUIRY_MAX: Final = timedelta(minutes=5)
ASK_AGAIN: Final = timedelta(minutes=10)
"""So long a pull that the bank never heard of is asked again; afterwards it is called off, since nobody waits any more."""


def read_card(text: str) -> str:
    """Give a card number without spaces. Raises `CardInvalid` unless it has 12 to 19 digits and a right check digit."""
    number = "".join(text.split()).replace("-", "")
    has_digits = number.isascii() and number.isdigit() and CARD_DIGITS_MIN <= len(number) <= CARD_DIGITS_MAX
    if not has_digits or luhn_sum(number) % 10:
        raise errors.CardInvalid(field="card")
    return number


def luhn_sum(number: str) -> int:
    """Add the digits with every second from the right doubled (ISO/IEC 7812-1); a right number gives a multiple of 10."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled)


def check_amount(amount: int, limits: WalletRules) -> None:
    """Raise `TopUpAmountInvalid` for an amount in fen outside the limits."""
    if not limits.top_up_fen_min <= amount <= limits.top_up_fen_max:
        raise amount_invalid(limits)


def amount_invalid(limits: WalletRules) -> errors.TopUpAmountInvalid:
    """Say between which amounts a top-up must be."""
    return errors.TopUpAmountInvalid(field="amount", min=limits.top_up_fen_min, max=limits.top_up_fen_max)


def check_key(key: str) -> None:
    """Raise `TopUpKeyMissing` for what is no idempotency key."""
    if not 0 < len(key) <= KEY_CHARACTERS_MAX:
        raise errors.TopUpKeyMissing


def key_hash(key: str) -> bytes:
    """Give the form in which an idempotency key is kept."""
    return hashlib.sha256(key.encode()).digest()


def content_hash(*, card: int, amount: int) -> bytes:
    """Give a hash of what a top-up asks, by which a reused key is noticed."""
    return hashlib.sha256(f"{card}|{amount}".encode()).digest()


def next_enquiry(tries: int) -> timedelta:
    """Say how long to wait before the bank is asked again: 15 s, then twice as long each time, at most 5 minutes."""
    return min(ENQUIRY_MAX, FIRST_ENQUIRY * (1 << min(tries, 10)))


def read_id(text: str) -> int | None:
    """Read an id as the API and pages write it; None for what can be none."""
    if not (text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX) or int(text) > ID_MAX:
        return None
    return int(text)
