"""What a shop does with its own tills: look at the day, print stickers, pair screens, set up a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from haihe.base.clock import day_start, service_day
from haihe.base.ids import first_id_at, time_of
from haihe.codes.model import NewSticker, Sticker
from haihe.counter import sales
from haihe.counter.branch import Ground
from haihe.counter.model import NewTerminal, Terminal
from haihe.counter.surnames import Surnames
from haihe.ledger.service import bucket_count
from haihe.payments.model import AT_TILLS
from haihe.sectors.retail import store
from haihe.sectors.retail.model import KIND, NewPoint, Point, PointDay
from haihe.sectors.retail.points import Points
from haihe.web.problem import NotFound

LATEST: Final = 12


@dataclass(frozen=True, slots=True)
class LatestSale:
    """A sale as the shop sees it: when, where, of whom (masked), fen, and whether by a code that the payer showed."""

    at: datetime
    point: Point
    payer: str
    amount: int
    is_shown: bool


@dataclass(frozen=True)
class Shops:
    """The tills of shops; every method takes the shop and knows no other's."""

    ground: Ground
    points: Points

    def today(self) -> date:
        """Tell the day in the city."""
        return service_day(self.ground.base.clock.now())

    def point(self, organisation: int, identity: int) -> Point:
        """Find a till of a shop. Raises `NotFound`, also for another's."""
        found = self.points.find(identity)
        if found is None or found.organisation != organisation:
            raise NotFound
        return found

    async def day(self, organisation: int, day: date) -> list[PointDay]:
        """Sum up a shop's day by till."""
        own = self.points.of(organisation)
        ids = [point.id for point in own]
        start = day_start(day)
        async with self.ground.base.database.connection() as connection:
            taken = await sales.takings(
                connection,
                range(await bucket_count(connection)),
                ids,
                since=first_id_at(start),
                until=first_id_at(start + timedelta(days=1)),
            )
            stickers = await self.ground.stickers.of_points(connection, KIND, ids)
        in_use = {sticker.point: sticker for sticker in stickers if sticker.revoked is None}
        nothing = sales.Takings(0, 0, 0)
        return [
            PointDay(
                point, taken.get(point.id, nothing).sales, taken.get(point.id, nothing).amount, in_use.get(point.id)
            )
            for point in own
        ]

    async def latest(self, organisation: int) -> list[LatestSale]:
        """Read a shop's newest sales, newest first, its payers' names masked."""
        own = {point.id: point for point in self.points.of(organisation)}
        async with self.ground.base.database.connection() as connection:
            buckets = range(await bucket_count(connection))
            found = await sales.newest(connection, buckets, list(own), limit=LATEST)
        payers = await Surnames(self.ground.people).of([sale.payer for sale in found])
        return [
            LatestSale(time_of(sale.payment), own[sale.point], payer, sale.amount, sale.channel in AT_TILLS)
            for sale, payer in zip(found, payers, strict=True)
        ]

    async def sticker(self, organisation: int, point: int) -> Sticker:
        """Find the sticker in use at a till. Raises `NotFound`."""
        own = self.point(organisation, point)
        async with self.ground.base.database.connection() as connection:
            there = await self.ground.stickers.of_points(connection, KIND, [own.id])
        for sticker in there:
            if sticker.revoked is None:
                return sticker
        raise NotFound

    async def pair_screen(self, organisation: int, point: int) -> Terminal:
        """Give a till's screen a new pairing; screens paired before are shut out. Raises `NotFound`."""
        own = self.point(organisation, point)
        (terminal,) = await self.ground.terminals.found([NewTerminal(organisation, KIND, own.id)])
        return await self.ground.terminals.pair_anew(terminal)

    async def set_up(self, wanted: Sequence[NewPoint]) -> list[Point]:
        """Have tills, each with a sticker and a terminal; those that are there stay as they are."""
        database = self.ground.base.database
        async with database.transaction() as connection:
            await store.bump_catalogue(connection)
            await store.put_points(connection, wanted, ids=self.ground.base.ids.take(len(wanted)))
            stored = {(point.organisation, point.place): point for point in await store.points(connection)}
            own = [stored[new.organisation, new.place] for new in wanted]
            there = await self.ground.stickers.of_points(connection, KIND, [point.id for point in own])
            with_sticker = {sticker.point for sticker in there if sticker.revoked is None}
            missing = [NewSticker(KIND, point.id, point.organisation) for point in own if point.id not in with_sticker]
            await self.ground.stickers.make(connection, missing)
        await self.points.reload()
        await self.ground.terminals.found([NewTerminal(point.organisation, KIND, point.id) for point in own])
        return own
