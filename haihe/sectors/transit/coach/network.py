"""Routes, timetable and tariffs in memory: what can be bought on a day, and what it costs, without asking the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from haihe.base.database import Database
from haihe.sectors.transit.coach import rules, store
from haihe.sectors.transit.coach.errors import NoCoach, SamePlace, WrongWay
from haihe.sectors.transit.coach.model import CoachTariff, Departure, Fare, Journey, Route, Stop


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of the network; never changed, only replaced."""

    stops: Mapping[int, Stop] = field(default_factory=dict)
    routes: Mapping[int, Route] = field(default_factory=dict)
    departures: Mapping[int, Departure] = field(default_factory=dict)
    tariffs: tuple[CoachTariff, ...] = ()


@dataclass(slots=True)
class Network:
    """Holds the newest snapshot; `reload` replaces it whole, at the start and when the version `catalogue` changed."""

    database: Database
    now: Snapshot = field(default_factory=Snapshot)

    async def reload(self) -> None:
        """Read everything anew; departures first: whatever route one names is then already there."""
        async with self.database.connection() as connection:
            departures = await store.departures(connection)
            routes = await store.routes(connection)
            stops = await store.stops(connection)
            tariffs = await store.tariffs(connection)
        self.now = Snapshot(
            stops={one.id: one for one in stops},
            routes={one.id: one for one in routes},
            departures={one.id: one for one in departures},
            tariffs=tuple(tariffs),
        )

    def stop_name(self, route: Route, place: int, language: str) -> str:
        """Name a stop of a route."""
        return self.now.stops[route.calls[place].stop].name(language)

    def journeys(self, *, from_stop: int, to_stop: int, day: date) -> list[Journey]:
        """List the rides from a stop to another on a day, by time. Raises `SamePlace`, `WrongWay`, `NoCoach`, `NotOffered`."""
        if from_stop == to_stop:
            raise SamePlace
        ways = [(route, *_places(route, from_stop, to_stop)) for route in self.now.routes.values()]
        right = {route.id: (start, end) for route, start, end in ways if 0 <= start < end}
        if not right:
            raise WrongWay if any(start > end >= 0 for _, start, end in ways) else NoCoach
        found = [
            self._priced(departure, day, right[departure.route])
            for departure in self.now.departures.values()
            if departure.route in right and rules.runs_on(departure, day)
        ]
        if not found:
            raise NoCoach
        return sorted(found, key=lambda one: one.leaves_at)

    def journey(self, departure: int, *, from_stop: int, to_stop: int, day: date) -> Journey:
        """Give one ride. Raises as `journeys` does, `NoCoach` also for a departure that does not run on the day."""
        if from_stop == to_stop:
            raise SamePlace
        known = self.now.departures.get(departure)
        if known is None or not rules.runs_on(known, day):
            raise NoCoach
        start, end = _places(self.now.routes[known.route], from_stop, to_stop)
        if start < 0 or end < 0:
            raise NoCoach
        if start > end:
            raise WrongWay
        return self._priced(known, day, (start, end))

    def _priced(self, departure: Departure, day: date, places: tuple[int, int]) -> Journey:
        route, (start, end) = self.now.routes[departure.route], places
        distance_m = route.calls[end].at_m - route.calls[start].at_m
        tariff = rules.tariff_on(self.now.tariffs, day)
        return self.ride(
            departure, day, places, rules.fare(tariff, route, distance_m=distance_m, seats=departure.seats)
        )

    def ride(self, departure: Departure, day: date, places: tuple[int, int], fare: Fare) -> Journey:
        """Tell a ride between two places of a departure's route, at a fare."""
        route, (start, end) = self.now.routes[departure.route], places
        return Journey(
            route=route,
            departure=departure,
            day=day,
            from_place=start,
            to_place=end,
            leaves_at=rules.moment_at(departure, day, after_min=route.calls[start].after_min),
            arrives_at=rules.moment_at(departure, day, after_min=route.calls[end].after_min),
            fare=fare,
        )

    def of_company(self, organisation: int, day: date) -> list[Departure]:
        """List a company's departures of a day, by time."""
        return [
            one
            for one in self.now.departures.values()
            if self.now.routes[one.route].organisation == organisation and rules.runs_on(one, day)
        ]

    def starts(self) -> list[Stop]:
        """List the stops where one can get on, in the order of their making."""
        return self._stops_at(slice(0, -1))

    def ends(self) -> list[Stop]:
        """List the stops where one can get off."""
        return self._stops_at(slice(1, None))

    def _stops_at(self, part: slice) -> list[Stop]:
        called = {call.stop for route in self.now.routes.values() for call in route.calls[part]}
        return [stop for stop in self.now.stops.values() if stop.id in called]


def _places(route: Route, from_stop: int, to_stop: int) -> tuple[int, int]:
    """Find the places of two stops on a route; -1 for one that is not on it."""
    return _place(route, from_stop), _place(route, to_stop)


def _place(route: Route, stop: int) -> int:
    return next((place for place, call in enumerate(route.calls) if call.stop == stop), -1)
