"""What a citizen sees of a campus: the card, the meal money, and everything that can be paid for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from haihe.base.clock import service_day
from haihe.catalogue.model import ClosedNow, NotOffered, Service
from haihe.counter.branch import Ground
from haihe.organisations.model import Organisation, name_in
from haihe.payments.model import Description, Payment
from haihe.payments.service import Payments
from haihe.sectors.campus import store
from haihe.sectors.campus.model import GROUPS, KIND, NUMBER, UNIVERSITY, Card, Offered
from haihe.sectors.campus.service import Campus
from haihe.wallet.purses.rules import last_day
from haihe.web.guards import Viewer

SHOWN_MAX: Final = 60
"""Services on one page; whoever wants another one searches."""
FOUND_MAX: Final = 1_000
"""So many are found before those of the other universities are left out."""
RECENT_MAX: Final = 5
LOOKED_BACK: Final = 40
"""So many of the newest payments are looked through for those of a campus."""


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card with its university; `holds` tells whether it may be used today."""

    card: Card
    university: Organisation
    holds: bool


@dataclass(frozen=True, slots=True)
class MealMoney:
    """What is left of a university's meal money, in fen, and the last day on which it can be spent; None has no end."""

    name: str
    amount: int
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Services of a university that were asked for, at most `SHOWN_MAX`; `found` is how many there are."""

    services: tuple[Offered, ...]
    found: int


@dataclass(frozen=True)
class Desk:
    """The campus as its visitors use it."""

    ground: Ground
    campus: Campus

    def now(self) -> datetime:
        """Tell the moment."""
        return self.ground.base.clock.now()

    def universities(self) -> list[Organisation]:
        """Give all universities by key."""
        return [one for one in self.ground.organisations.everyone() if one.kind == UNIVERSITY]

    async def cards(self, viewer: Viewer) -> list[ShownCard]:
        """Give somebody's cards."""
        today = service_day(self.now())
        async with self.ground.base.database.connection() as connection:
            cards = await store.cards_of(connection, viewer.person)
        by_id = self.ground.organisations.by_id
        return [ShownCard(card, by_id(card.organisation), card.holds_on(today)) for card in cards]

    async def meal_money(self, viewer: Viewer, language: str) -> list[MealMoney]:
        """Say what is left of somebody's meal money."""
        schemes = self.ground.purses.directory.schemes
        purses = await self.ground.purses.of(citizen=viewer.person, bucket=viewer.bucket)
        return [
            MealMoney(name_in(schemes[one.scheme].names, language), one.amount, last_day(one.lapses_at))
            for one in purses
            if KIND in self.ground.purses.terms(one.scheme).accepted.kinds
        ]

    async def recent(self, payments: Payments, viewer: Viewer, language: str) -> list[tuple[Payment, Description]]:
        """Give somebody's newest payments on a campus, told."""
        newest, _ = await payments.list_payments(viewer, limit=LOOKED_BACK, cursor=None)
        own = [one for one in newest if one.kind == NUMBER][:RECENT_MAX]
        return [(one, self.campus.tell(one, language)) for one in own]

    def chosen(self, key: str, cards: Iterable[ShownCard]) -> Organisation | None:
        """Choose whose services are shown: the university that was asked for, else one's own, else the first."""
        wished = self.ground.organisations.by_key(key)
        if wished is not None and wished.kind == UNIVERSITY:
            return wished
        own = next((one.university for one in cards), None)
        return own or next(iter(self.universities()), None)

    def groups(self, university: int) -> list[tuple[str, int]]:
        """Give the groups of a university's services in the city's order, with how many are in each."""
        found = self.ground.catalogue.groups(sector=KIND, organisation=university)
        known = [key for key in GROUPS if key in found]
        return [(key, len(found[key])) for key in (*known, *(key for key in found if key not in GROUPS))]

    def of_group(self, university: int, group: str) -> Listing:
        """Give the services of a group."""
        return self._listing(self.ground.catalogue.groups(sector=KIND, organisation=university).get(group, []))

    def search(self, university: int, text: str, language: str) -> Listing:
        """Find services of a university by a few words in any language: in their names or keys first, then with their points' names."""
        found = self.ground.catalogue.search(text, language, limit=FOUND_MAX, sector=KIND)
        own = [one for one in found if one.organisation == university]
        return self._listing([*own, *self._at_points(university, text, known=own)])

    def _at_points(self, university: int, text: str, *, known: list[Service]) -> list[Service]:
        """Find what is sold at points whose name says all the words: "north laundry" finds its washes."""
        words, there = text.casefold().split(), {one.id for one in known}
        if not words:
            return []
        return [
            service
            for service in self.ground.catalogue.of_organisation(university)
            if service.id not in there and service.sector == KIND and self._says(service, words)
        ]

    def _says(self, service: Service, words: list[str]) -> bool:
        sold = self.campus.find(service.id)
        said = " ".join([*service.names.values(), *(sold.point.names.values() if sold else ())]).casefold()
        return all(word in said for word in words)

    def _listing(self, services: list[Service]) -> Listing:
        now = self.now()
        shown = [offered for one in services[:SHOWN_MAX] if (offered := self.offered(one, now))]
        return Listing(tuple(shown), len(services))

    def offered(self, service: Service, now: datetime) -> Offered | None:
        """Say on which terms a service is offered now; None if it is not."""
        sold, catalogue = self.campus.find(service.id), self.ground.catalogue
        if sold is None:
            return None
        try:
            return Offered(sold, catalogue.open_terms(service.id, now), is_open=True)
        except ClosedNow as closed:
            opens_at = closed.details.get("opens_at")
            terms = catalogue.terms(service.id, service_day(now))
            return Offered(sold, terms, is_open=False, opens_at=opens_at if isinstance(opens_at, datetime) else None)
        except NotOffered:
            return None
