"""The words of devices: a visit by which somebody signs in, the ways to do so, and where someone is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

KEPT: Final = timedelta(days=400)
"""For so long after its end a sign-in is remembered, and a browser keeps the device's cookie: the longest that browsers allow."""


class Way(IntEnum):
    """How somebody proved who they are."""

    CODE = 1
    PASSKEY = 2
    REGISTRATION = 3
    PAIRING = 4
    """A child, by a code that its guardian's app shows."""


@dataclass(frozen=True, slots=True)
class Visit:
    """With what somebody comes: the browser's long-lived random text, "" for a program, and what it says to be (User-Agent)."""

    device: str = ""
    agent: str = ""


NO_VISIT: Final = Visit()
"""Nobody knows with what: a program without a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A living sign-in: `browser` and `system` are names like "Chrome" and "Android", "" unknown; `seen_at` is right to the hour."""

    session: int
    browser: str
    system: str
    signed_in_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that was ended, and until when (Unix seconds) its token would have held."""

    session: int
    expires_s: int
