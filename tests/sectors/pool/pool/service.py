"""The pool as a sector of payments: a sticker's `point` is the place, a payment's `service` what the catalogue calls it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.i18n import N_, clock as time_of_day, translate
from haihe.catalogue.model import ClosedNow, Service, Terms
from haihe.catalogue.prices import Fixed, PerUnit
from haihe.catalogue.service import Catalogue
from haihe.codes.model import CodeUnknown
from haihe.payments.errors import AmountFixed
from haihe.payments.model import Asking, Description, Offer, Payment, Refused, Scan, Status

from . import rules, store
from .model import KIND, NUMBER, LockerTaken, Place, Use, Visit


@dataclass(frozen=True)
class Pool:
    """The sector of kind "pool"."""

    database: Database
    clock: Clock
    catalogue: Catalogue
    places: dict[int, Place] = field(default_factory=dict, repr=False)
    kind: ClassVar[str] = KIND
    number: ClassVar[int] = NUMBER
    icon: ClassVar[str] = "waves-ladder"
    title: ClassVar[str] = N_("Swimming pool")

    async def reload(self) -> None:
        """Read the places anew."""
        async with self.database.connection() as connection:
            found = await store.places(connection)
        self.places.clear()
        self.places.update({one.id: one for one in found})

    async def price(self, scan: Scan) -> Offer:
        """Price an entry by the time of day, a locker by the hour. Raises `CodeUnknown`, `AmountFixed`, `ClosedNow`, `LockerTaken`."""
        place = self.places.get(scan.point)
        if place is None:
            raise CodeUnknown
        if scan.amount is not None:
            raise AmountFixed
        if place.use is Use.LOCKER:
            await self._refuse_taken(scan, place)
        service, terms = self._open(place, scan.at)
        return Offer(scan, _amount(terms), service.id)

    async def _refuse_taken(self, scan: Scan, place: Place) -> None:
        async with self.database.connection() as connection:
            rent = (await store.rents(connection, [place.id])).get(place.id)
        if rent is not None and rules.is_taken(rent, visitor=scan.payer, at=scan.at):
            raise LockerTaken(until=rent.until)

    def _open(self, place: Place, at: datetime) -> tuple[Service, Terms]:
        """Find what is offered here at this hour; while all is closed, say which opens first."""
        closed: list[ClosedNow] = []
        services = self.catalogue.groups(sector=KIND, organisation=place.organisation)[place.use.value]
        for service in services:
            try:
                return service, self.catalogue.open_terms(service.id, at)
            except ClosedNow as refusal:
                closed.append(refusal)
        raise min(closed, key=lambda one: str(one.details.get("opens_at", "")))

    async def ask(self, scan: Scan, language: str) -> Asking:
        """Tell what is about to be paid."""
        offer = await self.price(scan)
        place = self.places[scan.point]
        return Asking(scan.payee, self._told(place, offer.service, None, language), offer)

    async def admit(
        self,
        connection: Connection,
        bucket: int,
        offers: Sequence[Offer],
    ) -> Sequence[Refused | None]:
        """Refuse lockers that someone else took meanwhile; they stay locked until the batch ends."""
        lockers = sorted({one.scan.point for one in offers if self.places[one.scan.point].use is Use.LOCKER})
        if not lockers:
            return [None] * len(offers)
        await store.lock_places(connection, lockers)
        rents = await store.rents(connection, lockers)
        seen: set[int] = set()
        verdicts: list[Refused | None] = []
        for scan in (one.scan for one in offers):
            is_taken = rules.is_taken(rents.get(scan.point), visitor=scan.payer, at=scan.at) or scan.point in seen
            verdicts.append(Refused(Status.NO_LONGER_DUE) if is_taken else None)
            seen |= {scan.point} & set(lockers)
        return verdicts

    async def record(self, connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
        """Write who was let in, and who has which locker until when."""
        lockers = [one.point for _, one in paid if self.places[one.point].use is Use.LOCKER]
        rents = await store.rents(connection, lockers) if lockers else {}
        visits = []
        for _, one in paid:
            is_locker = self.places[one.point].use is Use.LOCKER
            until = rules.rented_until(rents.get(one.point), visitor=one.payer, at=one.paid_at) if is_locker else None
            visits.append(Visit(one.id, one.point, one.payer, until))
        await store.insert_visits(connection, bucket, visits)

    async def describe(
        self, connection: Connection, payments: Sequence[Payment], language: str
    ) -> Sequence[Description]:
        """Tell visits."""
        until = await store.until_of(connection, payments[0].bucket, [one.id for one in payments])
        return [self._told(self.places[one.point], one.service, until.get(one.id), language) for one in payments]

    def _told(self, place: Place, service: int, until: datetime | None, language: str) -> Description:
        details = [(translate(language, N_("Place")), place.label)]
        if until is not None:
            details.append((translate(language, N_("Rented until")), time_of_day(until, language)))
        return Description(self.catalogue.by_id(service).name(language), self.icon, tuple(details))


def _amount(terms: Terms) -> int:
    match terms.price:
        case Fixed(amount=amount):
            return amount
        case PerUnit(price=price):
            return price  # one hour at a time
    raise TypeError(f"a pool cannot charge {terms.price}")
