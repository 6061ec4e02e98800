"""Idempotency: what makes two requests the same, as two hashes that fit a bigint."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from haihe.payments.model import Charge, PaymentRequest

KEY_CHARACTERS_MAX: Final = 200


def key_hash(request: PaymentRequest) -> int:
    """Hash payer and key: under it the answer is remembered."""
    return _hash(request.payer.to_bytes(8, "big") + request.key.encode())


def content_hash(request: PaymentRequest) -> int:
    """Hash what is asked for: the same key with another content is refused. `own_max` is a condition, no content."""
    amount = "" if request.amount is None else str(request.amount)
    return _hash("\x1f".join((request.code, amount, str(int(request.companion)))).encode())


def charge_hashes(charge: Charge, payer: int) -> tuple[int, int]:
    """Hash a till's charge: its key, of the till and the payer, and its content."""
    amount = "" if charge.amount is None else str(charge.amount)
    key = f"{charge.kind}\x1f{charge.point}\x1f{charge.key}"
    return _hash(payer.to_bytes(8, "big") + key.encode()), _hash(f"{charge.code}\x1f{amount}".encode())


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)
