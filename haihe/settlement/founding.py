"""Settlement's part of the demo city: bank accounts of organisations, and the past that is closed and never paid out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Final

from haihe.settlement.service import Settlements

PREFIX: Final = "629998"
"""Which no bank has."""
DIGITS: Final = 9
ENDING: Final = "1000"


async def found_settlement(
    settlements: Settlements, *, first_day: date, say: Callable[[str], None] = lambda _: None
) -> None:
    """Give every organisation a made-up bank account, and close what the founding booked as the day before the city's first.

    Nobody lived that day: it has figures, files and statements, and no fees and payouts. May be killed anywhere and repeated.
    """
    organisations = settlements.organisations.everyone()
    await settlements.found_accounts({one.id: made_up_account(one.key) for one in organisations})
    if settled := await settlements.close_founding(first_day=first_day):
        say(f"the demo's past is closed, without payouts, for {settled} organisations")


def made_up_account(key: str) -> str:
    """Make up the account of an organisation, the same in every home."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % 10**DIGITS
    return f"{PREFIX}{number:0{DIGITS}d}{ENDING}"
