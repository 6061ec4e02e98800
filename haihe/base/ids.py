"""Ids: time-sortable 63-bit integers that the application makes.

From the top: 41 bits of milliseconds since 2020, 8 bits for the process that made the id (its node), 10 bits of sequence and
4 bits that are zero: the place of a leg within its posting. So ids of one process ascend, and an id tells its time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from haihe.base.clock import Clock

EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
LEG_BITS: Final = 4
SEQUENCE_BITS: Final = 10
NODE_BITS: Final = 8
LEGS_MAX: Final = 1 << LEG_BITS
NODES_MAX: Final = 1 << NODE_BITS
TIME_SHIFT: Final = LEG_BITS + SEQUENCE_BITS + NODE_BITS
ID_MAX: Final = (1 << 63) - 1
_NODE_SHIFT: Final = LEG_BITS + SEQUENCE_BITS
_MILLISECOND: Final = timedelta(milliseconds=1)


def first_id_at(moment: datetime) -> int:
    """Give the smallest id that a process can make at this moment: ids below it are older."""
    return max(0, (moment - EPOCH) // _MILLISECOND) << TIME_SHIFT


def time_of(identity: int) -> datetime:
    """Tell when an id was made, to the millisecond, in UTC."""
    return EPOCH + timedelta(milliseconds=identity >> TIME_SHIFT)


class Ids:
    """Makes the ids of one process; ascending even when the clock goes back or a burst exhausts a millisecond.

    `node` (0 to 255) must differ from that of every other living process of the city.
    """

    def __init__(self, clock: Clock, *, node: int) -> None:
        """Bind the maker to a clock and a node."""
        if not 0 <= node < NODES_MAX:
            message = f"node {node} is not in 0..{NODES_MAX - 1}"
            raise ValueError(message)
        self._clock = clock
        self._node = node << _NODE_SHIFT
        self._last_tick = 0
        self._lock = Lock()

    def next(self) -> int:
        """Make one id."""
        return self.take(1)[0]

    def take(self, count: int) -> list[int]:
        """Make several ids, ascending. A burst may run ahead of the clock by a millisecond per 1,024 ids."""
        with self._lock:
            now = ((self._clock.now() - EPOCH) // _MILLISECOND) << SEQUENCE_BITS
            first = max(now, self._last_tick + 1)
            self._last_tick = first + count - 1
        return [self._of(tick) for tick in range(first, first + count)]

    def _of(self, tick: int) -> int:
        sequence = tick & ((1 << SEQUENCE_BITS) - 1)
        return (tick >> SEQUENCE_BITS << TIME_SHIFT) | self._node | (sequence << LEG_BITS)


def bucket_for(identity: int, buckets: int) -> int:
    """Choose the bucket in which a new citizen lives for life; even over any run of ids."""
    return int.from_bytes(blake2b(identity.to_bytes(8, "big"), digest_size=4).digest(), "big") % buckets
