"""Citizens who send money to citizens.

Owns: what was sent and what arrived. Never: moves money by itself (the ledger's crossings do), shows anybody's whole name, or tells
why a phone number cannot be sent to. Calls base, web, the ledger, people and the wallet's rules.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from haihe.base.jobs import Periodic
from haihe.wallet.sending import api, pages
from haihe.wallet.sending.service import Sendings
from haihe.web.part import Part

__all__ = ["jobs", "part"]

FINISH_CRON: Final = "* * * * * */3"
"""Every three seconds (they stand last): nearly always nothing is open."""


def part(sendings: Sendings) -> Part:
    """Give the pages and the API of sending; `limits` come from the part of people."""
    return Part(
        "sending",
        handlers=(*api.HANDLERS, *pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"sendings": sendings},
    )


def jobs(sendings: Sendings) -> list[Periodic]:
    """Give the work that runs beside the city: finishing or undoing what is on its way between buckets."""
    return [Periodic("wallet.finish_crossings", "crossings", FINISH_CRON, sendings.crossings.finish_open)]
