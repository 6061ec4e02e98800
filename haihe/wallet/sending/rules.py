"""What a note and an amount must look like, and how often someone may look for recipients. Pure but for the counting."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from haihe.base.throttle import Limits
from haihe.wallet.model import WalletRules
from haihe.wallet.sending import errors
from haihe.wallet.sending.model import NOTE_CHARACTERS_MAX

MISS_TRIES: Final = 5
"""A number that nobody has costs as many tries as this: who looks for people by guessing is slow soon, who mistypes is not."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Parts of letters and signs in some scripts, although they cannot be seen."""


def read_note(text: str) -> str:
    """Give a note in one line, without characters that cannot be seen. Raises `NoteTooLong`."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    note = "".join(character for character in plain if character.isprintable() or character in _JOINERS)
    if len(note) > NOTE_CHARACTERS_MAX:
        raise errors.NoteTooLong(field="note", characters=NOTE_CHARACTERS_MAX)
    return note


def check_amount(amount: int, limits: WalletRules) -> None:
    """Raise `SendingAmountInvalid` for an amount in fen outside the limits."""
    if not 1 <= amount <= limits.send_fen_max:
        raise amount_invalid(limits)


def amount_invalid(limits: WalletRules) -> errors.SendingAmountInvalid:
    """Say between which amounts a transfer must be."""
    return errors.SendingAmountInvalid(field="amount", min=1, max=limits.send_fen_max)


@contextmanager
def looking_up(limits: Limits, host: str, citizen: int) -> Iterator[None]:
    """Count a look-up of a citizen before it happens, and more of it when it found nobody. Raises `TooMany`."""
    limits.count("recipient", host, who=str(citizen))
    try:
        yield
    except errors.RecipientUnknown:
        limits.charge("recipient", host, who=str(citizen), tries=MISS_TRIES - 1)
        raise
