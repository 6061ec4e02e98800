"""The bus: lines, vehicles, tariffs, rides; what a scan at the door costs and who has paid already.

Owns the tables of the catalogue of lines and the table of rides. Never moves money: it prices offers, refuses second scans and
writes rides inside the payment's transaction. Calls `payments` (its protocol), `codes`, `organisations` and the ledger's reading side.
"""

from __future__ import annotations

from haihe.base.i18n import N_
from haihe.codes.service import Stickers
from haihe.organisations.console import ConsolePage
from haihe.organisations.model import Right
from haihe.organisations.service import Organisations
from haihe.sectors.transit.fleet import Fleet
from haihe.sectors.transit.pages import HANDLERS, STATIC, TEMPLATES
from haihe.sectors.transit.timetable.service import COMPANY
from haihe.web.part import Link, Part

__all__ = ["CONSOLE_PAGES", "TILES", "part"]

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
TILES: tuple[Link, ...] = ()
"""What the bus adds to a citizen's home screen."""


def part(fleet: Fleet, *, stickers: Stickers, organisations: Organisations) -> Part:
    """Give the bus company's pages of the console."""
    return Part(
        "transit",
        handlers=HANDLERS,
        templates=TEMPLATES,
        static=STATIC,
        dependencies={"fleet": fleet, "stickers": stickers, "organisations": organisations},
        tiles=TILES,
    )
