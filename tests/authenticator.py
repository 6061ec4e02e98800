"""A device that makes passkeys and answers with them, written down from the standard (WebAuthn, CTAP2) for tests without a browser."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key

USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40
ORIGIN = "http://localhost"


def to_text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def to_bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey; `counts` false is a device that counts nothing, as those that are synchronised."""

    origin: str = ORIGIN
    counts: bool = True
    counter: int = 0
    is_verified: bool = True
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    handle: bytes = b""

    def make(self, options: dict[str, Any]) -> str:
        """Do what `navigator.credentials.create` does; the answer as JSON."""
        self.handle = to_bytes(options["user"]["id"])
        data = self._data(options["rp"]["id"], self._attested())
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options)
        return self._json({"clientDataJSON": to_text(client), "attestationObject": to_text(attestation)})

    def answer(self, options: dict[str, Any]) -> str:
        """Do what `navigator.credentials.get` does; the answer as JSON."""
        data, client = self._data(options["rpId"]), self._client("webauthn.get", options)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": to_text(client),
            "authenticatorData": to_text(data),
            "signature": to_text(signed),
            "userHandle": to_text(self.handle),
        }
        return self._json(response)

    def _data(self, party: str, attested: bytes = b"") -> bytes:
        self.counter += self.counts
        flags = USER_PRESENT | (USER_VERIFIED if self.is_verified else 0) | (HAS_CREDENTIAL if attested else 0)
        return hashlib.sha256(party.encode()).digest() + struct.pack(">BI", flags, self.counter) + attested

    def _attested(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, **point})
        return bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + public

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _json(self, response: dict[str, str]) -> str:
        named = {"id": to_text(self.credential), "rawId": to_text(self.credential), "type": "public-key"}
        return json.dumps({**named, "response": response, "clientExtensionResults": {}})
