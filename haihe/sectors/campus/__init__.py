"""The campus: cards of universities, their canteens, shops and some hundreds of other services, and meal money.

Owns points, cards and what is written down of meal money; what is sold is the catalogue's, where it was sold the counter's. Never
moves money: it prices offers, says who is served and which purses are taken. Calls `payments` (its protocol), `counter`, `catalogue`,
`codes`, `wallet` (purses) and `organisations`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from haihe.base.i18n import N_
from haihe.base.jobs import Periodic
from haihe.codes.model import Sticker
from haihe.counter.branch import Branch, Ground
from haihe.counter.model import Counter, Face
from haihe.counter.sales import SalesBoard
from haihe.organisations.console import ConsolePage
from haihe.organisations.model import Right
from haihe.payments.references import reference
from haihe.sectors.campus import console_pages, pages
from haihe.sectors.campus.desk import Desk
from haihe.sectors.campus.founding import found_campus
from haihe.sectors.campus.held_store import HOLDINGS
from haihe.sectors.campus.meal_money import MealMoney
from haihe.sectors.campus.model import CANTEEN_TILL, KIND, NUMBER, UNIVERSITY
from haihe.sectors.campus.office import Office
from haihe.sectors.campus.points import Points
from haihe.sectors.campus.service import Campus
from haihe.web.part import Link, Part

TEMPLATES: Final = Path(__file__).parent / "templates"
GRANT_CRON: Final = "*/10 * * * *"
"""Every ten minutes: a new month and new cards are noticed soon, and nothing is granted twice."""
CONSOLE_PAGES: Final = (
    ConsolePage(
        "/console/campus",
        N_("Campus"),
        N_("Today's sales and meal money by stall and shop, tills to pair"),
        "graduation-cap",
        Right.SEE_OPERATIONS,
        frozenset({UNIVERSITY}),
    ),
    ConsolePage(
        "/console/campus/services",
        N_("Campus services"),
        N_("Everything that is offered, with prices; stickers to print"),
        "list",
        Right.SEE_OPERATIONS,
        frozenset({UNIVERSITY}),
    ),
)


def branch(ground: Ground) -> Branch:
    """Give the campus to the city."""
    points = Points(ground.base.database)
    campus = Campus(ground.base.database, points, ground.catalogue, ground.purses, ground.organisations)

    async def learn(sticker: Sticker) -> None:
        if sticker.kind == KIND and campus.find(sticker.point) is None:
            await ground.catalogue.reload()
            await points.reload()

    return Branch(
        part=Part(
            "campus",
            handlers=(*pages.HANDLERS, *console_pages.HANDLERS),
            templates=TEMPLATES,
            dependencies={"campus_desk": Desk(ground, campus), "campus_office": Office(ground, campus)},
            tiles=(Link("/campus", "id-card", N_("Campus"), "violet"),),
            holdings=HOLDINGS,
        ),
        trades=(campus,),
        console_pages=CONSOLE_PAGES,
        counters={CANTEEN_TILL: Counter(Face.TILL, SalesBoard(NUMBER, campus.heading), KIND)},
        jobs=(Periodic("campus.meal_money", "campus", GRANT_CRON, MealMoney(ground).grant_month),),
        reload=points.reload,
        learn=learn,
        found=partial(found_campus, ground, points),
        service_links={KIND: lambda service: f"/s/{reference(KIND, service.id)}"},
    )
