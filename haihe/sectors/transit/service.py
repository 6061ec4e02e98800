"""The bus as a sector of payments: prices, second scans, rides, and how a ride is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final

from haihe.base.clock import service_day
from haihe.base.database import Connection
from haihe.base.i18n import N_, long_day, translate
from haihe.codes.model import CodeUnknown, Sticker
from haihe.payments.errors import AmountFixed
from haihe.payments.model import Asking, Description, Offer, Payment, Refused, Scan, Status
from haihe.sectors.transit import rules, store
from haihe.sectors.transit.catalogue import Catalogue
from haihe.sectors.transit.model import CLASS_NAMES, KIND, NUMBER, Line, Ride, Vehicle
from haihe.sectors.transit.recent import RecentRide, RecentRides

TITLE: Final = N_("Line {line} · Bus {plate}")


@dataclass(frozen=True)
class Transit:
    """The sector of kind "bus": a sticker's `point` is the vehicle, a payment's `service` the line."""

    catalogue: Catalogue
    recent: dict[int, RecentRides] = field(default_factory=lambda: defaultdict(RecentRides), repr=False)
    """By bucket, who rode within the last minutes."""
    kind: str = field(default=KIND, init=False)
    number: int = field(default=NUMBER, init=False)
    icon: ClassVar[str] = "bus-front"
    title: ClassVar[str] = N_("City buses")

    async def reload(self) -> None:
        """Read the catalogue anew."""
        await self.catalogue.reload()

    async def learn(self, sticker: Sticker) -> None:
        """Hear of a sticker that another process has made: its bus may be new too."""
        if sticker.kind == KIND and self.catalogue.bus(sticker.point) is None:
            await self.catalogue.reload()

    async def price(self, scan: Scan) -> Offer:
        """Price a ride: the flat fare of the line's class on the service day. Raises `AmountFixed`, `CodeUnknown`."""
        _, line = self._bus(scan)
        if scan.amount is not None:
            raise AmountFixed
        return self._offer(scan, line)

    async def ask(self, scan: Scan, language: str) -> Asking:
        """Tell which bus is about to be paid, and why it costs what it costs."""
        vehicle, line = self._bus(scan)
        kind = (translate(language, N_("Kind of line")), translate(language, CLASS_NAMES[line.line_class]))
        details = (*_bus_details(vehicle, line, language), kind)
        told = Description(_title(vehicle, line, language), self.icon, details)
        return Asking(scan.payee, told, self._offer(scan, line))

    async def admit(self, connection: Connection, bucket: int, offers: Sequence[Offer]) -> Sequence[Refused | None]:
        """Refuse second scans: same rider and vehicle within 3 minutes; a companion passes.

        A payer stands at most once in the list (`payments` makes rounds of them), so that all firsts are stored.
        """
        recent = await self._caught_up(connection, bucket, offers[0].scan.at)
        return [_verdict(offer.scan, recent) for offer in offers]

    async def _caught_up(self, connection: Connection, bucket: int, now: datetime) -> RecentRides:
        """Have the bucket's memory as of its newest batch."""
        recent, oldest = self.recent[bucket], rules.first_blocking_id(now)
        newest = await store.newest_batch(connection, bucket)
        if recent.batch != newest:
            missed = await store.rides_since(connection, bucket, after=recent.batch, since=oldest)
            recent.learn(missed, batch=newest, oldest=oldest)
        return recent

    def remember(self, bucket: int, paid: Sequence[Payment]) -> None:
        """Hear of a batch that this process has just committed; only the next one after the memory's is taken in."""
        recent = self.recent[bucket]
        batch = max((payment.batch for payment in paid), default=0)
        if batch and recent.batch == batch - 1:
            own = (payment for payment in paid if payment.batch == batch and payment.kind == NUMBER)
            rides = [RecentRide(one.id, one.payer, one.point) for one in own if one.status is Status.PAID]
            oldest = rules.first_blocking_id(max(payment.paid_at for payment in paid))
            recent.learn(rides, batch=batch, oldest=oldest)

    async def record(self, connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
        """Write the rides of what was paid, in the payment's transaction."""
        await store.insert_rides(connection, bucket, [_ride(offer, payment) for offer, payment in paid])

    async def describe(
        self,
        connection: Connection,  # noqa: ARG002 - everything that is told is in memory
        payments: Sequence[Payment],
        language: str,
    ) -> Sequence[Description]:
        """Tell of each ride its line, its bus and the service day."""
        return [self._describe(payment, language) for payment in payments]

    def _bus(self, scan: Scan) -> tuple[Vehicle, Line]:
        bus = self.catalogue.bus(scan.point)
        if bus is None:
            raise CodeUnknown
        return bus

    def _offer(self, scan: Scan, line: Line) -> Offer:
        return Offer(scan, self.catalogue.fare(line, service_day(scan.at)), line.id)

    def _describe(self, payment: Payment, language: str) -> Description:
        day = (translate(language, N_("Day of service")), long_day(service_day(payment.paid_at), language))
        bus = self.catalogue.bus(payment.point)
        if bus is None:
            return Description(translate(language, N_("Bus ride")), self.icon, (day,))
        vehicle, line = bus[0], self.catalogue.now.lines.get(payment.service, bus[1])
        return Description(_title(vehicle, line, language), self.icon, (*_bus_details(vehicle, line, language), day))


def _title(vehicle: Vehicle, line: Line, language: str) -> str:
    return translate(language, TITLE, line=line.number, plate=vehicle.plate)


def _bus_details(vehicle: Vehicle, line: Line, language: str) -> tuple[tuple[str, str], ...]:
    where = line.name(language)
    told = line.number if where in {"", line.number} else f"{line.number} · {where}"
    return (translate(language, N_("Line")), told), (translate(language, N_("Bus")), vehicle.plate)


def _verdict(scan: Scan, recent: RecentRides) -> Refused | None:
    """Refuse a scan whose rider paid in this vehicle within 3 minutes before; a companion passes."""
    if scan.companion:
        return None
    first = recent.first(scan.payer, scan.point, since=rules.first_blocking_id(scan.at))
    return Refused(Status.ALREADY_PAID, names=first) if first else None


def _ride(offer: Offer, payment: Payment) -> Ride:
    return Ride(
        payment=payment.id,
        bucket=payment.bucket,
        vehicle=offer.scan.point,
        rider=offer.scan.payer,
        line=offer.service,
        fare=offer.amount,
        batch=payment.batch,
        service_day=service_day(offer.scan.at),
        channel=int(payment.channel),
        companion=offer.scan.companion,
    )
