"""Founds the demo city's bus company from tariffs.toml and bus_company.toml: staff, tariffs, lines, buses with stickers.

May be repeated: lines and buses are found by key and place, a stored tariff is never changed. What the files say about themselves
(sources, confidence, placeholders) is for people and ignored here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from haihe.counter.branch import Founding, Ground
from haihe.counter.founding import OrganisationData, found_staffed
from haihe.organisations.model import Organisation
from haihe.sectors.transit.model import LineClass, Tariff
from haihe.sectors.transit.store import bump_catalogue, insert_tariffs
from haihe.sectors.transit.timetable import store as timetable_store
from haihe.sectors.transit.timetable.service import COMPANY, ClassChoice, NewBus, add_buses, class_of
from haihe.sectors.transit.timetable.store import NewLine

TARIFFS_FILE: Final = "tariffs.toml"
COMPANY_FILE: Final = "bus_company.toml"


class TariffData(msgspec.Struct, frozen=True, kw_only=True, rename={"line_class": "class"}):
    """A fare in fen by class of line (`ordinary-long` and so on) from a day on."""

    line_class: str
    valid_from: date
    fare: int


class LineData(msgspec.Struct, frozen=True, kw_only=True, rename={"line_class": "class"}):
    """A line with the plates of its buses; class `air-conditioned` or `ordinary` (by length)."""

    key: str
    number: str
    names: dict[str, str]
    line_class: str
    length_m: int
    colour: str
    plates: list[str]


class BusData(msgspec.Struct, frozen=True, kw_only=True):
    """The bus company with its lines."""

    feed: str
    company: OrganisationData
    line: list[LineData]


class _Tariffs(msgspec.Struct, frozen=True, kw_only=True):
    tariff: list[TariffData]


async def found_buses(ground: Ground, founding: Founding) -> None:
    """Make the bus company of the demo city with all it has, or bring it up to date."""
    data = msgspec.toml.decode((founding.folder / COMPANY_FILE).read_bytes(), type=BusData)
    tariffs = msgspec.toml.decode((founding.folder / TARIFFS_FILE).read_bytes(), type=_Tariffs).tariff
    (company,) = await found_staffed(ground.organisations, founding, [data.company], kind=COMPANY)
    await _found_lines(ground, data, company, tariffs)
    founding.say(f"{len(data.line)} bus lines")


async def _found_lines(ground: Ground, data: BusData, company: Organisation, fares: Sequence[TariffData]) -> None:
    ids = ground.base.ids
    tariffs = [Tariff(LineClass[ClassChoice(one.line_class).name], one.valid_from, one.fare) for one in fares]
    async with ground.base.database.transaction() as connection:
        await timetable_store.lock_imports(connection)
        await insert_tariffs(connection, tariffs)
        feed = await timetable_store.feed_id(connection, data.feed, ids.next())
        fresh = [_line(ids.next(), company, one) for one in data.line]
        await timetable_store.put_lines(connection, feed, fresh, default_class=LineClass.AIR_CONDITIONED)
        lines = await timetable_store.line_ids(connection, feed)
        buses = [
            NewBus(lines[one.key], company.id, place, plate)
            for one in data.line
            for place, plate in enumerate(one.plates, 1)
        ]
        await add_buses(connection, buses, ids=ids, stickers=ground.stickers)
        await bump_catalogue(connection)


def _line(identity: int, company: Organisation, data: LineData) -> NewLine:
    return NewLine(
        id=identity,
        organisation=company.id,
        key=data.key,
        number=data.number,
        names=data.names,
        line_class=class_of(ClassChoice(data.line_class), data.length_m),
        length_m=data.length_m,
        colour=data.colour,
    )
