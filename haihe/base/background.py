"""Work that goes on behind the requests of a process, for as long as it lives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from haihe.base.database import TryAgain

log = structlog.get_logger()


async def keep_doing(work: Callable[[], Awaitable[object]], *, every_s: float, name: str) -> None:
    """Do work for ever, with a rest after each time; a lost database is waited for, a failure is told and got over."""
    while True:
        with suppress(TryAgain):
            try:
                await work()
            except TryAgain:
                raise
            except Exception:
                log.exception("work failed; it goes on", work=name)
        await asyncio.sleep(every_s)
