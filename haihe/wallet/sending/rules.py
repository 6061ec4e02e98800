"""What a note and an amount must look like, and how often someone may look for recipients. Pure but for the counting."""

from __future__ import annotations

import unicodedata
from contextlib import AbstractContextManager
from typing import Final

from haihe.base.throttle import Limits
from haihe.wallet.model import WalletRules
from haihe.wallet.sending import errors
from haihe.wallet.sending.model import NOTE_CHARACTERS_MAX

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


def looking_up(limits: Limits, host: str, citizen: int) -> AbstractContextManager[None]:
    """Count a citizen's look-up, which costs more when it finds nobody. Raises `TooMany`."""
    return limits.looking_up("recipient", host, who=str(citizen), miss=errors.RecipientUnknown)
