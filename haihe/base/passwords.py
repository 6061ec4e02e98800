"""Passcodes and passwords at rest, and the lock after wrong tries.

Argon2id over a keyed hash: a six-digit passcode alone could be guessed from a stolen table in minutes; without the city's key
it cannot be guessed at all.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from haihe.base.vault import Vault

WRONG_TRIES_MAX: Final = 5
FIRST_LOCK: Final = timedelta(minutes=15)
LOCK_MAX: Final = timedelta(hours=24)
LOCKS_COUNTED_MAX: Final = 10
MEMORY_KIB: Final = 19_456
PASSES: Final = 2
"""RFC 9106 leaves the choice open; these are OWASP's: 19 MiB, 2 passes, 1 lane, about 25 ms."""
HASHES_AT_ONCE: Final = 2
_HASHER: Final = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)


def hashing_gate() -> asyncio.Semaphore:
    """Make the gate through which tries go one after the other, a few at once."""
    return asyncio.Semaphore(HASHES_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a secret was entered wrongly: since the last lock, locks in a row, and until when the lock holds."""

    wrong: int
    locks: int
    locked_until: datetime

    def wait_s(self, now: datetime) -> int:
        """Tell how many seconds the lock still holds, rounded up; 0 when it does not."""
        left = self.locked_until - now
        return max(0, -(-left // timedelta(seconds=1)))

    def left(self) -> int:
        """Tell how many tries remain before the lock."""
        return WRONG_TRIES_MAX - self.wrong

    def after_wrong(self, now: datetime) -> Tries:
        """Count one wrong try: the fifth locks, for 15 minutes, then 30, and so on up to a day."""
        if self.wrong + 1 < WRONG_TRIES_MAX:
            return Tries(self.wrong + 1, self.locks, self.locked_until)
        lock = min(LOCK_MAX, FIRST_LOCK * (1 << min(self.locks, LOCKS_COUNTED_MAX)))
        return Tries(0, min(self.locks + 1, LOCKS_COUNTED_MAX), now + lock)

    def after_right(self) -> Tries:
        """Forget what was wrong before."""
        return Tries(0, 0, self.locked_until)


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and checks secrets of people; each takes about 25 ms in a thread of its own."""

    vault: Vault

    async def hash(self, secret: str) -> str:
        """Hash a secret for storing."""
        return await asyncio.to_thread(_HASHER.hash, self._keyed(secret))

    async def is_right(self, stored: str, secret: str) -> bool:
        """Tell whether the secret is the stored one; an empty or damaged hash is never right, after the same time."""
        return await asyncio.to_thread(_verify, stored, self._keyed(secret))

    def _keyed(self, secret: str) -> bytes:
        return self.vault.search_hash("secret", secret)


def _verify(stored: str, keyed: bytes) -> bool:
    if not stored:
        _HASHER.hash(keyed)  # as slow as a check, so that the time does not tell whether there is a secret
        return False
    try:
        return _HASHER.verify(stored, keyed)
    except (VerificationError, InvalidHashError):
        return False
