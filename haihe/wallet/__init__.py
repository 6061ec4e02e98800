"""Wallets: what a citizen has, and how money comes in from the bank.

Owns: bank cards, top-ups and their limits. Never: credits a wallet before the bank said that the money came, or twice. Calls base,
web, ledger, outside and people.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from haihe.base.jobs import Periodic
from haihe.wallet import api, pages
from haihe.wallet.held_store import HOLDINGS
from haihe.wallet.service import Wallets
from haihe.web.part import Part

__all__ = ["jobs", "part"]

ASK_AGAIN_CRON: Final = "* * * * * */3"
"""Every three seconds (they stand last): someone may be looking at the page that waits."""
_FOLDER: Final = Path(__file__).parent


def part(wallets: Wallets) -> Part:
    """Give the pages and the API of the wallet; `limits` come from the part of people."""
    return Part(
        "wallet",
        handlers=(*api.HANDLERS, *pages.HANDLERS),
        templates=_FOLDER / "templates",
        static=_FOLDER / "static",
        dependencies={"wallets": wallets},
        holdings=HOLDINGS,
    )


def jobs(wallets: Wallets) -> list[Periodic]:
    """Give the work that runs beside the city: asking the bank about open top-ups."""
    return [Periodic("wallet.ask_again", "wallet", ASK_AGAIN_CRON, wallets.ask_again)]
