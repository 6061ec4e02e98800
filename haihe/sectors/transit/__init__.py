"""Transit. Here the bus: lines, vehicles, tariffs, rides; what a scan at the door costs and who has paid already. Coaches: `coach`.

Owns the tables of the catalogue of lines and the table of rides. Never moves money: it prices offers, refuses second scans and
writes rides inside the payment's transaction. Calls `payments` (its protocol), `codes`, `organisations` and the ledger's reading side.
"""

from __future__ import annotations

from haihe.base.i18n import N_
from haihe.counter.branch import Branch, Founding, Ground
from haihe.counter.model import DRIVER, VALIDATOR, Counter, Face
from haihe.organisations.console import ConsolePage
from haihe.organisations.model import Right
from haihe.sectors.transit.board import BusBoard
from haihe.sectors.transit.catalogue import Catalogue
from haihe.sectors.transit.coach import console_pages as coach_console, pages as coach_pages
from haihe.sectors.transit.coach.founding import found_coaches
from haihe.sectors.transit.coach.network import Network
from haihe.sectors.transit.coach.service import Coaches
from haihe.sectors.transit.coach.trade import make_trade
from haihe.sectors.transit.fleet import Fleet
from haihe.sectors.transit.founding import found_buses
from haihe.sectors.transit.held_store import HOLDINGS
from haihe.sectors.transit.model import KIND
from haihe.sectors.transit.pages import HANDLERS, STATIC, TEMPLATES
from haihe.sectors.transit.service import Transit
from haihe.sectors.transit.timetable.service import COMPANY
from haihe.web.part import Link, Part

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
    """Give buses and coaches."""
    base, catalogue = ground.base, Catalogue(ground.base.database)
    bus, network = Transit(catalogue), Network(base.database)
    fleet = Fleet(base.database, base.clock, catalogue, ground.stickers, ground.terminals)
    board = BusBoard(catalogue)
    coaches = Coaches(base, network, ground.dues, ground.people)

    async def found(founding: Founding) -> None:
        await found_buses(ground, founding)
        await bus.reload()
        await fleet.found_validator()
        await found_coaches(ground, founding)

    async def reload() -> None:
        await bus.reload()
        await network.reload()

    return Branch(
        part=Part(
            "transit",
            handlers=(*HANDLERS, *coach_pages.HANDLERS, *coach_console.HANDLERS),
            templates=TEMPLATES,
            static=STATIC,
            dependencies={"fleet": fleet, "coach_desk": coach_pages.Desk(coaches, ground.organisations)},
            tiles=(Link("/transit", "bus-front", N_("Transit"), "river"),),
            holdings=HOLDINGS,
        ),
        trades=(bus, make_trade(coaches)),
        console_pages=(*CONSOLE_PAGES, *coach_console.CONSOLE_PAGES),
        counters={DRIVER: Counter(Face.SCREEN, board, KIND), VALIDATOR: Counter(Face.VALIDATOR, board, KIND)},
        reload=reload,
        learn=bus.learn,
        remember=bus.remember,
        found=found,
    )
