"""Challenges: random texts that the city signs, so that it knows its own again, for what it asked, and for how long.

A challenge is 16 random bytes, its end as Unix seconds in 4, and 16 of a keyed hash over both and the purpose. What it is for is
never in it and has to be said again with the answer: an answer that was given for one payment fits no other.
"""

from __future__ import annotations

import hmac
import secrets
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from haihe.base.clock import Clock
from haihe.base.vault import Vault
from haihe.people.passkeys.errors import PasskeyExpired
from haihe.people.passkeys.model import LIFETIME, Order

_HEAD: Final = struct.Struct(">16sI")
_MAC_BYTES: Final = 16
SIGN_IN: Final = "sign in"


def to_register(citizen: int) -> str:
    """Name the purpose of adding a passkey."""
    return f"register|{citizen}"


def to_reset(citizen: int) -> str:
    """Name the purpose of choosing another passcode."""
    return f"reset|{citizen}"


def to_confirm(citizen: int, order: Order) -> str:
    """Name the purpose of confirming one request: who, which key, which code, and what amount."""
    return f"confirm|{citizen}|{order.amount}|{len(order.key)}|{order.key}|{order.code}"


@dataclass(frozen=True)
class Challenges:
    """Makes and recognises challenges."""

    vault: Vault
    clock: Clock

    def make(self, purpose: str) -> bytes:
        """Make a challenge for a purpose."""
        head = _HEAD.pack(secrets.token_bytes(16), int((self.clock.now() + LIFETIME).timestamp()))
        return head + self._mac(purpose, head)

    def check(self, challenge: bytes, purpose: str) -> datetime:
        """Recognise a challenge and give its end. Raises `PasskeyExpired` for one of another purpose, too old, or not ours."""
        head, mac = challenge[: _HEAD.size], challenge[_HEAD.size :]
        if len(head) != _HEAD.size or not hmac.compare_digest(mac, self._mac(purpose, head)):
            raise PasskeyExpired
        _, expires_s = _HEAD.unpack(head)
        if expires_s <= self.clock.now().timestamp():
            raise PasskeyExpired
        return datetime.fromtimestamp(expires_s, UTC)

    def _mac(self, purpose: str, head: bytes) -> bytes:
        return self.vault.search_hash("passkey challenge", f"{purpose}|{head.hex()}")[:_MAC_BYTES]
