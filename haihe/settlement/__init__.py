"""Settlement: the city's day closes, every organisation gets its money, and ledger and bank agree to the fen.

Owns: closed days, settlements with their files and statements, fees, payouts, the bank's statement and its comparison with the ledger.
Never: changes a closed day, pays out while ledger and bank differ, or tells an organisation who paid. Calls base, web, the ledger,
outside, organisations, and the wallet's rules of asking again; payments only by the rows that the ledger names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from haihe.base.jobs import Periodic
from haihe.settlement import pages
from haihe.settlement.service import Settlements
from haihe.web.part import Part

__all__ = ["PAGES", "jobs", "part"]

PAGES: Final = pages.PAGES
RUN_CRON: Final = "* * * * * */15"
"""Every fifteen seconds (they stand last): days close soon after midnight, and what the bank left open is asked again."""


def part(settlements: Settlements) -> Part:
    """Give the console's pages and downloads."""
    return Part(
        "settlement",
        handlers=pages.HANDLERS,
        templates=Path(__file__).parent / "templates",
        dependencies={"settlements": settlements},
    )


def jobs(settlements: Settlements) -> list[Periodic]:
    """Give the work that runs beside the city: closing days, paying out, finding out."""
    return [Periodic("settlement.run", "settlement", RUN_CRON, settlements.run)]
