"""Reads a whole feed."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

from haihe.sectors.transit.timetable.files import Feed, FeedUnreadableError, open_feed
from haihe.sectors.transit.timetable.model import Timetable
from haihe.sectors.transit.timetable.network import AGENCY, FEED_INFO, ROUTES, STOPS, Network, read_network
from haihe.sectors.transit.timetable.report import Report
from haihe.sectors.transit.timetable.trips import CALENDAR, CALENDAR_DATES, SHAPES, STOP_TIMES, TRIPS, read_courses

MANDATORY: Final = (AGENCY.name, ROUTES.name, STOPS.name, TRIPS.name, STOP_TIMES.name)
RUNNING: Final = frozenset({STOPS.name, CALENDAR.name, CALENDAR_DATES.name, SHAPES.name, TRIPS.name, STOP_TIMES.name})
"""A fault in one of these may have cost a line its course."""
READ: Final = frozenset({*MANDATORY, FEED_INFO.name, CALENDAR.name, CALENDAR_DATES.name, SHAPES.name})


def read_timetable(
    path: Path, *, name: str | None = None, say: Callable[[str], None] = lambda _: None
) -> tuple[Timetable, Report]:
    """Read a feed from a zip or folder; the report tells what was left out and why.

    `name` tells feeds apart whose keys are equal; without one it comes from publisher and companies, so that a newer file of
    the same feed has the same name. `say` tells a person how it goes. Raises `FeedUnreadableError` when the file as a whole is no feed.
    """
    report = Report(say=say)
    with open_feed(path) as feed:
        if READ.isdisjoint(feed.sizes):
            raise FeedUnreadableError(f"{path} holds no timetable: none of {', '.join(MANDATORY)}")
        _check_files(feed, report)
        network = read_network(feed, report)
        courses = read_courses(feed, report, network)
    timetable = Timetable(
        name=name or _own_name(network),
        language=network.language,
        agencies=network.agencies,
        routes=network.routes,
        stops=network.stops,
        courses=courses,
        whole=report.faulty_files.isdisjoint(RUNNING),
    )
    return timetable, report


def _check_files(feed: Feed, report: Report) -> None:
    for name in MANDATORY:
        if name not in feed.sizes:
            report.fault(name, 0, "the file is missing")
    if feed.sizes.keys().isdisjoint({CALENDAR.name, CALENDAR_DATES.name}):
        report.fault(CALENDAR.name, 0, f"neither {CALENDAR.name} nor {CALENDAR_DATES.name} is there")
    report.ignored.extend(sorted(feed.sizes.keys() - READ))


def _own_name(network: Network) -> str:
    """Name a feed by who publishes it and whose lines it has."""
    companies = sorted(f"{agency.key}\n{agency.name}" for agency in network.agencies.values())
    digest = sha256("\n\n".join((network.publisher, *companies)).encode()).hexdigest()
    return f"gtfs-{digest[:16]}"
