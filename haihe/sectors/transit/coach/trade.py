"""A coach ticket as something that is paid: the due of a seat that is held, told item by item."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from haihe.base.i18n import N_, money, number, short_moment, translate
from haihe.organisations.model import name_in
from haihe.payments.dues.model import Due, DueStatus
from haihe.payments.dues.trade import DueTrade
from haihe.payments.model import Description
from haihe.sectors.transit.coach.model import KIND, NUMBER
from haihe.sectors.transit.coach.service import Coaches

ICON: Final = "tickets"
TITLE: Final = N_("Coach {start} — {end}")
TICKETS: Final = "/transit/tickets"
"""Where a citizen's tickets are."""
_METRES_KM: Final = 1000


def make_trade(coaches: Coaches) -> DueTrade:
    """Make the sector of kind "coach"."""
    return DueTrade(KIND, NUMBER, ICON, N_("Coaches"), coaches.dues, tell, after=coaches.sell)


def tell(due: Due, language: str) -> Description:
    """Tell a ticket: from where to where, when, on which seat, and the items that make its price."""
    body: Any = due.body
    title = translate(language, TITLE, start=name_in(body["from"], language), end=name_in(body["to"], language))
    by_distance = translate(
        language, N_("Fare for {distance} km"), distance=number(body["distance_m"] / _METRES_KM, language)
    )
    details = [
        (translate(language, N_("Departure")), short_moment(datetime.fromisoformat(body["leaves_at"]), language)),
        (translate(language, N_("Seat")), str(body["seat"])),
        (by_distance, money(body["by_distance"], language)),
    ]
    if body["surcharge"]:
        details.append((translate(language, N_("Motorway surcharge")), money(body["surcharge"], language)))
    ticket = (f"{TICKETS}/{due.subject}", translate(language, N_("Show my ticket")))
    return Description(title, ICON, tuple(details), ticket if due.status is DueStatus.PAID else None)
