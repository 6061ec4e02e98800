"""The bus: lines, vehicles, tariffs, rides; what a scan at the door costs and who has paid already.

Owns the tables of the catalogue of lines and the table of rides. Never moves money: it prices offers, refuses second scans and
writes rides inside the payment's transaction. Calls `payments` (its protocol), `codes`, `organisations` and the ledger's reading side.
"""

from __future__ import annotations

from haihe.base.i18n import N_
from haihe.counter.branch import Branch, Ground
from haihe.counter.model import DRIVER, Counter, Face
from haihe.organisations.console import ConsolePage
from haihe.organisations.model import Right
from haihe.sectors.transit.board import BusBoard
from haihe.sectors.transit.catalogue import Catalogue
from haihe.sectors.transit.fleet import Fleet
from haihe.sectors.transit.model import KIND
from haihe.sectors.transit.pages import HANDLERS, STATIC, TEMPLATES
from haihe.sectors.transit.service import Transit
from haihe.sectors.transit.timetable.service import COMPANY
from haihe.web.part import Part

__all__ = ["branch"]

CONSOLE_PAGES: tuple[ConsolePage, ...] = (
    ConsolePage(
        "/console/transit",
        N_("Buses"),
        N_("Today's rides and money by line and bus, stickers to print"),
        "bus-front",
        Right.SEE_OPERATIONS,
        frozenset({COMPANY}),
    ),
)
"""What a bus company's staff find in their console."""


def branch(ground: Ground) -> Branch:
    """Give the bus."""
    catalogue = Catalogue(ground.base.database)
    bus = Transit(catalogue)
    fleet = Fleet(ground.base.database, ground.base.clock, catalogue, ground.stickers, ground.terminals)
    return Branch(
        part=Part("transit", handlers=HANDLERS, templates=TEMPLATES, static=STATIC, dependencies={"fleet": fleet}),
        trades=(bus,),
        console_pages=CONSOLE_PAGES,
        counters={DRIVER: Counter(Face.SCREEN, BusBoard(catalogue), KIND)},
        reload=bus.reload,
        learn=bus.learn,
        remember=bus.remember,
    )
