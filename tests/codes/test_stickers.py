from __future__ import annotations

import pytest

from haihe.codes.model import CodeRevoked, CodeUnknown, NewSticker
from haihe.codes.service import Stickers, new_code
from haihe.organisations.model import Organisation
from tests.buses import BASE_URL, BusCity
from tests.codes.drawing import read_drawn


@pytest.fixture
async def company(bus_city: BusCity) -> Organisation:
    return await bus_city.company()


async def made(city: BusCity, company: Organisation, stickers: Stickers) -> str:
    async with city.database.transaction() as connection:
        (sticker,) = await stickers.make(connection, [NewSticker("bus", 7, company.id)])
    return sticker.code


async def test_sticker_of_another_process_works_at_once(bus_city: BusCity, company: Organisation):
    ours = bus_city.offices.stickers
    theirs = Stickers(bus_city.database, bus_city.clock, BASE_URL)
    sticker = await ours.find(await made(bus_city, company, theirs))
    assert (sticker.kind, sticker.point, sticker.organisation) == ("bus", 7, company.id)


async def test_who_learns_of_a_new_sticker_is_told_once(bus_city: BusCity, company: Organisation):
    told: list[str] = []

    async def learn(sticker: object) -> None:
        told.append(str(sticker))

    stickers = Stickers(bus_city.database, bus_city.clock, BASE_URL, learn)
    code = await made(bus_city, company, stickers)
    await stickers.find(code)
    await stickers.find(code)
    assert len(told) == 1


@pytest.mark.parametrize(
    "code",
    [pytest.param(new_code(), id="fresh"), "", "short", "x" * 16, "23456789ABCDEFG\0", "２３４５６７８９ABCDEFGH"],
)
async def test_code_that_nobody_made_is_unknown(bus_city: BusCity, code: str):
    with pytest.raises(CodeUnknown):
        await bus_city.offices.stickers.find(code)


async def test_revoked_sticker_is_refused_everywhere_after_reload(bus_city: BusCity, company: Organisation):
    ours = bus_city.offices.stickers
    theirs = Stickers(bus_city.database, bus_city.clock, BASE_URL)
    code = await made(bus_city, company, ours)
    await theirs.find(code)
    async with bus_city.database.transaction() as connection:
        first = await ours.revoke(connection, code, reason="damaged")
        again = await ours.revoke(connection, code, reason="other")
    assert first == again
    for stickers in (ours, theirs):
        await stickers.reload()
        with pytest.raises(CodeRevoked):
            await stickers.find(code)


async def test_unknown_sticker_cannot_be_revoked(bus_city: BusCity):
    async with bus_city.database.transaction() as connection:
        with pytest.raises(CodeUnknown):
            await bus_city.offices.stickers.revoke(connection, new_code(), reason="x")


async def test_drawn_sticker_is_read_by_another_library(bus_city: BusCity, company: Organisation):
    stickers = bus_city.offices.stickers
    code = await made(bus_city, company, stickers)
    assert read_drawn(stickers.draw(code, "sticker")) == f"{BASE_URL}/s/{code}"
