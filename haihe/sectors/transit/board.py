"""What the driver's screen asks of the bus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from haihe.base.database import Connection
from haihe.base.i18n import N_, translate
from haihe.base.ids import time_of
from haihe.counter.model import Heading, Taken
from haihe.sectors.transit import store
from haihe.sectors.transit.catalogue import Catalogue
from haihe.sectors.transit.model import NUMBER, Ride

LINE_TITLE: Final = N_("Line {line}")
BUS_TITLE: Final = N_("Bus {plate}")


@dataclass(frozen=True)
class BusBoard:
    """Rides of one vehicle, as its driver sees them (`haihe.counter.model.Board`)."""

    catalogue: Catalogue
    number: int = field(default=NUMBER, init=False)

    def heading(self, point: int, language: str) -> Heading:
        """Name line and bus."""
        bus = self.catalogue.bus(point)
        if bus is None:
            return Heading(translate(language, N_("Bus")), str(point))
        vehicle, line = bus
        return Heading(
            translate(language, LINE_TITLE, line=line.number),
            translate(language, BUS_TITLE, plate=vehicle.plate),
            line.name(language),
        )

    async def newest(self, connection: Connection, point: int, buckets: Sequence[int], *, limit: int) -> list[Taken]:
        """Read the vehicle's newest rides, newest first."""
        return [_taken(ride) for ride in await store.newest_rides(connection, point, buckets, limit=limit)]

    async def after(
        self, connection: Connection, point: int, cursor: Mapping[int, int], *, since: int, limit: int
    ) -> list[Taken]:
        """Read the vehicle's rides of later batches, in order."""
        return [_taken(ride) for ride in await store.rides_after(connection, point, cursor, since=since, limit=limit)]

    async def count(self, connection: Connection, point: int, buckets: Sequence[int], *, since: int) -> int:
        """Count the vehicle's rides."""
        return await store.count_since(connection, point, buckets, since=since)


def _taken(ride: Ride) -> Taken:
    return Taken(
        payment=ride.payment,
        bucket=ride.bucket,
        batch=ride.batch,
        at=time_of(ride.payment),
        amount=ride.fare,
        rider=ride.rider,
        companion=ride.companion,
    )
