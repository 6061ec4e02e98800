"""Logs during a run: what breaks on purpose is not told, what must not break is noted."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping

NEVER: Final = "batch failed"
"""The engine says so when a batch ended by anything but a lost database."""


@contextmanager
def listening(note: Callable[[str], None]) -> Iterator[None]:
    """Note what the engine must never log; everything else would only say that connections were cut."""

    def hear(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if event.get("event") == NEVER:
            note(f"{NEVER}: {sys.exc_info()[1]!r}")
        raise structlog.DropEvent

    before, noisy = structlog.get_config(), logging.getLogger("psycopg")
    level = noisy.level
    structlog.configure(processors=[hear])
    noisy.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        structlog.configure(**before)
        noisy.setLevel(level)
