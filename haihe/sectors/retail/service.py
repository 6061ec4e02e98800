"""Shops as a sector of payments: the amount is said at the till or by the payer; here it is checked, recorded and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from haihe.base.database import Connection
from haihe.base.i18n import N_, translate
from haihe.codes.model import CodeUnknown, Sticker
from haihe.counter.model import Heading
from haihe.counter.sales import record_sales
from haihe.organisations.service import Organisations
from haihe.payments.errors import AmountInvalid, AmountMissing
from haihe.payments.model import Asking, Description, Offer, Payment, Refused, Scan
from haihe.sectors.retail.model import KIND, NUMBER, SALE_FEN_MAX, Point
from haihe.sectors.retail.points import Points

UNNAMED: Final = 0
"""A payment's `service`: shops have no catalogue."""


@dataclass(frozen=True)
class Retail:
    """The sector of kind "shop": a sticker's or a till's `point` is a `Point`."""

    points: Points
    organisations: Organisations
    kind: str = field(default=KIND, init=False)
    number: int = field(default=NUMBER, init=False)
    icon: ClassVar[str] = "store"
    title: ClassVar[str] = N_("Shops")

    async def learn(self, sticker: Sticker) -> None:
        """Hear of a sticker that another process has made: its till may be new too."""
        if sticker.kind == KIND and self.points.find(sticker.point) is None:
            await self.points.reload()

    async def price(self, scan: Scan) -> Offer:
        """Take the amount that was said. Raises `CodeUnknown`, `AmountMissing`, `AmountInvalid`."""
        self._point(scan.point)
        if scan.amount is None:
            raise AmountMissing
        if not 1 <= scan.amount <= SALE_FEN_MAX:
            raise AmountInvalid
        return Offer(scan, scan.amount, UNNAMED)

    async def ask(self, scan: Scan, language: str) -> Asking:
        """Tell at which till one is about to pay; the payer says how much."""
        return Asking(scan.payee, self._told(self._point(scan.point), language))

    async def admit(
        self,
        connection: Connection,  # noqa: ARG002 - the sector's shape
        bucket: int,  # noqa: ARG002
        offers: Sequence[Offer],
    ) -> Sequence[Refused | None]:
        """Let everyone buy twice."""
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
        """Tell of each sale its shop and its till."""
        return [self._described(payment, language) for payment in payments]

    def heading(self, point: int, language: str) -> Heading:
        """Name a till for its screen: the shop, then the till."""
        found = self.points.find(point)
        if found is None:
            return Heading(translate(language, N_("Till")), str(point))
        return Heading(self.organisations.by_id(found.organisation).name(language), found.name(language))

    def _point(self, identity: int) -> Point:
        found = self.points.find(identity)
        if found is None:
            raise CodeUnknown
        return found

    def _described(self, payment: Payment, language: str) -> Description:
        found = self.points.find(payment.point)
        return Description(translate(language, self.title), self.icon) if found is None else self._told(found, language)

    def _told(self, point: Point, language: str) -> Description:
        shop = self.organisations.by_id(point.organisation).name(language)
        return Description(shop, self.icon, ((translate(language, N_("Till")), point.name(language)),))
