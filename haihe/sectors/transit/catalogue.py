"""The bus's catalogue in memory: what a price needs, without asking the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError
from haihe.sectors.transit import rules, store
from haihe.sectors.transit.model import Line, LineClass, Tariff, Vehicle


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of the catalogue; never changed, only replaced."""

    lines: Mapping[int, Line] = field(default_factory=dict)
    vehicles: Mapping[int, Vehicle] = field(default_factory=dict)
    tariffs: tuple[Tariff, ...] = ()
    fares: dict[tuple[LineClass, date], int] = field(default_factory=dict)
    """Fares by class and day, filled as they are asked for."""


@dataclass(slots=True)
class Catalogue:
    """Holds the newest snapshot; `reload` replaces it whole, so that a price never sees half of a change."""

    database: Database
    now: Snapshot = field(default_factory=Snapshot)

    async def reload(self) -> None:
        """Read everything anew: at the start and when the version `catalogue` has changed."""
        async with self.database.connection() as connection:
            self.now = await _read(connection)

    def bus(self, vehicle: int) -> tuple[Vehicle, Line] | None:
        """Find a vehicle with its line; None if there is none."""
        found = self.now.vehicles.get(vehicle)
        return None if found is None else (found, self.now.lines[found.line])

    def fare(self, line: Line, day: date) -> int:
        """Give a line's fare in fen on a service day. Raises `BrokenInvariantError` when no tariff has begun."""
        snapshot = self.now
        known = snapshot.fares.get((line.line_class, day))
        if known is not None:
            return known
        try:
            fare = rules.fare(snapshot.tariffs, line.line_class, day)
        except rules.NoTariffError as error:
            raise BrokenInvariantError(str(error)) from error
        snapshot.fares[line.line_class, day] = fare
        return fare


async def _read(connection: Connection) -> Snapshot:
    """Read vehicles first: whatever line one names is then already there."""
    vehicles = await store.vehicles(connection)
    tariffs = await store.tariffs(connection)
    lines = await store.lines(connection)
    return Snapshot(
        lines={line.id: line for line in lines},
        vehicles={vehicle.id: vehicle for vehicle in vehicles},
        tariffs=tuple(tariffs),
    )
