"""Reads companies, lines and stops of a feed: agency.txt, routes.txt, stops.txt, feed_info.txt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from haihe.sectors.transit.timetable import fields
from haihe.sectors.transit.timetable.files import Feed
from haihe.sectors.transit.timetable.model import Agency, Route, Stop
from haihe.sectors.transit.timetable.report import FaultyError, Report
from haihe.sectors.transit.timetable.table import Row, Shape, take_rows

FEED_INFO: Final = Shape("feed_info.txt", (), ("feed_publisher_name", "feed_publisher_url", "feed_lang"))
AGENCY: Final = Shape("agency.txt", ("agency_name",), ("agency_url", "agency_timezone"))
ROUTES: Final = Shape("routes.txt", ("route_id", "route_type"))
STOPS: Final = Shape("stops.txt", ("stop_id", "stop_lat", "stop_lon"), ("stop_name",))

_STOP_TYPES: Final = frozenset({"", "0"})
_NAMED_TYPES: Final = frozenset({*_STOP_TYPES, "1", "2"})
"""Stops, stations and entrances have names and places; nodes and boarding areas need none."""
_TYPES: Final = frozenset({*_NAMED_TYPES, "3", "4"})
_PARENT_TYPES: Final = {
    "": frozenset({"1"}), "0": frozenset({"1"}), "2": frozenset({"1"}), "3": frozenset({"1"}), "4": _STOP_TYPES,
}  # fmt: skip
"""What may be above what: stations above stops, stops above boarding areas."""

_Take = Callable[["Network", Row], None]


@dataclass(slots=True)
class Network:
    """Collects what is kept, and which keys were left out, so that a reference to them can say why it fails."""

    publisher: str = ""
    language: str = ""
    agencies: dict[str, Agency] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    stops: dict[str, Stop] = field(default_factory=dict)
    stations: set[str] = field(default_factory=set)
    left_out: dict[str, set[str]] = field(default_factory=dict)

    def referred(self, known: Mapping[str, object], key: str, *, what: str, file: str) -> None:
        """Insist that a key is known."""
        if key in known:
            return
        if key in self.left_out.get(file, ()):
            raise FaultyError(f"{what} {key!r} was left out of {file}")
        raise FaultyError(f"{what} {key!r} is not in {file}")


def read_network(feed: Feed, report: Report) -> Network:
    """Read the standing part of a feed."""
    network = Network()
    take_rows(feed, report, FEED_INFO, lambda row: _take_info(network, row))
    take_rows(feed, report, AGENCY, lambda row: _take_agency(network, row))
    take_rows(feed, report, ROUTES, lambda row: _keyed(network, row, ROUTES, _take_route))
    kinds = _kinds_of_stops(feed)
    take_rows(feed, report, STOPS, lambda row: _keyed(network, row, STOPS, lambda n, r: _take_stop(n, r, kinds)))
    return network


def _kinds_of_stops(feed: Feed) -> dict[str, str]:
    """Read the kind of every stop beforehand: a parent may stand below its children."""
    kinds: dict[str, str] = {}
    take_rows(feed, Report(), STOPS, lambda row: kinds.update({row["stop_id"]: fields.optional(row, "location_type")}))
    return kinds


def _keyed(network: Network, row: Row, shape: Shape, take: _Take) -> None:
    """Take a row, or remember that its key was left out."""
    try:
        take(network, row)
    except FaultyError:
        network.left_out.setdefault(shape.name, set()).add(row.get(shape.needed[0], ""))
        raise


def _take_info(network: Network, row: Row) -> None:
    network.publisher = fields.optional(row, "feed_publisher_name")
    network.language = fields.optional(row, "feed_lang")


def _take_agency(network: Network, row: Row) -> None:
    key = fields.optional(row, "agency_id")
    if key in network.agencies:
        raise FaultyError(f"agency_id {key!r} stands twice")
    language = fields.optional(row, "agency_lang")
    network.agencies[key] = Agency(key, fields.text(row, "agency_name"), language)


def _take_route(network: Network, row: Row) -> None:
    key = fields.key(row, "route_id")
    if key in network.routes:
        raise FaultyError(f"route_id {key!r} stands twice")
    fields.route_type(row)
    short, long = fields.optional(row, "route_short_name"), fields.optional(row, "route_long_name")
    if not short and not long:
        raise FaultyError("the route has neither a short nor a long name")
    agency = _agency_of(network, row)
    network.routes[key] = Route(key, agency, short or long, long or short, fields.colour(row, "route_color"))


def _agency_of(network: Network, row: Row) -> str:
    key = fields.optional(row, "agency_id")
    if not key and len(network.agencies) == 1:
        return next(iter(network.agencies))
    network.referred(network.agencies, key, what="agency_id", file=AGENCY.name)
    return key


def _take_stop(network: Network, row: Row, kinds: Mapping[str, str]) -> None:
    key = fields.key(row, "stop_id")
    if key in network.stops or key in network.stations:
        raise FaultyError(f"stop_id {key!r} stands twice")
    kind = fields.choice(row, "location_type", _TYPES)
    _check_parent(row, kind, kinds)
    if kind in _NAMED_TYPES:
        fields.text({"stop_name": "", **row}, "stop_name")
    measured = kind in _NAMED_TYPES or row["stop_lat"] or row["stop_lon"]
    latitude, longitude = fields.place(row, latitude="stop_lat", longitude="stop_lon") if measured else (0.0, 0.0)
    if kind in _STOP_TYPES:
        network.stops[key] = Stop(key, row["stop_name"], latitude, longitude)
    else:
        network.stations.add(key)


def _check_parent(row: Row, kind: str, kinds: Mapping[str, str]) -> None:
    parent = fields.optional(row, "parent_station")
    if parent and parent not in kinds:
        raise FaultyError(f"parent_station {parent!r} is not in {STOPS.name}")
    wanted = _PARENT_TYPES.get(kind, frozenset())
    if parent and kinds[parent] not in wanted:
        raise FaultyError(f"parent_station {parent!r} is of a kind that cannot be one here")
