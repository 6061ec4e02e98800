"""One-time codes by time: RFC 6238 over RFC 4226, with SHA-1, six digits and steps of 30 seconds, as every authenticator reads them."""

from __future__ import annotations

import hmac
from base64 import b32encode
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_S: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
"""As many as the hash has (RFC 4226, section 4, R6)."""
STEPS_ASIDE: Final = 1
"""Steps before and after the present one whose code is taken, for clocks that differ (RFC 6238, section 5.2)."""


def step_at(moment: datetime) -> int:
    """Tell which step a moment lies in."""
    return int(moment.timestamp()) // STEP_S


def code_of(secret: bytes, step: int) -> str:
    """Give the code of a step."""
    digest = hmac.digest(secret, step.to_bytes(8), "sha1")
    at = digest[-1] & 0xF
    number = int.from_bytes(digest[at : at + 4]) & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(secret: bytes, code: str, moment: datetime, *, after: int) -> int | None:
    """Find the step around a moment, and after the last one used, whose code this is."""
    now, found = step_at(moment), None
    for step in range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1):
        if hmac.compare_digest(code_of(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def address(secret: bytes, *, issuer: str, login: str) -> str:
    """Write a secret as the address that authenticators scan (otpauth, Key Uri Format)."""
    query = urlencode(
        {"secret": written(secret), "issuer": issuer, "digits": DIGITS, "period": STEP_S}, quote_via=quote
    )
    return f"otpauth://totp/{quote(issuer)}:{quote(login)}?{query}"


def written(secret: bytes) -> str:
    """Write a secret in base32, as it is typed where nothing can be scanned."""
    return b32encode(secret).decode().rstrip("=")
