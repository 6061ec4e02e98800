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
from haihe.organisations.service import Organisations
from haihe.payments.model import AT_TILLS, Asking, Description, Offer, Payment, Refused, Scan
from haihe.payments.sharing import completed
from haihe.sectors.campus import rules, store
from haihe.sectors.campus.model import CARD_STANDING, KIND, NUMBER, Card, Sold, point_key
from haihe.sectors.campus.points import Points
from haihe.wallet.purses.service import Purses


@dataclass(frozen=True)
class Campus:
    """The sector of kind "campus": a scan's `point` is a point or a service, a payment's `point` always the point."""

    database: Database
    points: Points
    catalogue: Catalogue
    purses: Purses
    organisations: Organisations
    kind: str = field(default=KIND, init=False)
    number: int = field(default=NUMBER, init=False)
    icon: ClassVar[str] = "graduation-cap"
    title: ClassVar[str] = N_("Campus")

    async def price(self, scan: Scan) -> Offer:
        """Price a sale, by the catalogue or by what was typed; whose card is valid here may use what needs one.

        Raises `ServiceUnknown`, `NotOffered`, `ClosedNow`, `AmountFixed`, `AmountMissing`, `AmountInvalid`, `CardMissing`, `CardForeign`,
        `CardEnded`.
        """
        sold = self._sold(scan)
        terms = self._terms(scan, sold)
        amount = rules.amount_of(terms.price, scan.amount)
        return await self._offer(scan, sold, terms, amount)

    async def ask(self, scan: Scan, language: str) -> Asking:
        """Tell what is about to be paid and which purse is used first."""
        sold = self._sold(scan)
        terms = self._terms(scan, sold)
        amount = rules.fixed_amount(terms.price)
        offer = await self._offer(scan, sold, terms, amount or 0)
        taken = completed(offer, self.purses, self.organisations).purses
        first = [name_in(self.purses.directory.schemes[one.scheme].names, language) for one in taken]
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
        if scan.channel in AT_TILLS:
            return self.catalogue.terms(sold.service.id, service_day(scan.at))
        return self.catalogue.open_terms(sold.service.id, scan.at)

    async def _card(self, offer: Offer, audience: str) -> Card | None:
        """Look at the payer's cards, where only members are served or a purse needs one. Raises as `rules.card_at`."""
        with_card = replace(offer, standing=(CARD_STANDING,))
        if not (audience or completed(with_card, self.purses, self.organisations).is_shared):
            return None
        async with self.database.connection() as connection:
            cards = await store.cards_of(connection, offer.scan.payer)
        day = service_day(offer.scan.at)
        return rules.card_at(cards, organisation=offer.scan.payee, audience=audience, day=day)

    async def _offer(self, scan: Scan, sold: Sold, terms: Terms, amount: int) -> Offer:
        at_its_point = replace(scan, point=sold.point.id, payee=sold.point.organisation)
        offer = Offer(at_its_point, amount, sold.service.id, goods=(sold.service.key, sold.service.group))
        card = await self._card(offer, terms.audience)
        return replace(offer, standing=(CARD_STANDING,)) if card else offer


def _told(sold: Sold, language: str, *more: tuple[str, str]) -> Description:
    where = (translate(language, N_("Point of sale")), sold.point.name(language))
    what = () if sold.is_the_point else ((translate(language, N_("Service")), sold.service.name(language)),)
    return Description(sold.name(language), sold.service.icon, (*what, where, *more))
