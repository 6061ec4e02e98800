"""Utilities: electricity, water, heating, gas, cable television; accounts, readings, and the bills that come of them.

Owns the tables of plans, accounts, readings and withdrawals. Never moves money: a bill is a due (`payments.dues`), paid like every
other one. Calls `catalogue` (prices), `payments`, `organisations`; knows no citizen but by who follows an account.
"""

from __future__ import annotations

from pathlib import Path

from haihe.base.i18n import N_
from haihe.counter.branch import Branch, Founding, Ground
from haihe.organisations.console import ConsolePage
from haihe.organisations.model import Right
from haihe.payments.dues.trade import DueTrade
from haihe.sectors.utilities import console_pages, pages
from haihe.sectors.utilities.billing import Billing
from haihe.sectors.utilities.bodies import Teller
from haihe.sectors.utilities.founding import found_utilities
from haihe.sectors.utilities.model import KIND, NUMBER, UTILITY
from haihe.sectors.utilities.paying import Cashdesk
from haihe.sectors.utilities.plans import Plans
from haihe.sectors.utilities.supplies import Supplies
from haihe.web.part import Link, Part

__all__ = ["branch"]

TITLE = N_("Utilities")
CONSOLE_PAGES: tuple[ConsolePage, ...] = (
    ConsolePage(
        "/console/utility",
        N_("Bills"),
        N_("Bills by period, readings to enter, bills to withdraw"),
        "receipt-text",
        Right.SEE_OPERATIONS,
        frozenset({UTILITY}),
    ),
)
"""What a utility's staff find in their console."""


def branch(ground: Ground) -> Branch:
    """Give the utilities as the city collects them."""
    base, catalogue, dues = ground.base, ground.catalogue, ground.dues
    plans, teller = Plans(base.database), Teller(catalogue)
    billing = Billing(base.database, base.clock, base.ids, catalogue, dues, plans)

    async def found(founding: Founding) -> None:
        await found_utilities(ground, billing, founding)

    return Branch(
        part=Part(
            "utilities",
            handlers=(*pages.HANDLERS, *console_pages.HANDLERS),
            templates=pages.TEMPLATES,
            static=Path(__file__).parent / "static",
            dependencies={
                "supplies": Supplies(base.database, base.clock, catalogue, dues, plans),
                "cashdesk": Cashdesk(dues, teller),
                "utility": console_pages.Desk(billing, teller),
            },
            tiles=(Link("/bills", "receipt-text", N_("Bills"), "amber"),),
        ),
        trades=(
            DueTrade(KIND, NUMBER, "receipt-text", TITLE, dues, teller.tell, is_shareable=True, outline=teller.name),
        ),
        console_pages=CONSOLE_PAGES,
        reload=plans.reload,
        found=found,
        service_links={"utilities": lambda _: "/bills"},
    )
