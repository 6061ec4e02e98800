"""Event streams: live news to a page, with a heartbeat, ended when the server leaves.

async def rides() -> AsyncIterator[Event]: ...

@get("/terminal/{terminal:int}/events", include_in_schema=False)
async def events(leaving: asyncio.Event) -> Stream:
    return event_stream(rides(), leaving=leaving)
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar.response import Stream

HEARTBEAT_S: Final = 15.0
RETRY_MS: Final = 1_000
"""How long a browser waits before it connects again."""


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of news. `id` comes back as Last-Event-ID after a break; `data` is text, or anything that JSON can hold."""

    data: object
    name: str = "message"
    id: str = ""


def encode(event: Event) -> bytes:
    """Write an event as the stream carries it; line breaks in its data become several data lines."""
    text = event.data if isinstance(event.data, str) else msgspec.json.encode(event.data).decode()
    head = [f"event: {event.name}", *([f"id: {event.id}"] if event.id else [])]
    return "\n".join([*head, *(f"data: {line}" for line in text.splitlines() or [""]), "", ""]).encode()


def event_stream(source: AsyncIterator[Event], *, leaving: asyncio.Event, heartbeat_s: float = HEARTBEAT_S) -> Stream:
    """Answer with a stream of events. `source` is closed when the browser, the server or the source itself ends it."""
    return Stream(
        frames(source, leaving=leaving, heartbeat_s=heartbeat_s),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def frames(
    source: AsyncIterator[Event], *, leaving: asyncio.Event, heartbeat_s: float = HEARTBEAT_S
) -> AsyncGenerator[bytes, None]:
    """Give the bytes of a stream: the retry time, then events, or a comment when nothing happened for a while."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    goodbye = asyncio.ensure_future(leaving.wait())
    coming = _next(source)
    try:
        while True:
            done, _ = await asyncio.wait({coming, goodbye}, timeout=heartbeat_s, return_when=asyncio.FIRST_COMPLETED)
            if goodbye in done:
                return
            if not done:
                yield b": still here\n\n"
                continue
            try:
                event = coming.result()
            except StopAsyncIteration:
                return
            yield encode(event)
            coming = _next(source)
    finally:
        await _end(coming, goodbye)
        if isinstance(source, AsyncGenerator):
            await source.aclose()


def _next(source: AsyncIterator[Event]) -> asyncio.Task[Event]:
    async def wait_for_one() -> Event:
        return await anext(source)

    return asyncio.ensure_future(wait_for_one())


async def _end(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
            await task
