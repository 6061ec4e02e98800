from __future__ import annotations

import html
import re

import pytest

from haihe.codes import emvco
from haihe.codes.model import CodeRevoked
from haihe.codes.reading import read
from haihe.organisations.model import Organisation
from haihe.sectors.transit import pages
from haihe.sectors.transit.model import Line, Vehicle
from tests.bus_pages import visiting
from tests.buses import BASE_URL, BusCity
from tests.codes.drawing import read_drawn


@pytest.fixture
async def company(bus_city: BusCity) -> Organisation:
    return await bus_city.company()


@pytest.fixture
async def line(bus_city: BusCity, company: Organisation) -> tuple[Line, list[Vehicle]]:
    return await bus_city.line(company, "17")


async def code_of(city: BusCity, vehicle: Vehicle) -> str:
    async with city.database.connection() as connection:
        stickers = await city.offices.stickers.of_points(connection, "bus", [vehicle.id])
    return next(sticker.code for sticker in stickers if sticker.revoked is None)


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize(("language", "heading"), [("zh", "公交"), ("en", "Buses"), ("ru", "Автобус")])
async def test_day_is_shown_by_line_with_sums(
    bus_city: BusCity, company: Organisation, line: tuple[Line, list[Vehicle]], language: str, heading: str
):
    for rider in await bus_city.riders(3):
        await bus_city.ride(rider, line[1][0])
    async with visiting(bus_city, role="manager", organisation=company.id, language=language) as visitor:
        page = await visitor.get("/console/transit")
        assert page.status_code == 200
        assert heading in page.text
        assert plain(page.text).count("6.00" if language != "ru" else "6,00") == 3  # figure, line, total


async def test_driver_sees_rides_but_no_money(
    bus_city: BusCity, company: Organisation, line: tuple[Line, list[Vehicle]]
):
    (rider,) = await bus_city.riders(1)
    await bus_city.ride(rider, line[1][0])
    async with visiting(bus_city, role="driver", organisation=company.id) as visitor:
        for path in ("/console/transit", f"/console/transit/lines/{line[0].id}"):
            page = await visitor.get(path)
            assert page.status_code == 200
            assert "¥" not in page.text


async def test_other_company_finds_nothing_of_ours(bus_city: BusCity, line: tuple[Line, list[Vehicle]]):
    stranger = await bus_city.company("other-bus")
    code = await code_of(bus_city, line[1][0])
    async with visiting(bus_city, role="manager", organisation=stranger.id) as visitor:
        page = await visitor.get("/console/transit")
        assert "17" not in plain(page.text.partition("<main")[2])
        for path in (
            f"/console/transit/lines/{line[0].id}",
            f"/console/transit/lines/{line[0].id}/stickers",
            f"/console/transit/stickers/{code}",
            "/console/transit/lines/x",
        ):
            assert (await visitor.get(path)).status_code == 404
        answer = await visitor.post(f"/console/transit/stickers/{code}", page, reason="mischief", sure="true")
        assert answer.status_code in {403, 404}
    assert await code_of(bus_city, line[1][0]) == code


@pytest.mark.parametrize("form", ["", "?form=emvco"])
async def test_printed_sheet_is_read_as_our_codes(
    bus_city: BusCity, company: Organisation, line: tuple[Line, list[Vehicle]], form: str
):
    async with visiting(bus_city, role="manager", organisation=company.id, language="ru") as visitor:
        page = await visitor.get(f"/console/transit/lines/{line[0].id}/stickers{form}")
    labels = re.findall(r'<article class="sticker".*?</article>', page.text, re.DOTALL)
    assert len(labels) == 2
    for label, vehicle in zip(labels, line[1], strict=True):
        drawn = read_drawn(re.search(r'<svg class="qr".*?</svg>', label, re.DOTALL)[0])  # type: ignore[index]
        assert read(drawn, BASE_URL) == await code_of(bus_city, vehicle)
        if form:
            assert emvco.parse(drawn)["59"] == "Test Bus"
        text = plain(label)
        assert all(said in text for said in ("Scan to pay the fare", "扫码", "проезд", vehicle.plate))


@pytest.mark.parametrize("day", ["0001-01-01", "1600-02-29", "9999-12-31", "2016-12-31", "yesterday"])
async def test_day_that_cannot_be_is_today(
    bus_city: BusCity, company: Organisation, line: tuple[Line, list[Vehicle]], day: str
):
    async with visiting(bus_city, role="manager", organisation=company.id) as visitor:
        for path in ("/console/transit", f"/console/transit/lines/{line[0].id}"):
            page, today = await visitor.get(f"{path}?day={day}"), await visitor.get(path)
            assert page.status_code == 200
            assert plain(page.text) == plain(today.text)


async def test_long_line_is_printed_sheet_by_sheet(
    bus_city: BusCity, company: Organisation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pages, "STICKERS_PER_SHEET_MAX", 2)
    long, vehicles = await bus_city.line(company, "5", buses=5)
    address = f"/console/transit/lines/{long.id}/stickers"
    async with visiting(bus_city, role="manager", organisation=company.id) as visitor:
        first = await visitor.get(f"{address}?form=emvco")
        links = [html.unescape(link) for link in re.findall(r'href="([^"]+page=[^"]+)"', first.text)]
        assert len(links) == 3
        sheets = [(await visitor.get(link)).text for link in links]
        assert (await visitor.get(f"{address}?page=99")).text.count('class="sticker"') == 2
    codes = [re.findall(r'data-code="([^"]+)"', sheet) for sheet in sheets]
    assert [len(sheet) for sheet in codes] == [2, 2, 1]
    assert [code for sheet in codes for code in sheet] == [await code_of(bus_city, vehicle) for vehicle in vehicles]


async def test_revoked_sticker_is_replaced_and_refused(
    bus_city: BusCity, company: Organisation, line: tuple[Line, list[Vehicle]]
):
    old = await code_of(bus_city, line[1][0])
    address = f"/console/transit/stickers/{old}"
    async with visiting(bus_city, role="manager", organisation=company.id) as visitor:
        page = await visitor.get(address)
        for wrong in ({"reason": "x", "sure": "true"}, {"reason": "damaged"}, {}):
            assert (await visitor.post(address, page, **wrong)).status_code == 422
        assert (await bus_city.offices.stickers.find(old)).code == old
        answer = await visitor.post(address, page, reason="damaged", sure="true")
        assert answer.status_code == 303
        fresh = await code_of(bus_city, line[1][0])
        assert answer.headers["location"] == f"/console/transit/stickers/{fresh}"
        again = await visitor.post(address, page, reason="damaged", sure="true")
        assert again.headers["location"] == answer.headers["location"]
        assert "Revoked" in (await visitor.get(address)).text
    with pytest.raises(CodeRevoked):
        await bus_city.offices.stickers.find(old)
    assert (await bus_city.offices.stickers.find(fresh)).point == line[1][0].id


@pytest.mark.parametrize("role", ["driver", "accountant"])
async def test_only_who_may_change_the_catalogue_revokes_and_pairs(
    bus_city: BusCity, company: Organisation, line: tuple[Line, list[Vehicle]], role: str
):
    code = await code_of(bus_city, line[1][0])
    async with visiting(bus_city, role=role, organisation=company.id) as visitor:
        page = await visitor.get("/console/transit")
        for path in (f"/console/transit/stickers/{code}", f"/console/transit/vehicles/{line[1][0].id}/screen"):
            assert (await visitor.post(path, page, reason="damaged", sure="true")).status_code == 403
        assert (await visitor.get(f"/console/transit/lines/{line[0].id}/stickers")).status_code == 403


async def test_pairing_anew_shows_a_link_that_opens_the_screen(
    bus_city: BusCity, company: Organisation, line: tuple[Line, list[Vehicle]]
):
    async with visiting(bus_city, role="manager", organisation=company.id) as visitor:
        page = await visitor.get(f"/console/transit/lines/{line[0].id}")
        answer = await visitor.post(f"/console/transit/vehicles/{line[1][0].id}/screen", page)
        assert answer.status_code in {200, 201}
        url = re.search(r'href="([^"]+/terminal/[^"]+)"', answer.text)
        assert url
        screen = await visitor.client.get(html.unescape(url[1]).removeprefix(BASE_URL), follow_redirects=True)
        assert "Line 17" in screen.text


async def test_who_is_not_signed_in_is_sent_to_the_door(bus_city: BusCity):
    async with visiting(bus_city) as visitor:
        answer = await visitor.get("/console/transit")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/console/sign-in?next=")
