"""Who rode in which bus within the last minutes: what a second scan is told by, kept in memory and never trusted blindly.

The memory of a bucket is as of one batch. Under the bucket's lock its head says which batch is the newest: if the memory is as
of that one, it is complete and the database need not be asked; otherwise what came since is read first. So it is right with any
number of processes, and free as long as each bucket belongs to one. Walking each rider's transfers
instead cost 63 µs a scan with 25 recent rides, most of a batch's time (docs/performance.md).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class RecentRide(NamedTuple):
    """A paid ride: ids of payment, rider and vehicle."""

    payment: int
    rider: int
    vehicle: int


@dataclass(slots=True)
class RecentRides:
    """The recent rides of one bucket as of `batch`; 0 means that nothing was read yet."""

    batch: int = 0
    _payments: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    _order: deque[RecentRide] = field(default_factory=deque)

    def learn(self, rides: Iterable[RecentRide], *, batch: int, oldest: int) -> None:
        """Take in what was paid up to a batch, in order, and forget rides with an id below `oldest`."""
        for ride in rides:
            self._payments.setdefault((ride.rider, ride.vehicle), []).append(ride.payment)
            self._order.append(ride)
        self.batch = batch
        while self._order and self._order[0].payment < oldest:
            self._forget(self._order.popleft())

    def first(self, rider: int, vehicle: int, *, since: int) -> int:
        """Give the first ride of a rider in a vehicle whose id is not below `since`, 0 if there is none."""
        return min((payment for payment in self._payments.get((rider, vehicle), ()) if payment >= since), default=0)

    def _forget(self, ride: RecentRide) -> None:
        key = (ride.rider, ride.vehicle)
        left = [payment for payment in self._payments[key] if payment != ride.payment]
        if left:
            self._payments[key] = left
        else:
            del self._payments[key]
