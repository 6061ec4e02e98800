"""The campus's words: a point, a card, what is sold where, and the groups in which services are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Final

from haihe.base.i18n import N_
from haihe.catalogue.model import Service, Terms
from haihe.organisations.model import name_in

KIND: Final = "campus"
NUMBER: Final = 3
"""How a payment row stores this sector; never changes."""
UNIVERSITY: Final = "university"
"""The kind of organisation that has a campus."""
CANTEEN_TILL: Final = "canteen"
"""The kind of terminal at which a cashier types the amount, in canteens and shops alike."""
MEMBERS: Final = "members"
"""The audience of what is only for those who have a card of the university."""
CARD_STANDING: Final = "card"
"""How a scheme's data calls a payer who has a valid card of the university."""
SERVICE_MARK: Final = "."
"""Between the key of a point and what tells its services apart: "laundry-east.wash". A service with the point's own key is what its
sticker and its till sell."""


class PointKind(StrEnum):
    """What stands at a point."""

    CANTEEN = "canteen"
    SHOP = "shop"
    SERVICE = "service"


class CardRole(IntEnum):
    """What somebody is at a university."""

    STUDENT = 1
    STAFF = 2


class CardStatus(IntEnum):
    """Whether a card may be used."""

    IN_USE = 0
    BLOCKED = 1


ROLE_NAMES: Final[Mapping[CardRole, str]] = {CardRole.STUDENT: N_("Student"), CardRole.STAFF: N_("Staff")}
GRANTED_TO: Final[Mapping[str, CardRole]] = {"students": CardRole.STUDENT, "staff": CardRole.STAFF}
"""How a scheme's data calls those to whom it is granted every month."""
POINT_KIND_NAMES: Final[Mapping[PointKind, str]] = {
    PointKind.CANTEEN: N_("Canteen"),
    PointKind.SHOP: N_("Shop"),
    PointKind.SERVICE: N_("Service"),
}
GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "canteens": (N_("Canteens"), "utensils"),
    "drinks": (N_("Coffee and tea"), "coffee"),
    "shops": (N_("Shops"), "store"),
    "laundry": (N_("Laundry"), "washing-machine"),
    "water": (N_("Water and showers"), "shower-head"),
    "printing": (N_("Printing and copying"), "printer"),
    "sports": (N_("Sports"), "dumbbell"),
    "library": (N_("Library"), "library"),
    "exams": (N_("Exams"), "notebook-pen"),
    "certificates": (N_("Certificates"), "file-badge"),
    "dormitory": (N_("Dormitories"), "bed-double"),
    "transport": (N_("Getting around"), "bus-front"),
    "health": (N_("Health centre"), "heart-pulse"),
    "culture": (N_("Tickets and culture"), "ticket"),
    "courses": (N_("Courses"), "languages"),
    "network": (N_("Network and computers"), "laptop"),
    "deposits": (N_("Deposits"), "piggy-bank"),
    "ceremonies": (N_("Ceremonies"), "award"),
    "parcels": (N_("Parcels"), "package"),
    "hair": (N_("Hairdresser"), "scissors"),
    "guests": (N_("Guests"), "hotel"),
}
"""Name and icon of each group of services; others are shown by their key."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a university takes money: `key` never changes."""

    id: int
    organisation: int
    key: str
    kind: PointKind
    names: Mapping[str, str]

    def name(self, language: str) -> str:
        """Give the name in a language."""
        return name_in(self.names, language)


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody's card of a university: `number` is the university's, `valid_until` its last day."""

    citizen: int
    bucket: int
    organisation: int
    number: str
    role: CardRole
    valid_until: date
    status: CardStatus = CardStatus.IN_USE

    def holds_on(self, day: date) -> bool:
        """Tell whether the card may be used on a day."""
        return self.status is CardStatus.IN_USE and day <= self.valid_until

    @property
    def masked_number(self) -> str:
        """The number as a screen may show it: 2026****17."""
        return f"{self.number[:4]}{'*' * max(0, len(self.number) - 6)}{self.number[-2:]}"


@dataclass(frozen=True, slots=True)
class Sold:
    """A service at its point."""

    service: Service
    point: Point

    def name(self, language: str) -> str:
        """Say what is sold; a stall that sells by amount alone is named once."""
        where = self.point.name(language)
        return where if self.is_the_point else f"{self.service.name(language)} · {where}"

    @property
    def is_the_point(self) -> bool:
        """Tell whether this is what the point's own sticker and till sell."""
        return self.service.key == self.point.key


@dataclass(frozen=True, slots=True)
class Offered:
    """A service at its point, on its terms; `opens_at` says when it opens next where it is closed now and that is known."""

    sold: Sold
    terms: Terms
    is_open: bool
    opens_at: datetime | None = None


def point_key(service: Service) -> str:
    """Give the key of the point at which a service is sold."""
    return service.key.partition(SERVICE_MARK)[0]
