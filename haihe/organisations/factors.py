"""Second factors of staff: enrolled with an authenticator, proved by its codes or by a recovery code, each of them once."""

from __future__ import annotations

import secrets
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from haihe.base.database import Connection
from haihe.base.errors import BrokenInvariantError
from haihe.base.foundation import Foundation
from haihe.organisations import errors, factors_store as store, totp
from haihe.organisations.factors_store import Factor

RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10
DRAFT_LIFETIME: Final = timedelta(minutes=15)
DRAFT_CHARACTERS_MAX: Final = 400
_FIELD: Final = "totp"
_DRAFT: Final = "totp draft"
_WRAPPED_BYTES: Final = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """A secret that is offered and not stored yet: `text` carries it, sealed, through the form; nobody else's form takes it."""

    secret: bytes
    text: str


@dataclass(frozen=True)
class Factors:
    """Second factors; everything in the caller's transaction."""

    base: Foundation

    def draft(self, staff: int) -> Draft:
        """Make a secret for somebody."""
        secret, ends = secrets.token_bytes(totp.SECRET_BYTES), self.base.clock.now() + DRAFT_LIFETIME
        key = self.base.vault.new_key(staff)
        sealed = self.base.vault.unlock(key, staff).seal(_DRAFT, f"{int(ends.timestamp())} {secret.hex()}")
        return Draft(secret, urlsafe_b64encode(key + sealed).decode())

    def read_draft(self, staff: int, text: str) -> Draft:
        """Read a draft back. Raises `DraftInvalid` for somebody else's, an old one, or none."""
        try:
            raw = urlsafe_b64decode(text.encode("ascii")) if len(text) <= DRAFT_CHARACTERS_MAX else b""
            opened = self.base.vault.unlock(raw[:_WRAPPED_BYTES], staff).open(_DRAFT, raw[_WRAPPED_BYTES:])
        except (UnicodeEncodeError, Base64Error, ValueError, BrokenInvariantError) as error:
            raise errors.DraftInvalid from error
        ends, _, secret = opened.partition(" ")
        if int(ends) <= self.base.clock.now().timestamp():
            raise errors.DraftInvalid
        return Draft(bytes.fromhex(secret), text)

    async def enrol(self, connection: Connection, staff: int, draft: Draft, code: str) -> list[str]:
        """Store a drafted secret after its first code was shown; give the recovery codes, which nobody sees again.

        Raises `CodeWrong`.
        """
        now = self.base.clock.now()
        step = totp.step_of(draft.secret, _digits(code), now, after=0)
        if step is None:
            raise errors.CodeWrong(field="code")
        key = self.base.vault.new_key(staff)
        sealed = self.base.vault.unlock(key, staff).seal(_FIELD, draft.secret.hex())
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        hashes = [self._hash(staff, one) for one in codes]
        await store.put(connection, staff, Factor(key, sealed, step), hashes, now)
        return codes

    async def is_right(self, connection: Connection, staff: int, code: str) -> bool:
        """Tell whether a code of the authenticator, or a recovery code, is right, and use it up."""
        factor = await store.lock(connection, staff)
        if factor is None:
            return False
        if await store.use_code(connection, staff, self._hash(staff, code)):
            return True
        secret = bytes.fromhex(self.base.vault.unlock(factor.key, staff).open(_FIELD, factor.secret))
        step = totp.step_of(secret, _digits(code), self.base.clock.now(), after=factor.last_step)
        if step is None:
            return False
        await store.use_step(connection, staff, step)
        return True

    def _hash(self, staff: int, code: str) -> bytes:
        plain = "".join(one for one in code.upper() if one.isalnum())
        return self.base.vault.search_hash("recovery code", f"{staff} {plain}")


def _digits(code: str) -> str:
    return "".join(code.split())


def _recovery_code() -> str:
    """Make a code of 16 letters and digits (80 bits) in groups of four."""
    letters = b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
