"""The campus as a sector of payments: prices, who is served, which purses are taken, and how a sale is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from haihe.base.clock import service_day
from haihe.base.database import Connection, Database
from haihe.base.i18n import N_, translate
from haihe.catalogue.model import ServiceUnknown, Terms
from haihe.catalogue.service import Catalogue
from haihe.counter.model import Heading
from haihe.counter.sales import record_sales
from haihe.organisations.model import name_in
from haihe.payments.model import Asking, Channel, Description, Offer, Payment, Refused, Scan
from haihe.sectors.campus import rules, store
from haihe.sectors.campus.model import KIND, NUMBER, Card, PointKind, Sold, point_key
from haihe.sectors.campus.points import Points
from haihe.wallet.purses import Purses


@dataclass(frozen=True)
class Campus:
    """The sector of kind "campus": a scan's `point` is a point or a service, a payment's `point` always the point."""

    database: Database
    points: Points
    catalogue: Catalogue
    purses: Purses
    kind: str = field(default=KIND, init=False)
    number: int = field(default=NUMBER, init=False)
    icon: ClassVar[str] = "graduation-cap"
    title: ClassVar[str] = N_("Campus")

    async def price(self, scan: Scan) -> Offer:
        """Price a sale, by the catalogue or by what was typed; meal money goes first where it is taken.

        Raises `ServiceUnknown`, `NotOffered`, `ClosedNow`, `AmountFixed`, `AmountMissing`, `AmountInvalid`, `CardMissing`, `CardForeign`,
        `CardEnded`.
        """
        sold = self._sold(scan)
        terms = self._terms(scan, sold)
        amount = rules.amount_of(terms.price, scan.amount)
        return self._offer(scan, sold, terms, await self._card(scan, sold, terms), amount)

    async def ask(self, scan: Scan, language: str) -> Asking:
        """Tell what is about to be paid and which purse is used first."""
        sold = self._sold(scan)
        terms = self._terms(scan, sold)
        card, amount = await self._card(scan, sold, terms), rules.fixed_amount(terms.price)
        offer = self._offer(scan, sold, terms, card, amount or 0)
        first = [name_in(self.purses.directory.schemes[one].names, language) for one in offer.purses]
        told = _told(sold, language, *((translate(language, N_("Used first")), name) for name in first))
        return Asking(sold.point.organisation, told, offer if amount else None)

    async def admit(
        self,
        connection: Connection,  # noqa: ARG002 - nothing more is asked
        bucket: int,  # noqa: ARG002
        offers: Sequence[Offer],
    ) -> Sequence[Refused | None]:
        """Let everybody pay as often as they like: two lunches are no mistake."""
        return [None] * len(offers)

    async def record(self, connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
        """Write the sales of what was paid, in the payment's transaction."""
        await record_sales(connection, bucket, paid)

    async def describe(
        self,
        connection: Connection,  # noqa: ARG002 - everything that is told is in memory
        payments: Sequence[Payment],
        language: str,
    ) -> Sequence[Description]:
        """Tell of each sale what was bought, and where."""
        return [self.tell(payment, language) for payment in payments]

    def tell(self, payment: Payment, language: str) -> Description:
        """Tell one payment."""
        sold = self.find(payment.service)
        return _told(sold, language) if sold else Description(translate(language, self.title), self.icon)

    def heading(self, point: int, language: str) -> Heading:
        """Name a point above its till."""
        found = self.points.by_id(point)
        return Heading(translate(language, self.title), found.name(language) if found else str(point))

    def find(self, identity: int) -> Sold | None:
        """Find what is sold: by a service's id, or by a point's, which stands for what its own sticker sells."""
        point = self.points.by_id(identity)
        if point is not None:
            service = self.catalogue.by_key(point.organisation, point.key)
            return Sold(service, point) if service else None
        try:
            service = self.catalogue.by_id(identity)
        except ServiceUnknown:
            return None
        point = self.points.by_key(service.organisation, point_key(service)) if service.sector == KIND else None
        return Sold(service, point) if point else None

    def _sold(self, scan: Scan) -> Sold:
        sold = self.find(scan.point)
        if sold is None:
            raise ServiceUnknown
        return sold

    def _terms(self, scan: Scan, sold: Sold) -> Terms:
        """Give the terms; where a cashier stands it is open, whatever the clock says."""
        if scan.channel is Channel.PAYMENT_CODE:
            return self.catalogue.terms(sold.service.id, service_day(scan.at))
        return self.catalogue.open_terms(sold.service.id, scan.at)

    async def _card(self, scan: Scan, sold: Sold, terms: Terms) -> Card | None:
        if not (terms.audience or terms.purses):
            return None
        async with self.database.connection() as connection:
            cards = await store.cards_of(connection, scan.payer)
        day = service_day(scan.at)
        return rules.card_at(cards, organisation=sold.point.organisation, audience=terms.audience, day=day)

    def _offer(self, scan: Scan, sold: Sold, terms: Terms, card: Card | None, amount: int) -> Offer:
        takes_meal_money = card is not None and sold.point.kind is PointKind.CANTEEN
        purses = tuple(self.purses.scheme(key).id for key in terms.purses) if takes_meal_money else ()
        at_its_point = replace(scan, point=sold.point.id, payee=sold.point.organisation)
        return Offer(at_its_point, amount, sold.service.id, purses)


def _told(sold: Sold, language: str, *more: tuple[str, str]) -> Description:
    where = (translate(language, N_("Point of sale")), sold.point.name(language))
    what = () if sold.is_the_point else ((translate(language, N_("Service")), sold.service.name(language)),)
    return Description(sold.name(language), sold.service.icon, (*what, where, *more))
