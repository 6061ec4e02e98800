"""Signed notes: texts that anyone can check to be the city's, without asking the city.

The format is C2SP's signed-note (https://c2sp.org/signed-note), used by Go's checksum database and by transparency logs: the text, which
ends in a newline, an empty line, and a line "— NAME BASE64" for each signature. BASE64 is four bytes that tell the key, then an Ed25519
signature of the text. docs/proof.md says it byte by byte.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURES_MAX: Final = 16
"""Signature lines of a note that are looked at."""
_ED25519: Final = b"\x01"
_KEY_HASH_BYTES: Final = 4
_KEY_BYTES: Final = 32
_CITY_LETTERS: Final = 12
_DASH: Final = "\N{EM DASH} "


class NoteForged(Exception):  # noqa: N818 - it is a verdict
    """A note is not what its signer signed, or is none; the text says in which way."""


@dataclass(frozen=True, repr=False)
class Signer:
    """Signs texts under a name with the Ed25519 key that a 32-byte seed makes. The name has no blanks and no plus sign."""

    name: str
    seed: bytes

    def __post_init__(self) -> None:
        """Refuse a name that a note cannot carry. Raises ValueError."""
        if not _is_name(self.name):
            message = f"a note cannot be signed under the name {self.name!r}"
            raise ValueError(message)

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def verifier_key(self) -> str:
        """What others need to check notes: NAME+KEYHASH+BASE64, one line without a newline."""
        public = self._key.public_key().public_bytes_raw()
        return f"{self.name}+{_key_hash(self.name, public).hex()}+{b64encode(_ED25519 + public).decode()}"

    def sign(self, text: str) -> str:
        """Write a text as a note. Raises ValueError when it does not end in a newline or has control characters."""
        if not _is_text(text):
            raise ValueError("a note's text ends in a newline and has no control characters")
        public = self._key.public_key().public_bytes_raw()
        signature = _key_hash(self.name, public) + self._key.sign(text.encode())
        return f"{text}\n{_DASH}{self.name} {b64encode(signature).decode()}\n"


def city_signer(seed: bytes) -> Signer:
    """Give the city's own signer, for checkpoints and statements alike; seed: the city's seal key.

    The name is made of the key, so that it is the same at every start and no two cities share one.
    """
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return Signer(f"haihe-{hashlib.sha256(public).hexdigest()[:_CITY_LETTERS]}", seed)


def read_note(note: str, verifier_key: str) -> str:
    """Give a note's text after its signature by the key was checked. Raises `NoteForged`."""
    name, key_hash, public = _read_key(verifier_key)
    text, found, signatures = note.rpartition("\n\n")
    text += "\n"
    if not found or not signatures.endswith("\n") or not _is_text(text):
        raise NoteForged("it is not a signed note")
    own = [signature for signature in _signatures(signatures) if signature[:2] == (name, key_hash)]
    if len(own) != 1:
        raise NoteForged(f"it is not signed by {name}")
    try:
        public.verify(own[0][2], text.encode())
    except InvalidSignature as error:
        raise NoteForged(f"its text is not what {name} signed") from error
    return text


def _signatures(lines: str) -> list[tuple[str, bytes, bytes]]:
    """Read signature lines as name, key hash and signature."""
    stated = lines.removesuffix("\n").split("\n")
    if len(stated) > SIGNATURES_MAX:
        raise NoteForged("it has too many signatures")
    found = []
    for line in stated:
        name, gap, encoded = line.removeprefix(_DASH).partition(" ")
        raw = _from_base64(encoded)
        if not line.startswith(_DASH) or not gap or not _is_name(name) or len(raw) <= _KEY_HASH_BYTES:
            raise NoteForged("a signature line is not one")
        found.append((name, raw[:_KEY_HASH_BYTES], raw[_KEY_HASH_BYTES:]))
    return found


def _read_key(verifier_key: str) -> tuple[str, bytes, Ed25519PublicKey]:
    name, _, rest = verifier_key.partition("+")
    key_hash, _, encoded = rest.partition("+")
    raw = _from_base64(encoded)
    public = raw[len(_ED25519) :]
    sound = _is_name(name) and raw[:1] == _ED25519 and len(public) == _KEY_BYTES
    if not sound or _key_hash(name, public).hex() != key_hash:
        raise NoteForged("the verifier key is not one")
    return name, bytes.fromhex(key_hash), Ed25519PublicKey.from_public_bytes(public)


def _key_hash(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_HASH_BYTES]


def _from_base64(encoded: str) -> bytes:
    """Decode base64 as it would be encoded again: other spellings of the same bytes are refused."""
    try:
        raw = b64decode(encoded, validate=True)
    except ValueError as error:
        raise NoteForged("it has something that is not base64") from error
    if b64encode(raw).decode() != encoded:
        raise NoteForged("it has something that is not base64")
    return raw


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() or ord(letter) < ord(" ") for letter in name)


def _is_text(text: str) -> bool:
    return text.endswith("\n") and all(letter == "\n" or letter >= " " for letter in text)
