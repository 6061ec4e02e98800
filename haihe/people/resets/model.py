"""The words of forgotten passcodes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WAIT: Final = timedelta(hours=24)
"""Long enough to notice that somebody else asked, and to stop it."""
KEPT: Final = timedelta(days=7)
"""For so long after the wait another passcode may be chosen."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Somebody has forgotten the passcode and may choose another one from `ready_at` to `expires_at`."""

    citizen: int
    asked_at: datetime
    ready_at: datetime
    expires_at: datetime
