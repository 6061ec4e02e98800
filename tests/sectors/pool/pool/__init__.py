"""The swimming pool: a turnstile that is paid by time of day, and lockers by the hour.

Owns its places and who was let in at them. Never moves money: it prices scans and writes visits inside the payment's transaction.
Calls `payments` (its protocol), `catalogue`, `codes` and `organisations`.
"""

from __future__ import annotations

from haihe.base.i18n import N_
from haihe.counter.branch import Branch, Ground
from haihe.organisations.console import ConsolePage
from haihe.organisations.model import Right
from haihe.web.part import Link, Part

from .founding import Founder
from .model import HALL
from .pages import HANDLERS, TEMPLATES
from .service import Pool

__all__ = ["branch"]


def branch(ground: Ground) -> Branch:
    """Give the swimming pool."""
    base = ground.base
    pool = Pool(base.database, base.clock, ground.catalogue)
    founder = Founder(base, ground.organisations, ground.catalogue, ground.stickers)
    page = ConsolePage(
        "/console/pool",
        N_("Swimming pool"),
        N_("Today's visitors and lockers"),
        "waves-ladder",
        Right.SEE_MONEY,
        frozenset({HALL}),
    )
    return Branch(
        part=Part(
            "pool",
            handlers=HANDLERS,
            templates=TEMPLATES,
            dependencies={"pool": pool},
            tiles=(Link("/services?q=swim", "waves-ladder", N_("Swimming"), "blue"),),
        ),
        trades=(pool,),
        console_pages=(page,),
        reload=pool.reload,
        found=founder.found,
    )
