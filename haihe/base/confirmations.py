"""That someone confirmed one request: proved once by passcode or passkey, then told by a short text that only this city can make.

It names the person, the request's idempotency key, what it is about where that was shown, the strength and an end. So it serves for one request of one person only, and
reading it asks nobody.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Final

from haihe.base.clock import Clock
from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.base.vault import Vault

LIFETIME: Final = timedelta(minutes=3)
CHARACTERS_MAX: Final = 100


class Strength(IntEnum):
    """How a request is confirmed beyond being signed in (announcement 43/2015, Art. 24)."""

    NONE = 0
    """Being signed in is one factor."""
    PASSCODE = 1
    """Two factors: the device and what the person knows."""
    PASSKEY = 2
    """An electronic signature by a key in the person's device, after the device has verified its user (WebAuthn)."""


class ConfirmationInvalid(Refusal):
    """The confirmation is another request's, is too old, or was not made by this city."""

    code = "confirmation_invalid"
    status = 422
    text = N_("This confirmation is no longer valid. Please confirm again.")


@dataclass(frozen=True)
class Confirmations:
    """Makes and reads confirmations."""

    vault: Vault
    clock: Clock

    def grant(self, person: int, key: str, strength: Strength, *, about: str = "") -> str:
        """Write that a person has just confirmed the request with this idempotency key; `about` (`matter`) if they saw what it is."""
        expires_s = int((self.clock.now() + LIFETIME).timestamp())
        return f"{int(strength)}.{expires_s}.{self._mac(person, key, about, strength, expires_s)}"

    def read(self, person: int, key: str, text: str, *, about: str) -> Strength:
        """Tell how a request about a matter was confirmed; an empty text is no confirmation. Raises `ConfirmationInvalid`.

        What was granted for one matter serves for no other; where nothing was said about it, it serves for whatever has the key.
        """
        if not text:
            return Strength.NONE
        try:
            said, ends, mac = text.split(".") if text.isascii() and len(text) <= CHARACTERS_MAX else ("", "", "")
            strength, expires_s = Strength(int(said)), int(ends)
        except ValueError as error:
            raise ConfirmationInvalid from error
        right = [self._mac(person, key, one, strength, expires_s) for one in (about, "")]
        is_ours = True in [hmac.compare_digest(mac, one) for one in right]
        if not is_ours or expires_s <= self.clock.now().timestamp():
            raise ConfirmationInvalid
        return strength

    def _mac(self, person: int, key: str, about: str, strength: Strength, expires_s: int) -> str:
        said = f"{person}|{int(strength)}|{expires_s}|{len(key)}|{key}|{about}"
        return self.vault.search_hash("confirmation", said).hex()[:32]


def matter(code: str, amount: int | None) -> str:
    """Write what a request is about: what is paid or to whom it goes, and fen (None or 0 where the code has a price)."""
    return f"{amount or 0}|{code}"
