"""Withdrawals: a citizen's money goes to the citizen's own bank card.

Owns: withdrawals and their limits. Never: sends money to a card that is not the citizen's own, without a second factor, twice, or
without taking it out of the wallet first; guesses what the bank did. Calls base, web, the ledger, outside and the wallet's cards.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from haihe.base.jobs import Periodic
from haihe.wallet.withdrawals import api, pages
from haihe.wallet.withdrawals.service import Withdrawals
from haihe.web.part import Part

__all__ = ["jobs", "part"]

ASK_AGAIN_CRON: Final = "* * * * * */3"
"""Every three seconds (they stand last): someone may be looking at the page that waits."""


def part(withdrawals: Withdrawals) -> Part:
    """Give the pages and the API of withdrawals; `limits` come from the part of people."""
    return Part(
        "withdrawals",
        handlers=(*api.HANDLERS, *pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"withdrawals": withdrawals},
    )


def jobs(withdrawals: Withdrawals) -> list[Periodic]:
    """Give the work that runs beside the city: asking the bank about open withdrawals."""
    return [Periodic("wallet.withdrawals", "withdrawals", ASK_AGAIN_CRON, withdrawals.ask_again)]
