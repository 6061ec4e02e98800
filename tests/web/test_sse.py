"""Event streams: what goes over the wire, and when they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from haihe.web.sse import Event, encode, frames


@pytest.mark.parametrize(
    ("event", "wire"),
    [
        (Event("hello"), b"event: message\ndata: hello\n\n"),
        (Event({"amount": 200}, name="paid", id="7"), b'event: paid\nid: 7\ndata: {"amount":200}\n\n'),
        (Event("two\nlines"), b"event: message\ndata: two\ndata: lines\n\n"),
        (Event(""), b"event: message\ndata: \n\n"),
    ],
)
def test_event_is_written_as_the_standard_says(event, wire):
    assert encode(event) == wire


async def numbers(count: int) -> AsyncIterator[Event]:
    for number in range(count):
        yield Event(number)


async def silence(closed: asyncio.Event) -> AsyncIterator[Event]:
    try:
        await asyncio.sleep(60)
        yield Event("never")
    finally:
        closed.set()


async def test_stream_gives_everything_in_order_and_ends_with_its_source():
    got = [frame async for frame in frames(numbers(3), leaving=asyncio.Event())]
    assert got[0].startswith(b"retry: ")
    assert [frame.split(b"data: ")[1] for frame in got[1:]] == [b"0\n\n", b"1\n\n", b"2\n\n"]


async def test_quiet_stream_shows_that_it_lives():
    stream = frames(silence(asyncio.Event()), leaving=asyncio.Event(), heartbeat_s=0.01)
    assert [await anext(stream) for _ in range(3)][1:] == [b": still here\n\n"] * 2
    await stream.aclose()


async def test_stream_ends_at_once_when_the_server_leaves():
    leaving, closed = asyncio.Event(), asyncio.Event()
    stream = frames(silence(closed), leaving=leaving)
    await anext(stream)
    asyncio.get_running_loop().call_later(0.02, leaving.set)
    async with asyncio.timeout(1):
        assert [frame async for frame in stream] == []
        await closed.wait()


async def test_source_is_closed_when_the_browser_goes():
    closed = asyncio.Event()
    stream = frames(silence(closed), leaving=asyncio.Event(), heartbeat_s=0.01)
    await anext(stream)
    await anext(stream)
    await stream.aclose()
    assert closed.is_set()


async def test_fault_of_the_source_is_not_swallowed():
    async def faulty() -> AsyncIterator[Event]:
        yield Event("first")
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        _ = [frame async for frame in frames(faulty(), leaving=asyncio.Event())]
