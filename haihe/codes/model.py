"""A code's words: the sticker, and what a wrong one is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_

CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 O, 1 I L, U V pairs: a code can be read aloud and typed from a scratched sticker."""
CODE_CHARACTERS: Final = 16
"""78 bits: nobody finds a code by trying."""


class CodeUnknown(Refusal):
    """Nothing in this city has this code."""

    code = "code_unknown"
    status = 404
    text = N_("This code is not known here. Please look whether the sticker is whole, and scan again.")


class CodeRevoked(Refusal):
    """The sticker was replaced or taken out of use."""

    code = "code_revoked"
    status = 410
    text = N_("This sticker is no longer in use. Please ask for the new one.")


class CodeForeign(Refusal):
    """Something was scanned that is no code of this city."""

    code = "code_foreign"
    status = 404
    text = N_("This is not a code of this city. Nothing was paid.")


@dataclass(frozen=True, slots=True)
class NewSticker:
    """A sticker to be made: its kind ("bus"), what it is fixed to, whose it is."""

    kind: str
    point: int
    organisation: int


@dataclass(frozen=True, slots=True)
class Sticker:
    """A printed code: bound to a `point` (a vehicle, a till) of an `organisation`; `revoked` None while it is in use."""

    code: str
    kind: str
    point: int
    organisation: int
    made: datetime
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """A code as it is stored; `payment` is 0 until it has paid."""

    code: int
    citizen: int
    bucket: int
    expires_at: datetime
    payment: int = 0


def is_code(text: str) -> bool:
    """Tell whether a text has the form of a code."""
    return len(text) == CODE_CHARACTERS and all(character in CODE_ALPHABET for character in text)
