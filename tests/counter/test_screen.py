from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

import pytest

from haihe.base.tokens import Audience, Grant
from haihe.counter import screen as screen_module
from haihe.counter.cursor import Cursor
from haihe.counter.model import Terminal, TerminalNotPaired, TerminalUnknown
from haihe.counter.screen import Fresh, PushedOut, ReadAnew, Told
from haihe.people.model import Citizen
from haihe.sectors.transit.model import Vehicle
from tests.buses import BusCity

PATIENCE_S = 5.0


class Bus:
    """A bus with a screen and riders."""

    def __init__(self, city: BusCity, vehicle: Vehicle, terminal: Terminal, riders: list[Citizen]) -> None:
        self.city, self.vehicle, self.terminal, self.riders = city, vehicle, terminal, riders

    async def rides(self, how_many: int) -> list[int]:
        """Let the next riders ride, one by one; the ids of their payments."""
        now, self.riders = self.riders[:how_many], self.riders[how_many:]
        return [(await self.city.ride(rider, self.vehicle)).id for rider in now]

    async def cursor(self) -> Cursor:
        return (await self.city.screens.picture(self.terminal, "en")).cursor


@pytest.fixture
async def bus(bus_city: BusCity) -> Bus:
    _, (vehicle, _) = await bus_city.line(await bus_city.company(), "17")
    return Bus(bus_city, vehicle, await bus_city.terminal(vehicle), await bus_city.riders(16))


async def told(stream: AsyncGenerator[Told, None]) -> Told:
    return await asyncio.wait_for(anext(stream), PATIENCE_S)


async def heard(stream: AsyncGenerator[Told, None], how_many: int) -> tuple[list[int], Cursor]:
    """Read payments from a stream until there are so many; give them with the last cursor."""
    payments: list[int] = []
    while len(payments) < how_many:
        fresh = await told(stream)
        assert isinstance(fresh, Fresh)
        payments += [shown.taken.payment for shown in fresh.shown]
        cursor = fresh.cursor
    return payments, cursor


async def test_picture_shows_latest_first_with_surname_alone(bus: Bus):
    payments = await bus.rides(3)
    picture = await bus.city.screens.picture(bus.terminal, "en")
    assert [shown.taken.payment for shown in picture.latest] == payments[::-1]
    assert all(shown.who[0].isalpha() and set(shown.who[1:]) == {"*"} for shown in picture.latest)
    assert (picture.heading.line, picture.heading.point) == ("Line 17", f"Bus {bus.vehicle.plate}")


async def test_only_rides_of_the_shift_are_counted(bus: Bus):
    await bus.rides(2)
    bus.city.clock.turn(timedelta(minutes=1))
    await bus.city.offices.terminals.start_shift(bus.terminal)
    terminal = await bus.city.offices.terminals.known(bus.terminal.id)
    assert (await bus.city.screens.picture(terminal, "en")).count == 0
    await bus.rides(3)
    picture = await bus.city.screens.picture(terminal, "en")
    assert (picture.count, len(picture.latest)) == (3, 5)


async def test_stream_tells_each_ride_once(bus: Bus):
    async with aclosing(bus.city.screens.follow(bus.terminal, await bus.cursor())) as stream:
        waiting = asyncio.create_task(heard(stream, 5))
        payments = await bus.rides(5)
        assert (await waiting)[0] == payments


async def test_rides_between_page_and_stream_are_told(bus: Bus):
    cursor = await bus.cursor()
    payments = await bus.rides(2)
    async with aclosing(bus.city.screens.follow(bus.terminal, cursor)) as stream:
        assert sorted((await heard(stream, 2))[0]) == payments


async def test_reconnecting_neither_loses_nor_repeats(bus: Bus):
    cursor, payments, seen = await bus.cursor(), [], []
    for _ in range(4):
        payments += await bus.rides(2)
        async with aclosing(bus.city.screens.follow(bus.terminal, Cursor.from_text(cursor.to_text()))) as stream:
            waiting = asyncio.create_task(heard(stream, 4))
            await asyncio.sleep(0)
            payments += await bus.rides(2)
            got, cursor = await waiting
            seen += got
    assert sorted(seen) == sorted(payments)


async def test_breaking_off_before_anything_was_read_costs_nothing(bus: Bus):
    cursor = await bus.cursor()
    broken = bus.city.screens.follow(bus.terminal, cursor)
    waiting = asyncio.create_task(heard(broken, 1))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await broken.aclose()
    payments = await bus.rides(1)
    async with aclosing(bus.city.screens.follow(bus.terminal, cursor)) as stream:
        assert (await heard(stream, 1))[0] == payments


async def test_other_buses_are_not_told(bus: Bus):
    _, (other, _) = await bus.city.line(await bus.city.company(), "2")
    async with aclosing(bus.city.screens.follow(bus.terminal, await bus.cursor())) as stream:
        waiting = asyncio.create_task(heard(stream, 1))
        await bus.city.ride(bus.riders[-1], other)
        payments = await bus.rides(1)
        assert (await waiting)[0] == payments


async def test_screen_too_far_behind_reads_itself_anew(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(screen_module, "NEWS_MAX", 3)
    cursor = await bus.cursor()
    await bus.rides(3)
    async with aclosing(bus.city.screens.follow(bus.terminal, cursor)) as stream:
        assert isinstance(await told(stream), ReadAnew)


async def test_without_a_cursor_or_with_an_old_one_the_screen_reads_itself_anew(bus: Bus):
    old = await bus.cursor()
    bus.city.clock.turn(timedelta(hours=13))
    for cursor in (None, old):
        async with aclosing(bus.city.screens.follow(bus.terminal, cursor)) as stream:
            assert isinstance(await told(stream), ReadAnew)


async def test_newest_screen_pushes_out_the_oldest(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(screen_module, "STREAMS_MAX", 2)
    cursor = await bus.cursor()
    streams = [bus.city.screens.follow(bus.terminal, cursor) for _ in range(3)]
    waiting = [asyncio.create_task(told(stream)) for stream in streams]
    assert isinstance(await waiting[0], PushedOut)
    await bus.rides(1)
    assert all(isinstance(answer, Fresh) for answer in await asyncio.gather(*waiting[1:]))
    for stream in streams:
        await stream.aclose()


async def test_terminal_opens_only_with_its_own_pairing(bus: Bus):
    terminals, terminal = bus.city.offices.terminals, bus.terminal
    token, _ = terminals.token(terminal)
    assert (await terminals.opened(terminal.id, token)).id == terminal.id
    other = await bus.city.line(await bus.city.company(), "5")
    stranger, _ = terminals.token(await bus.city.terminal(other[1][0]))
    grant = Grant(Audience.STAFF, terminal.id, 0, terminal.pairing, 4_000_000_000)
    for wrong in (None, "", "x", stranger, terminals.tokens.issue(grant)):
        with pytest.raises(TerminalNotPaired):
            await terminals.opened(terminal.id, wrong)
    with pytest.raises(TerminalUnknown):
        await terminals.opened(12345, token)


async def test_new_pairing_shuts_out_the_old_one(bus: Bus):
    terminals = bus.city.offices.terminals
    old, _ = terminals.token(bus.terminal)
    fresh = await terminals.pair_anew(bus.terminal)
    with pytest.raises(TerminalNotPaired):
        await terminals.opened(bus.terminal.id, old)
    assert (await terminals.opened(bus.terminal.id, terminals.token(fresh)[0])).pairing == fresh.pairing


@pytest.mark.parametrize("is_riding", [True, False])
async def test_new_pairing_ends_a_stream_that_is_open(bus: Bus, monkeypatch: pytest.MonkeyPatch, *, is_riding: bool):
    monkeypatch.setattr(screen_module, "QUIET_S", PATIENCE_S * 2 if is_riding else 0.05)
    async with aclosing(bus.city.screens.follow(bus.terminal, await bus.cursor())) as stream:
        waiting = asyncio.create_task(heard(stream, 1))
        await bus.rides(1)
        await waiting
        waiting_on = asyncio.create_task(told(stream))
        await asyncio.sleep(0.2)
        assert not waiting_on.done()
        await bus.city.offices.terminals.pair_anew(bus.terminal)
        if is_riding:
            await bus.rides(1)
        assert isinstance(await waiting_on, ReadAnew)
        with pytest.raises(StopAsyncIteration):
            await told(stream)


async def test_pairing_ends_with_its_time(bus: Bus):
    token, end = bus.city.offices.terminals.token(bus.terminal, timedelta(hours=1))
    assert end == bus.city.clock.now() + timedelta(hours=1)
    bus.city.clock.turn(timedelta(hours=1))
    with pytest.raises(TerminalNotPaired):
        await bus.city.offices.terminals.opened(bus.terminal.id, token)
