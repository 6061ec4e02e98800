"""Personal data at rest: encrypted per person, found by keyed hash, shown masked.

Every person has a data key of their own, stored beside the person wrapped under the city's vault key. Who destroys the wrapped
key has erased the person, although rows, backups and the ledger stay whole. What is sealed is bound to its field and person, so
that a value copied into another row or column does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from haihe.base.errors import BrokenInvariantError
from haihe.base.home import Secrets

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
HASH_BYTES: Final = 32
_WRAP: Final = "data key"
_MASK: Final = "*"


class Vault:
    """Seals and opens personal data under the keys of one city; both keys have 32 bytes."""

    def __init__(self, *, vault_key: bytes, search_key: bytes, former_vault_key: bytes = b"") -> None:
        """Bind to the home's `vault_key` (encryption) and `search_key` (keyed hashes); while keys are rotated the former one opens, too."""
        if len(vault_key) != KEY_BYTES or len(search_key) != KEY_BYTES or len(former_vault_key) not in {0, KEY_BYTES}:
            raise ValueError(f"keys have {KEY_BYTES} bytes")
        self._vault = AESGCM(vault_key)
        self._former = AESGCM(former_vault_key) if former_vault_key else None
        self._search_key = search_key

    def new_key(self, person: int) -> bytes:
        """Make a data key for a person and give it wrapped, as it is stored."""
        return _seal(self._vault, secrets.token_bytes(KEY_BYTES), bound_to=_binding(_WRAP, person))

    def unlock(self, wrapped_key: bytes, person: int) -> PersonVault:
        """Open a person's data key. Raises `BrokenInvariantError` if it is not this person's."""
        return PersonVault(AESGCM(self._unwrapped(wrapped_key, person)), person)

    def wrapped_anew(self, wrapped_key: bytes, person: int) -> bytes:
        """Wrap a data key under the vault key of now; one that is wrapped so already stays as it is. Raises as `unlock` does."""
        try:
            _open(self._vault, wrapped_key, bound_to=_binding(_WRAP, person))
        except BrokenInvariantError:
            key = self._unwrapped(wrapped_key, person)
            return _seal(self._vault, key, bound_to=_binding(_WRAP, person))
        return wrapped_key

    def _unwrapped(self, wrapped_key: bytes, person: int) -> bytes:
        try:
            return _open(self._vault, wrapped_key, bound_to=_binding(_WRAP, person))
        except BrokenInvariantError:
            if self._former is None:
                raise
            return _open(self._former, wrapped_key, bound_to=_binding(_WRAP, person))

    def search_hash(self, field: str, text: str) -> bytes:
        """Hash a value with the city's key (HMAC-SHA256) for finding it; equal texts of two fields hash differently."""
        return hmac.digest(self._search_key, f"{field}\0{text}".encode(), hashlib.sha256)


def city_vault(secrets_of_home: Secrets) -> Vault:
    """Give the vault of a city by the keys of its home."""
    return Vault(
        vault_key=secrets_of_home.vault_key,
        search_key=secrets_of_home.search_key,
        former_vault_key=secrets_of_home.former_vault_key,
    )


class PersonVault:
    """Seals and opens the fields of one person (AES-256-GCM, a fresh nonce each time)."""

    def __init__(self, cipher: AESGCM, person: int) -> None:
        """Bind to the person's unwrapped key."""
        self._cipher = cipher
        self._person = person

    def seal(self, field: str, text: str) -> bytes:
        """Encrypt a text for a field: nonce, ciphertext and tag."""
        return _seal(self._cipher, text.encode(), bound_to=_binding(field, self._person))

    def open(self, field: str, sealed: bytes) -> str:
        """Decrypt a field. Raises `BrokenInvariantError` when it was sealed for another field or person, or was changed."""
        return _open(self._cipher, sealed, bound_to=_binding(field, self._person)).decode()


def _binding(field: str, person: int) -> bytes:
    return f"{field}\0{person}".encode()


def _seal(cipher: AESGCM, plain: bytes, *, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to)


def _open(cipher: AESGCM, sealed: bytes, *, bound_to: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise BrokenInvariantError(
            "a sealed value does not open: wrong key, field or person, or it was changed"
        ) from error


def mask_phone(phone: str) -> str:
    """Show a phone number as 138****8000."""
    return _masked(phone, head=3, tail=4)


def mask_id_number(id_number: str) -> str:
    """Show an ID number as 12**************17."""
    return _masked(id_number, head=2, tail=2)


def mask_card(card: str) -> str:
    """Show a bank card by its last four digits: **** 0128."""
    return f"{_MASK * 4} {card[-4:]}"


def mask_name(name: str) -> str:
    """Show a name by its first letter, as many stars as letters follow but at most three: 张*, A***."""
    return name[:1] + _MASK * min(3, max(1, len(name) - 1))


def _masked(text: str, *, head: int, tail: int) -> str:
    if len(text) <= head + tail:
        return _MASK * len(text)
    return text[:head] + _MASK * (len(text) - head - tail) + text[-tail:]
