"""Health: clinic bills, split between the insurance fund, the patient's personal account and the wallet.

Owns hospitals' levels, policies, patients' years, clinic bills beside their dues, and the log of who opened whose record. Never
moves money: it says who bears what, and payments does it. Calls `payments.dues`, `people`, `wallet.purses`, `organisations`.
"""

from __future__ import annotations

from pathlib import Path

from haihe.base.i18n import N_
from haihe.counter.branch import Branch, Founding, Ground
from haihe.organisations.console import ConsolePage
from haihe.organisations.model import Right
from haihe.sectors.health import console_pages, pages
from haihe.sectors.health.founding import found
from haihe.sectors.health.held_store import HOLDINGS
from haihe.sectors.health.model import HOSPITAL
from haihe.sectors.health.service import Clinics
from haihe.sectors.health.trade import clinic_trade
from haihe.web.part import Link, Part

__all__ = ["branch"]

CONSOLE_PAGES = (
    ConsolePage(
        "/console/hospital",
        N_("Clinic bills"),
        N_("Find a patient, issue a bill with its split, take it back"),
        "stethoscope",
        Right.TAKE_PAYMENTS,
        frozenset({HOSPITAL}),
    ),
    ConsolePage(
        "/console/hospital/looks",
        N_("Opened records"),
        N_("Which clerk opened whose record, and when"),
        "eye",
        Right.SEE_LOOKS,
        frozenset({HOSPITAL}),
    ),
)
TILES = (Link("/health", "heart-pulse", N_("Health"), "rose"),)


def branch(ground: Ground) -> Branch:
    """Give the sector."""
    base = ground.base
    clinics = Clinics(base.database, base.clock, base.ids, ground.people, ground.dues)

    async def found_health(founding: Founding) -> None:
        await found(ground, clinics, founding)

    part = Part(
        "clinic",
        handlers=(*pages.HANDLERS, *console_pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"clinics": clinics},
        tiles=TILES,
        holdings=HOLDINGS,
    )
    return Branch(
        part,
        trades=(clinic_trade(ground.dues, ground.purses),),
        console_pages=CONSOLE_PAGES,
        reload=clinics.reload,
        found=found_health,
    )
