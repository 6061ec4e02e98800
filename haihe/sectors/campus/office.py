"""What a university's staff do: see the day at their points, what they offer, print stickers, pair tills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from haihe.base.clock import day_start, service_day
from haihe.base.ids import first_id_at
from haihe.catalogue.model import NotOffered
from haihe.codes.model import Sticker
from haihe.counter.branch import Ground
from haihe.counter.model import NewTerminal, Terminal
from haihe.counter.sales import takings
from haihe.ledger import service as ledger
from haihe.sectors.campus import store
from haihe.sectors.campus.model import CANTEEN_TILL, KIND, UNIVERSITY, CardRole, Point, Sold
from haihe.sectors.campus.rules import fixed_amount
from haihe.sectors.campus.service import Campus
from haihe.wallet.purses.rules import month_of
from haihe.web.problem import NotFound


@dataclass(frozen=True, slots=True)
class PointDay:
    """One point on one day: sales, fen, and the fen of them that meal money paid."""

    point: Point
    sales: int = 0
    amount: int = 0
    meal_money: int = 0


@dataclass(frozen=True, slots=True)
class CampusDay:
    """A university's day: its points, those that sold most first, its cards, and its meal money."""

    day: date
    points: tuple[PointDay, ...] = ()
    cards: dict[CardRole, int] = field(default_factory=dict)
    granted_to: int = 0
    """How many got meal money this month."""
    granted: int = 0
    fund: int | None = None
    """What is left in the fund, in fen; None where there is none."""


@dataclass(frozen=True)
class Office:
    """The campus as its university sees it; every method takes the university and knows no other's."""

    ground: Ground
    campus: Campus

    def insist(self, organisation: int) -> None:
        """Raise `NotFound` for staff of anything but a university."""
        if self.ground.organisations.by_id(organisation).kind != UNIVERSITY:
            raise NotFound

    def today(self) -> date:
        """Tell the service day."""
        return service_day(self.ground.base.clock.now())

    async def day(self, organisation: int) -> CampusDay:
        """Sum up today."""
        today = self.today()
        start = day_start(today)
        since, until = first_id_at(start), first_id_at(start + timedelta(days=1))
        points = {one.id: one for one in self.campus.points.of_organisation(organisation)}
        async with self.ground.base.database.connection() as connection:
            buckets = range(await ledger.bucket_count(connection))
            taken = await takings(connection, buckets, list(points), since=since, until=until)
            meals = await store.meal_money_taken(connection, buckets, list(points), since=since, until=until)
            cards = await store.count_cards(connection, organisation, today)
        days = [
            PointDay(point, taken[identity].sales, taken[identity].amount, meals.get(identity, 0))
            if identity in taken
            else PointDay(point)
            for identity, point in points.items()
        ]
        days.sort(key=lambda one: (-one.amount, one.point.id))
        given = await self.ground.purses.given(organisation, period=month_of(today))
        return CampusDay(today, tuple(days), cards, *given, await self._fund(organisation, buckets))

    async def _fund(self, organisation: int, buckets: Sequence[int]) -> int | None:
        funds = sorted({scheme.fund for scheme in self.ground.purses.schemes_of(organisation)})
        if not funds:
            return None
        async with self.ground.base.database.connection() as connection:
            found = [await ledger.balances(connection, bucket, funds) for bucket in buckets]
        return sum(sum(one.values()) for one in found)

    async def stickers(self, organisation: int) -> list[tuple[Sticker, Sold]]:
        """Give the stickers in use, of points and of services, with what they sell."""
        campus = self.campus
        sold = {
            one.id: found for one in self.campus.points.of_organisation(organisation) if (found := campus.find(one.id))
        }
        sold |= {
            one.id: found
            for one in self.ground.catalogue.of_organisation(organisation)
            if (found := campus.find(one.id))
        }
        async with self.ground.base.database.connection() as connection:
            there = await self.ground.stickers.of_points(connection, KIND, list(sold))
        in_use = [(one, sold[one.point]) for one in there if one.revoked is None]
        return sorted(in_use, key=lambda pair: (pair[1].point.id, pair[1].service.id))

    def price(self, sold: Sold) -> int | None:
        """Give what something costs today, in fen; None where the amount is open or it is not offered."""
        try:
            return fixed_amount(self.ground.catalogue.terms(sold.service.id, self.today()).price)
        except NotOffered:
            return None

    async def pair_till(self, organisation: int, identity: int) -> tuple[Point, Terminal]:
        """Give a point's till a new pairing; tills paired before are shut out. Raises `NotFound`, also for another's point."""
        point = self.campus.points.by_id(identity)
        if point is None or point.organisation != organisation:
            raise NotFound
        (terminal,) = await self.ground.terminals.found([NewTerminal(organisation, CANTEEN_TILL, point.id)])
        return point, await self.ground.terminals.pair_anew(terminal)
