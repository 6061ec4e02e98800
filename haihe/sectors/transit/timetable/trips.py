"""Reads what runs when: calendar.txt, calendar_dates.txt, shapes.txt, trips.txt, stop_times.txt; finds each line's course."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from haihe.sectors.transit.timetable import fields
from haihe.sectors.transit.timetable.distance import polyline_m
from haihe.sectors.transit.timetable.files import Feed
from haihe.sectors.transit.timetable.model import Course, Trip
from haihe.sectors.transit.timetable.network import ROUTES, STOPS, Network
from haihe.sectors.transit.timetable.report import FaultyError, Report
from haihe.sectors.transit.timetable.table import Row, Shape, take_rows

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CALENDAR: Final = Shape("calendar.txt", ("service_id", *_DAYS, "start_date", "end_date"))
CALENDAR_DATES: Final = Shape("calendar_dates.txt", ("service_id", "date", "exception_type"))
SHAPES: Final = Shape("shapes.txt", ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"))
TRIPS: Final = Shape("trips.txt", ("trip_id", "route_id", "service_id"))
STOP_TIMES: Final = Shape("stop_times.txt", ("trip_id", "stop_id", "stop_sequence"), ("arrival_time", "departure_time"))

_FLAGS: Final = frozenset({"0", "1"})
_DIRECTIONS: Final = frozenset({"", "0", "1"})
_EXCEPTIONS: Final = frozenset({"1", "2"})
SEARCHED_MAX: Final = 200
"""Rows of a trip that are searched one by one."""
POINTS_MAX: Final = 20_000_000
"""Points of lines on the map, or stop times, of one feed."""


@dataclass(slots=True)
class _Runs:
    """Collects services, drawn lines and trips."""

    network: Network
    services: set[str] = field(default_factory=set)
    shapes: dict[str, array[float]] = field(default_factory=lambda: defaultdict(lambda: array("d")))
    trips: dict[str, Trip] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    stop_numbers: dict[str, int] = field(default_factory=dict)
    exceptions: set[tuple[str, str]] = field(default_factory=set)
    calendars: set[str] = field(default_factory=set)
    rows: int = 0


def read_courses(feed: Feed, report: Report, network: Network) -> dict[tuple[str, int], Course]:
    """Read the running part of a feed; give the most frequent course of each route and direction."""
    runs = _Runs(network, stop_numbers={key: number for number, key in enumerate(network.stops)})
    take_rows(feed, report, CALENDAR, lambda row: _take_calendar(runs, row))
    take_rows(feed, report, CALENDAR_DATES, lambda row: _take_exception(runs, row))
    take_rows(feed, report, SHAPES, lambda row: _take_point(runs, row))
    knows_services = not feed.sizes.keys().isdisjoint({CALENDAR.name, CALENDAR_DATES.name})
    has_shapes = SHAPES.name in feed.sizes
    take_rows(feed, report, TRIPS, lambda row: _take_trip(runs, row, knows_services, has_shapes))
    take_rows(feed, report, STOP_TIMES, lambda row: _take_stop_time(runs, row))
    return _courses(runs)


def _take_calendar(runs: _Runs, row: Row) -> None:
    key = fields.key(row, "service_id")
    if key in runs.calendars:
        raise FaultyError(f"service_id {key!r} stands twice")
    for name in _DAYS:
        fields.choice(row, name, _FLAGS)
    if fields.day(row, "end_date") < fields.day(row, "start_date"):
        raise FaultyError("end_date is before start_date")
    runs.calendars.add(key)
    runs.services.add(key)


def _take_exception(runs: _Runs, row: Row) -> None:
    key = fields.key(row, "service_id")
    fields.day(row, "date")
    fields.choice(row, "exception_type", _EXCEPTIONS)
    if (key, row["date"]) in runs.exceptions:
        raise FaultyError(f"service_id {key!r} stands twice on {row['date']}")
    runs.exceptions.add((key, row["date"]))
    runs.services.add(key)


def _take_point(runs: _Runs, row: Row) -> None:
    key = fields.key(row, "shape_id")
    sequence = fields.integer(row, "shape_pt_sequence")
    latitude, longitude = fields.place(row, latitude="shape_pt_lat", longitude="shape_pt_lon")
    _count(runs)
    runs.shapes[key].extend((sequence, latitude, longitude))


def _count(runs: _Runs) -> None:
    runs.rows += 1
    if runs.rows > POINTS_MAX:
        raise FaultyError(f"a feed has at most {POINTS_MAX:,} points and stop times here")


def _take_trip(runs: _Runs, row: Row, knows_services: bool, has_shapes: bool) -> None:
    key = fields.key(row, "trip_id")
    try:
        trip = _read_trip(runs, row, knows_services, has_shapes)
    except FaultyError:
        runs.left_out.add(key)
        raise
    if key in runs.trips:
        raise FaultyError(f"trip_id {key!r} stands twice")
    runs.trips[key] = trip


def _read_trip(runs: _Runs, row: Row, knows_services: bool, has_shapes: bool) -> Trip:
    runs.network.referred(runs.network.routes, row["route_id"], what="route_id", file=ROUTES.name)
    service, shape = fields.key(row, "service_id"), fields.optional(row, "shape_id")
    if knows_services and service not in runs.services:
        raise FaultyError(f"service_id {service!r} is in no calendar")
    if has_shapes and shape and shape not in runs.shapes:
        raise FaultyError(f"shape_id {shape!r} is not in {SHAPES.name}")
    return Trip(row["route_id"], int(fields.choice(row, "direction_id", _DIRECTIONS) or 0), shape)


def _take_stop_time(runs: _Runs, row: Row) -> None:
    trip = _trip_of(runs, row)
    stop = row["stop_id"]
    if stop in runs.network.stations:
        raise FaultyError(f"stop_id {stop!r} is a station, not a stop")
    runs.network.referred(runs.network.stops, stop, what="stop_id", file=STOPS.name)
    sequence = fields.integer(row, "stop_sequence")
    arrival, departure = fields.seconds(row, "arrival_time"), fields.seconds(row, "departure_time")
    _check_order(
        trip, sequence, arrival if arrival is not None else departure, departure if departure is not None else arrival
    )
    _count(runs)
    trip.sequences.append(sequence)
    trip.highest = max(sequence, trip.highest)
    if trip.taken is not None:
        trip.taken.add(sequence)
    trip.stops.append(runs.stop_numbers[stop])
    if departure is not None or arrival is not None:
        trip.last_departure_s = departure if departure is not None else arrival or 0


def _trip_of(runs: _Runs, row: Row) -> Trip:
    key = fields.key(row, "trip_id")
    trip = runs.trips.get(key)
    if trip is None:
        where = f"was left out of {TRIPS.name}" if key in runs.left_out else f"is not in {TRIPS.name}"
        raise FaultyError(f"trip_id {key!r} {where}")
    return trip


def _check_order(trip: Trip, sequence: int, arrival: int | None, departure: int | None) -> None:
    """Check a row against its trip: its place is new, time goes forward. Rows out of order are checked for the place alone."""
    ascending = not trip.sequences or sequence > trip.highest
    if not ascending and _is_taken(trip, sequence):
        raise FaultyError(f"stop_sequence {sequence} stands twice in the trip")
    if arrival is not None and departure is not None and departure < arrival:
        raise FaultyError("departure_time is before arrival_time")
    if ascending and arrival is not None and arrival < trip.last_departure_s:
        raise FaultyError("arrival_time is before the departure from an earlier stop")


def _is_taken(trip: Trip, sequence: int) -> bool:
    """Tell whether a trip has a row of this place; only a long trip that is out of order is worth a set."""
    if len(trip.sequences) < SEARCHED_MAX:
        return sequence in trip.sequences
    if trip.taken is None:
        trip.taken = set(trip.sequences)
    return sequence in trip.taken


def _courses(runs: _Runs) -> dict[tuple[str, int], Course]:
    """Choose for each route and direction the most frequent course; of equally frequent ones the longest."""
    frequencies: dict[tuple[str, int], Counter[tuple[tuple[int, ...], str]]] = defaultdict(Counter)
    for trip in runs.trips.values():
        if len(trip.stops) > 1:
            frequencies[trip.route, trip.direction][_in_order(trip), trip.shape] += 1
    keys = list(runs.stop_numbers)
    courses = {}
    for place, counter in frequencies.items():
        (stops, shape), _ = max(counter.items(), key=lambda item: (item[1], len(item[0][0]), item[0]))
        courses[place] = _course(runs, [keys[number] for number in stops], shape)
    return courses


def _in_order(trip: Trip) -> tuple[int, ...]:
    return tuple(stop for _, stop in sorted(zip(trip.sequences, trip.stops, strict=True)))


def _course(runs: _Runs, stops: Sequence[str], shape: str) -> Course:
    """Measure along the drawn line; without one, from stop to stop, which is somewhat short."""
    drawn = _points(runs.shapes.get(shape, ()))
    places = drawn or [(runs.network.stops[key].latitude, runs.network.stops[key].longitude) for key in stops]
    return Course(tuple(stops), round(polyline_m(places)))


def _points(flat: Iterable[float]) -> list[tuple[float, float]]:
    values = list(flat)
    return [(north, east) for _, north, east in sorted(zip(values[::3], values[1::3], values[2::3], strict=True))]
