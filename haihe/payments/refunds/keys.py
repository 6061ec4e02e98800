"""Idempotency of refunds: what makes two requests the same, as two hashes that fit a bigint."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from haihe.payments.refunds.model import RefundRequest


def key_hash(request: RefundRequest) -> int:
    """Hash organisation and key: under it the refund is remembered, beside the payments' keys and never as one of them."""
    return _hash(f"refund\x1f{request.organisation}\x1f{request.key}")


def content_hash(request: RefundRequest) -> int:
    """Hash what is asked for: the same key with another content is refused."""
    amount = "all" if request.amount is None else str(request.amount)
    return _hash("\x1f".join((str(request.payment), amount, request.reason)))


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
