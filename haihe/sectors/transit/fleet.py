"""What a bus company does with its own lines, buses and stickers: look, print, revoke, pair a screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from haihe.base.clock import Clock, day_start, service_day
from haihe.base.database import Connection, Database
from haihe.base.ids import first_id_at
from haihe.codes.model import NewSticker, Sticker
from haihe.codes.service import Stickers
from haihe.counter.model import DRIVER, VALIDATOR, NewTerminal, Terminal
from haihe.counter.service import Terminals
from haihe.ledger.service import bucket_count
from haihe.sectors.transit import store
from haihe.sectors.transit.catalogue import Catalogue
from haihe.sectors.transit.model import KIND, Line, Vehicle
from haihe.web.problem import NotFound

LATE: Final = timedelta(days=7)
"""How long after a service day its rides may still be paid."""
REASON_CHARACTERS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class VehicleDay:
    """One bus on one day: rides, fen, and its stickers, the one in use first."""

    vehicle: Vehicle
    rides: int
    amount: int
    stickers: tuple[Sticker, ...] = ()

    @property
    def sticker(self) -> Sticker | None:
        """The sticker in use."""
        return next((sticker for sticker in self.stickers if sticker.revoked is None), None)


@dataclass(frozen=True, slots=True)
class LineDay:
    """One line on one day; its figures are the sums of its buses'."""

    line: Line
    vehicles: tuple[VehicleDay, ...]

    @property
    def rides(self) -> int:
        """All rides on the line."""
        return sum(one.rides for one in self.vehicles)

    @property
    def amount(self) -> int:
        """All money of the line in fen."""
        return sum(one.amount for one in self.vehicles)


@dataclass(frozen=True)
class Fleet:
    """The buses of the companies; every method takes the company and knows no other's."""

    database: Database
    clock: Clock
    catalogue: Catalogue
    stickers: Stickers
    terminals: Terminals

    def today(self) -> date:
        """Tell the service day."""
        return service_day(self.clock.now())

    def line(self, organisation: int, identity: int) -> Line:
        """Find a line of a company. Raises `NotFound`, also for another's."""
        line = self.catalogue.now.lines.get(identity)
        if line is None or line.organisation != organisation:
            raise NotFound
        return line

    def vehicle(self, organisation: int, identity: int) -> tuple[Vehicle, Line]:
        """Find a bus of a company with its line. Raises `NotFound`, also for another's."""
        bus = self.catalogue.bus(identity)
        if bus is None or bus[1].organisation != organisation:
            raise NotFound
        return bus

    async def day(self, organisation: int, day: date) -> list[LineDay]:
        """Sum up a company's service day by line and bus; lines in order of their numbers."""
        lines = [line for line in self.catalogue.now.lines.values() if line.organisation == organisation]
        async with self.database.connection() as connection:
            return await self._days(connection, sorted(lines, key=_by_number), day)

    async def line_day(self, organisation: int, line: int, day: date) -> LineDay:
        """Sum up one line's service day, with the buses' stickers. Raises `NotFound`."""
        own = self.line(organisation, line)
        async with self.database.connection() as connection:
            (found,) = await self._days(connection, [own], day)
            points = [one.vehicle.id for one in found.vehicles]
            stickers: dict[int, list[Sticker]] = defaultdict(list)
            for sticker in await self.stickers.of_points(connection, KIND, points):
                stickers[sticker.point].append(sticker)
        vehicles = (
            VehicleDay(one.vehicle, one.rides, one.amount, tuple(stickers[one.vehicle.id])) for one in found.vehicles
        )
        return LineDay(own, tuple(vehicles))

    async def _days(self, connection: Connection, lines: Sequence[Line], day: date) -> list[LineDay]:
        buses: dict[int, list[Vehicle]] = defaultdict(list)
        wanted = {line.id for line in lines}
        for vehicle in self.catalogue.now.vehicles.values():
            if vehicle.line in wanted:
                buses[vehicle.line].append(vehicle)
        points = [vehicle.id for line in lines for vehicle in buses[line.id]]
        start = day_start(day)
        taken = await store.takings(
            connection,
            range(await bucket_count(connection)),
            points,
            day=day,
            since=first_id_at(start),
            until=first_id_at(start + timedelta(days=1) + LATE),
        )
        figures = {(one.line, one.vehicle): (one.rides, one.amount) for one in taken}
        return [
            LineDay(
                line,
                tuple(
                    VehicleDay(vehicle, *figures.get((line.id, vehicle.id), (0, 0)))
                    for vehicle in sorted(buses[line.id], key=lambda bus: bus.place)
                ),
            )
            for line in lines
        ]

    async def sticker(self, organisation: int, code: str) -> tuple[Sticker, Vehicle, Line]:
        """Find a sticker of a company's bus, revoked or not. Raises `NotFound`."""
        async with self.database.connection() as connection:
            sticker = await self.stickers.look_up(connection, code)
        if sticker is None or sticker.kind != KIND:
            raise NotFound
        return sticker, *self.vehicle(organisation, sticker.point)

    async def replace_sticker(self, organisation: int, code: str, *, reason: str) -> Sticker:
        """Revoke a sticker and make the bus a new one, in one step; give the new one. Raises `NotFound`.

        Of a sticker that was revoked before nothing changes; then the one in use is given.
        """
        old, vehicle, line = await self.sticker(organisation, code)
        async with self.database.transaction() as connection:
            await store.bump_catalogue(connection)
            there = await self.stickers.of_points(connection, KIND, [vehicle.id])
            in_use = [sticker for sticker in there if sticker.revoked is None and sticker.code != old.code]
            if any(sticker.code == old.code and sticker.revoked is None for sticker in there):
                await self.stickers.revoke(connection, code, reason=reason[:REASON_CHARACTERS_MAX])
            fresh = in_use or await self.stickers.make(connection, [NewSticker(KIND, vehicle.id, line.organisation)])
        await self.stickers.reload()
        return fresh[0]

    async def pair_screen(self, organisation: int, vehicle: int) -> Terminal:
        """Give a bus's driver's screen a new pairing; screens paired before are shut out. Raises `NotFound`."""
        bus, line = self.vehicle(organisation, vehicle)
        (terminal,) = await self.terminals.found([NewTerminal(line.organisation, DRIVER, bus.id)])
        return await self.terminals.pair_anew(terminal)

    async def found_validator(self) -> None:
        """Put a validator into the demo's first bus, for payment codes."""
        buses = self.catalogue.now.vehicles
        if buses:
            first = buses[min(buses)]
            company = self.catalogue.now.lines[first.line].organisation
            await self.terminals.found([NewTerminal(company, VALIDATOR, first.id)])


def _by_number(line: Line) -> tuple[int, str]:
    """Order lines as people do: 2 before 17, numbers before names."""
    digits = line.number if line.number.isascii() and line.number.isdigit() else ""
    return (int(digits[:9]) if digits else 1 << 31, line.number)
