"""Social insurance: the yearly contribution of residents, paid for oneself or for a relative.

Owns programmes (when one may enrol, who pays what), standings, relatives, and who is covered for which year. Never moves money: a
chosen tier is a due of `payments`, and what was paid is credited in the payment's transaction. Calls `payments`, `catalogue`,
`people` and `organisations`.
"""

from __future__ import annotations

from typing import Final

from haihe.base.i18n import N_
from haihe.counter.branch import Branch, Ground
from haihe.organisations.console import ConsolePage
from haihe.organisations.model import Right
from haihe.sectors.social.bureau import Bureau
from haihe.sectors.social.founding import Founder
from haihe.sectors.social.held_store import HOLDINGS
from haihe.sectors.social.model import BUREAU, TITLE
from haihe.sectors.social.pages import HANDLERS, TEMPLATES
from haihe.sectors.social.service import Contributions
from haihe.sectors.social.trade import ICON, contribution_trade
from haihe.web.part import Link, Part

__all__ = ["branch"]

CONSOLE_PAGES: Final = (
    ConsolePage(
        "/console/social",
        N_("Contributions"),
        N_("Who is covered for which year, by tier, with payment and ledger batch"),
        ICON,
        Right.SEE_OPERATIONS,
        frozenset({BUREAU}),
    ),
)
"""What the bureau's staff find in their console."""
TILES: Final = (Link("/social", ICON, TITLE, "orange"),)


def branch(ground: Ground) -> Branch:
    """Give social insurance."""
    base = ground.base
    contributions = Contributions(base.database, base.clock, base.ids, ground.people, ground.catalogue, ground.dues)
    bureau = Bureau(base.database, base.clock, ground.people, contributions)
    founder = Founder(base.database, ground.organisations, ground.catalogue, ground.dues)
    return Branch(
        part=Part(
            "social",
            handlers=HANDLERS,
            templates=TEMPLATES,
            dependencies={"contributions": contributions, "bureau": bureau},
            tiles=TILES,
            holdings=HOLDINGS,
        ),
        trades=(contribution_trade(base.database, ground.dues),),
        console_pages=CONSOLE_PAGES,
        reload=contributions.reload,
        found=founder.found,
        service_links={"social": lambda _: "/social"},
    )
