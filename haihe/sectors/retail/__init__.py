"""Shops: what is sold for an amount that the cashier or the payer says, at a till or by a sticker.

Owns the tills of shops. Never moves money: it checks the amount and writes sales inside the payment's transaction. Calls `counter`
(sales, terminals), `payments` (its protocol), `codes` and `organisations`.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from haihe.base.i18n import N_
from haihe.counter.branch import Branch, Ground
from haihe.counter.model import Counter, Face
from haihe.counter.sales import SalesBoard
from haihe.organisations.console import ConsolePage
from haihe.organisations.model import Right
from haihe.sectors.retail.founding import found
from haihe.sectors.retail.model import KIND, NUMBER, SHOP
from haihe.sectors.retail.pages import HANDLERS, TEMPLATES
from haihe.sectors.retail.points import Points
from haihe.sectors.retail.service import Retail
from haihe.sectors.retail.shops import Shops
from haihe.web.part import Part

__all__ = ["branch"]

CONSOLE_PAGES: Final = (
    ConsolePage(
        "/console/shop",
        N_("Tills"),
        N_("Today's sales by till, stickers to print, screens to pair"),
        "store",
        Right.SEE_OPERATIONS,
        frozenset({SHOP}),
    ),
)
"""What a shop's staff find in their console."""


def branch(ground: Ground) -> Branch:
    """Give the shops."""
    points = Points(ground.base.database)
    retail = Retail(points, ground.organisations)
    shops = Shops(ground, points)
    return Branch(
        part=Part("retail", handlers=HANDLERS, templates=TEMPLATES, dependencies={"shops": shops}),
        trades=(retail,),
        console_pages=CONSOLE_PAGES,
        counters={KIND: Counter(Face.TILL, SalesBoard(NUMBER, retail.heading), KIND)},
        reload=points.reload,
        learn=retail.learn,
        found=partial(found, shops),
    )
