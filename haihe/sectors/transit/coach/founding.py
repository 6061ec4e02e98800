"""Founds the demo city's coaches from coaches.toml: companies, staff, stops, routes, timetable, tariff. May be repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from pathlib import Path
from typing import Final

import msgspec

from haihe.base.database import Connection
from haihe.base.ids import Ids
from haihe.counter.branch import Founding, Ground
from haihe.counter.founding import StaffData, found_staffed
from haihe.sectors.transit.coach import rules, store
from haihe.sectors.transit.coach.model import (
    COMPANY,
    Call,
    CoachTariff,
    Departure,
    Route,
    Stop,
)

FILE: Final = "coaches.toml"
WAY_BACK: Final = "-back"
"""Added to a route's key for its way back."""
EVERY_DAY: Final = (1, 2, 3, 4, 5, 6, 7)


class TariffData(msgspec.Struct, frozen=True, kw_only=True):
    """A tariff: fen for a passenger and kilometre; so many per cent of the seats share the toll."""

    valid_from: date
    per_km: int
    load_percent: int
    until: date | None = None


class StopData(msgspec.Struct, frozen=True, kw_only=True):
    """A stop."""

    key: str
    names: dict[str, str]


class CallData(msgspec.Struct, frozen=True, kw_only=True):
    """A stop of a route: metres and minutes from the first one."""

    stop: str
    at_m: int
    after_min: int


class RouteData(msgspec.Struct, frozen=True, kw_only=True):
    """A route with its times ("06:40"); `back` are those of the way back."""

    key: str
    names: dict[str, str]
    factor: int
    toll: int
    seats: int
    calls: tuple[CallData, ...]
    times: tuple[str, ...]
    back: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = EVERY_DAY


class CoachCompanyData(msgspec.Struct, frozen=True, kw_only=True):
    """A coach company."""

    key: str
    names: dict[str, str]
    category: int
    staff: tuple[StaffData, ...]
    route: tuple[RouteData, ...]


class CoachData(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    tariff: tuple[TariffData, ...]
    stop: tuple[StopData, ...]
    company: tuple[CoachCompanyData, ...]


def read_coaches(path: Path) -> CoachData:
    """Read the file. Raises `msgspec.ValidationError` when it says what cannot be."""
    return msgspec.toml.decode(path.read_bytes(), type=CoachData)


async def found_coaches(ground: Ground, founding: Founding) -> None:
    """Make the coach companies of the demo city with all they have, or bring them up to date."""
    data = read_coaches(founding.folder / FILE)
    made = await found_staffed(ground.organisations, founding, data.company, kind=COMPANY)
    companies = {one.key: one.id for one in made}
    async with ground.base.database.transaction() as connection:
        await put_network(connection, data, companies=companies, ids=ground.base.ids)
    founding.say(f"{len(companies)} coach companies, {sum(len(one.route) for one in data.company)} routes")


async def put_network(connection: Connection, data: CoachData, *, companies: Mapping[str, int], ids: Ids) -> None:
    """Store stops, routes, timetable and tariffs, or bring them up to date. Raises `CoachFaultyError`, and then nothing has changed."""
    await store.bump_catalogue(connection)
    tariffs = [CoachTariff(one.valid_from, one.per_km, one.load_percent, one.until) for one in data.tariff]
    await store.put_tariffs(connection, tariffs)
    fresh = zip(ids.take(len(data.stop)), data.stop, strict=True)
    await store.put_stops(connection, [Stop(identity, one.key, one.names) for identity, one in fresh])
    stops = {one.key: one.id for one in await store.stops(connection)}
    wanted = [
        (companies[company.key], way) for company in data.company for route in company.route for way in _ways(route)
    ]
    await _put_routes(connection, wanted, stops=stops, ids=ids)


def _ways(route: RouteData) -> Iterator[RouteData]:
    """Give a route's ways, there and, if there are times for it, back."""
    yield route
    if route.back:
        last = route.calls[-1]
        calls = tuple(
            CallData(stop=call.stop, at_m=last.at_m - call.at_m, after_min=last.after_min - call.after_min)
            for call in reversed(route.calls)
        )
        yield msgspec.structs.replace(route, key=route.key + WAY_BACK, calls=calls, times=route.back, back=())


async def _put_routes(
    connection: Connection, wanted: Sequence[tuple[int, RouteData]], *, stops: Mapping[str, int], ids: Ids
) -> None:
    routes = [
        Route(identity, company, way.key, way.names, way.factor, way.toll, _calls(way, stops))
        for identity, (company, way) in zip(ids.take(len(wanted)), wanted, strict=True)
    ]
    for route in routes:
        rules.check_route(route)
    await store.put_routes(connection, routes)
    stored = await store.route_ids(connection)
    numbered = [(stored[company, way.key], way) for company, way in wanted]
    calls = [
        (identity, place, call)
        for (identity, _), route in zip(numbered, routes, strict=True)
        for place, call in enumerate(route.calls, 1)
    ]
    await store.put_calls(connection, calls)
    times = [(identity, way, time.fromisoformat(leaves)) for identity, way in numbered for leaves in way.times]
    departures = [
        Departure(fresh, identity, leaves, way.seats, frozenset(way.weekdays))
        for fresh, (identity, way, leaves) in zip(ids.take(len(times)), times, strict=True)
    ]
    await store.put_departures(connection, departures)


def _calls(way: RouteData, stops: Mapping[str, int]) -> tuple[Call, ...]:
    try:
        return tuple(Call(stops[call.stop], call.at_m, call.after_min) for call in way.calls)
    except KeyError as error:
        raise rules.CoachFaultyError(f"{way.key}: there is no stop {error}") from error
