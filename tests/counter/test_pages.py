from __future__ import annotations

import asyncio
import json
import re

import pytest

from haihe.counter.model import Terminal
from haihe.sectors.transit.model import Vehicle
from tests.bus_pages import Visitor, visiting
from tests.buses import BASE_URL, BusCity


@pytest.fixture
async def bus(bus_city: BusCity) -> Vehicle:
    _, (vehicle, _) = await bus_city.line(await bus_city.company(), "17")
    return vehicle


@pytest.fixture
async def terminal(bus_city: BusCity, bus: Vehicle) -> Terminal:
    return await bus_city.terminal(bus)


def link(city: BusCity, terminal: Terminal) -> str:
    return city.offices.terminals.pairing_url(terminal).removeprefix(BASE_URL)


async def paired(visitor: Visitor, city: BusCity, terminal: Terminal) -> str:
    """Open the pairing link as a browser does; the screen's page."""
    answer = await visitor.client.get(link(city, terminal), follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


async def test_pairing_link_opens_the_screen_and_leaves_the_address(bus_city: BusCity, terminal: Terminal):
    async with visiting(bus_city) as visitor:
        answer = await visitor.get(link(bus_city, terminal))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/terminal/{terminal.id}")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert f"Path=/terminal/{terminal.id}" in cookie
        assert "Line 17" in (await visitor.get(f"/terminal/{terminal.id}")).text


async def test_unknown_screen_is_404_and_unpaired_one_403(bus_city: BusCity, terminal: Terminal):
    async with visiting(bus_city) as visitor:
        for path in ("/terminal/77", "/terminal/x", f"/terminal/{1 << 70}", "/terminal/77/events", "/terminal/٣"):
            assert (await visitor.get(path)).status_code == 404
        for path in (
            f"/terminal/{terminal.id}",
            f"/terminal/{terminal.id}?pair=wrong",
            f"/terminal/{terminal.id}/events",
        ):
            assert (await visitor.get(path)).status_code == 403


@pytest.mark.parametrize(("language", "line"), [("zh", "17路"), ("en", "Line 17"), ("ru", "Маршрут 17")])
async def test_screen_speaks_the_drivers_language(bus_city: BusCity, terminal: Terminal, language: str, line: str):
    async with visiting(bus_city, language=language) as visitor:
        assert line in await paired(visitor, bus_city, terminal)


async def test_stream_goes_on_where_page_or_last_event_stood(bus_city: BusCity, bus: Vehicle, terminal: Terminal):
    riders = await bus_city.riders(2)
    async with visiting(bus_city) as visitor:
        cursor = re.search(r'data-cursor="([^"]+)"', await paired(visitor, bus_city, terminal))
        assert cursor
        first = await bus_city.ride(riders[0], bus)
        told, last_event = await stream(visitor, terminal, cursor[1])
        assert [ride["id"] for ride in told] == [str(first.id)]
        assert (told[0]["amount"], told[0]["companion"]) == ("¥2.00", False)
        second = await bus_city.ride(riders[1], bus)
        told, _ = await stream(visitor, terminal, cursor[1], last_event=last_event)
        assert [ride["id"] for ride in told] == [str(second.id)]


async def stream(
    visitor: Visitor, terminal: Terminal, cursor: str, *, last_event: str = ""
) -> tuple[list[dict[str, object]], str]:
    """Listen for a moment; what was told, and the last event's id."""
    visitor.leaving.clear()
    headers = {"Last-Event-ID": last_event} if last_event else {}
    asking = asyncio.create_task(visitor.get(f"/terminal/{terminal.id}/events?after={cursor}", **headers))
    await asyncio.sleep(0.4)
    visitor.leaving.set()
    text = (await asking).text
    events = re.findall(r"event: paid\nid: (.+)\ndata: (.+)\n", text)
    return [ride for _, data in events for ride in json.loads(data)], events[-1][0]


async def test_stream_without_a_cursor_asks_to_read_anew(bus_city: BusCity, terminal: Terminal):
    async with visiting(bus_city) as visitor:
        await paired(visitor, bus_city, terminal)
        answer = await visitor.get(f"/terminal/{terminal.id}/events?after=nonsense")
        assert "event: anew" in answer.text


async def test_shift_begins_with_the_drivers_tap(bus_city: BusCity, bus: Vehicle, terminal: Terminal):
    (rider,) = await bus_city.riders(1)
    await bus_city.ride(rider, bus)
    async with visiting(bus_city) as visitor:
        await paired(visitor, bus_city, terminal)
        page = await visitor.get(f"/terminal/{terminal.id}")
        assert "data-count>1<" in page.text
        bus_city.clock.moment += bus_city.clock.moment.resolution * 1000
        assert (await visitor.post(f"/terminal/{terminal.id}/shift", page)).status_code == 303
        assert "data-count>0<" in (await visitor.get(f"/terminal/{terminal.id}")).text
        assert (await visitor.client.post(f"/terminal/{terminal.id}/shift")).status_code == 403
