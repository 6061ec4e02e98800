"""Several workers share the tests: what measures the machine runs while the others wait."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ALONE = "alone"
ROOM = Path(__file__)
DOOR = Path(__file__).with_name("conftest.py")
"""Two files of which only the locks are used."""


@contextmanager
def turn(item: pytest.Item) -> Iterator[None]:
    """Have a test run beside those of the other workers, or, marked `alone`, beside none."""
    if not hasattr(item.config, "workerinput"):
        yield
        return
    with ROOM.open() as room, DOOR.open() as door:
        fcntl.flock(door, fcntl.LOCK_EX)  # who waits to be alone holds the door: nobody else comes in before
        fcntl.flock(room, fcntl.LOCK_EX if item.get_closest_marker(ALONE) else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield
