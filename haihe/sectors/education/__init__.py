"""Education: a school writes a fee notice to a class, and each pupil's parents pay for their child.

Owns classes, pupils, their guardians and fee notices. Never moves money: a notice is one due for each pupil, which payments takes.
Calls `payments.dues`, `people`, `organisations`.
"""

from __future__ import annotations

from pathlib import Path

from haihe.base.i18n import N_
from haihe.counter.branch import Branch, Founding, Ground
from haihe.organisations.console import ConsolePage
from haihe.organisations.model import Right
from haihe.payments.dues.trade import DueTrade
from haihe.sectors.education import console_pages, pages
from haihe.sectors.education.founding import found
from haihe.sectors.education.held_store import HOLDINGS
from haihe.sectors.education.model import ICON, KIND, NUMBER, SCHOOL
from haihe.sectors.education.service import Schools
from haihe.sectors.education.telling import teller
from haihe.web.part import Link, Part

__all__ = ["branch"]

CONSOLE_PAGES = (
    ConsolePage(
        "/console/school",
        N_("School fees"),
        N_("Write a fee notice to a class, see who has paid"),
        ICON,
        Right.SEE_MONEY,
        frozenset({SCHOOL}),
    ),
)
TILES = (Link("/education", ICON, N_("Education"), "blue"),)


def branch(ground: Ground) -> Branch:
    """Give the sector."""
    base = ground.base
    schools = Schools(base.database, base.clock, base.ids, base.vault, ground.dues)

    async def found_education(founding: Founding) -> None:
        await found(ground, schools, founding)

    part = Part(
        "school",
        handlers=(*pages.HANDLERS, *console_pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"schools": schools},
        tiles=TILES,
        holdings=HOLDINGS,
    )
    trade = DueTrade(KIND, NUMBER, ICON, N_("Education"), ground.dues, teller(ground.organisations), is_shareable=True)
    return Branch(part, trades=(trade,), console_pages=CONSOLE_PAGES, found=found_education)
