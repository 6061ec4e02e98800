"""Brings a timetable into the city: companies become organisations, routes lines, and lines get buses with stickers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from haihe.base.database import Connection, Database
from haihe.base.i18n import LANGUAGES, SOURCE_LANGUAGE
from haihe.base.ids import Ids
from haihe.codes.model import NewSticker
from haihe.codes.service import Stickers
from haihe.organisations.model import FoundingOrganisation
from haihe.organisations.service import NAME_CHARACTERS_MAX, Organisations
from haihe.sectors.transit import rules
from haihe.sectors.transit.model import KIND, LineClass
from haihe.sectors.transit.store import bump_catalogue
from haihe.sectors.transit.timetable import store
from haihe.sectors.transit.timetable.model import Route, Timetable
from haihe.sectors.transit.timetable.reader import read_timetable
from haihe.sectors.transit.timetable.report import Report
from haihe.sectors.transit.timetable.store import NewLine, NewVehicle

VEHICLES_MAX: Final = 1_000
"""Vehicles of one line."""
TRANSIT_CATEGORY: Final = 4111
COMPANY: Final = "bus_company"
"""The kind of organisation that runs buses."""


class ClassChoice(StrEnum):
    """What may be said of a feed's lines; an ordinary line's class follows from its length."""

    AIR_CONDITIONED = "air-conditioned"
    ORDINARY = "ordinary"
    ORDINARY_LONG = "ordinary-long"
    ORDINARY_SHORT = "ordinary-short"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Options of an import. `line_class` None: air-conditioned for new lines, unchanged for known ones.

    `vehicles`: every line has at least so many buses afterwards, each new one with a sticker. `feed`: a name that tells feeds
    apart; None takes it from the file.
    """

    line_class: ClassChoice | None = None
    vehicles: int = 0
    feed: str | None = None


@dataclass(frozen=True, slots=True)
class NewBus:
    """A bus to be there: its line, its company, its place within the line from 1, its plate."""

    line: int
    organisation: int
    place: int
    plate: str


@dataclass(frozen=True)
class Importer:
    """Imports timetables; `say` tells a person how it goes."""

    database: Database
    ids: Ids
    organisations: Organisations
    stickers: Stickers
    say: Callable[[str], None] = lambda _: None

    async def run(self, path: Path, wishes: Wishes) -> Report:
        """Import a feed; the second time nothing changes. Raises `FeedUnreadableError`."""
        self.say(f"reading {path.name}")
        timetable, report = read_timetable(path, name=wishes.feed, say=self.say)
        self.say(f"{len(timetable.routes)} lines and {len(timetable.stops)} stops, {len(report.faults)} faults")
        companies = await self._companies(timetable, report)
        async with self.database.transaction() as connection:
            await store.lock_imports(connection)
            report.changed += await self._write(connection, timetable, companies, wishes)
            if report.changed:
                await bump_catalogue(connection)
        return report

    async def _companies(self, timetable: Timetable, report: Report) -> dict[str, int]:
        """Make the companies organisations; give their ids by agency key. Repeated, it changes nothing."""
        wanted = {
            agency.key: FoundingOrganisation(
                key=_organisation_key(timetable.name, agency.key),
                names={_language(agency.language, timetable.language): agency.name[:NAME_CHARACTERS_MAX]},
                kind=COMPANY,
                category=TRANSIT_CATEGORY,
            )
            for agency in timetable.agencies.values()
        }
        await self.organisations.reload()
        before = {one.key: self.organisations.by_key(one.key) for one in wanted.values()}
        stored = await self.organisations.found(list(wanted.values())) if wanted else []
        report.changed += sum(before[one.key] != one for one in stored)
        return {key: one.id for key, one in zip(wanted, stored, strict=True)}

    async def _write(
        self, connection: Connection, timetable: Timetable, companies: Mapping[str, int], wishes: Wishes
    ) -> int:
        feed = await store.feed_id(connection, timetable.name, self.ids.next())
        changed = await self._write_lines(connection, feed, timetable, companies, wishes)
        lines = await store.line_ids(connection, feed)
        changed += await self._write_stops(connection, feed, timetable)
        changed += await _write_courses(connection, feed, timetable, lines)
        buses = [
            NewBus(lines[key], companies[route.agency], place, f"{route.number}-{place:02}")
            for key, route in timetable.routes.items()
            for place in range(1, wishes.vehicles + 1)
        ]
        return changed + await add_buses(connection, buses, ids=self.ids, stickers=self.stickers)

    async def _write_lines(
        self, connection: Connection, feed: int, timetable: Timetable, companies: Mapping[str, int], wishes: Wishes
    ) -> int:
        fresh = self.ids.take(len(timetable.routes))
        lengths = _lengths(timetable)
        lines = [
            _line(identity, route, companies[route.agency], timetable, wishes.line_class, lengths.get(route.key))
            for identity, route in zip(fresh, timetable.routes.values(), strict=True)
        ]
        default = class_of(wishes.line_class, 0) or LineClass.AIR_CONDITIONED
        return await store.put_lines(connection, feed, lines, default_class=default)

    async def _write_stops(self, connection: Connection, feed: int, timetable: Timetable) -> int:
        stops = list(timetable.stops.values())
        fresh, language = self.ids.take(len(stops)), _language(timetable.language)
        return await store.put_stops(connection, feed, stops, ids=fresh, language=language)


async def add_buses(connection: Connection, wished: Sequence[NewBus], *, ids: Ids, stickers: Stickers) -> int:
    """Add the buses whose places on their lines are free, each with a sticker; answers how many rows were made."""
    taken = await store.vehicle_places(connection, sorted({bus.line for bus in wished}))
    fresh = [bus for bus in wished if bus.place not in taken.get(bus.line, ())]
    many = [
        NewVehicle(identity, bus.line, bus.place, bus.plate)
        for identity, bus in zip(ids.take(len(fresh)), fresh, strict=True)
    ]
    if many:
        await store.insert_vehicles(connection, many)
        new = [NewSticker(KIND, made.id, bus.organisation) for made, bus in zip(many, fresh, strict=True)]
        await stickers.make(connection, new)
    return 2 * len(many)


def _lengths(timetable: Timetable) -> dict[str, int]:
    """Give the length of the longer direction by route key; of a feed that lost nothing a line without a course has none."""
    lengths = dict.fromkeys(timetable.routes, 0) if timetable.whole else {}
    for (key, _), course in timetable.courses.items():
        lengths[key] = max(course.length_m, lengths.get(key, 0))
    return lengths


def _line(
    identity: int, route: Route, company: int, timetable: Timetable, choice: ClassChoice | None, length_m: int | None
) -> NewLine:
    return NewLine(
        id=identity,
        organisation=company,
        key=route.key,
        number=route.number,
        names={_language(timetable.agencies[route.agency].language, timetable.language): route.name},
        line_class=class_of(choice, length_m),
        length_m=length_m,
        colour=route.colour,
    )


def class_of(choice: ClassChoice | None, length_m: int | None) -> LineClass | None:
    """Tell the class of a line from what was said of it and its length in metres; None when that is not enough."""
    match choice:
        case None:
            return None
        case ClassChoice.ORDINARY:
            return None if length_m is None else rules.ordinary_class(length_m)
        case _:
            return LineClass[choice.name]


async def _write_courses(connection: Connection, feed: int, timetable: Timetable, lines: Mapping[str, int]) -> int:
    """Write the stops along the lines of this feed where they differ; answers how many courses did.

    What is not there any more is removed only if the feed lost nothing to a fault.
    """
    stops = await store.stop_ids(connection, feed)
    wanted = {
        (lines[route], direction): [stops[key] for key in course.stops]
        for (route, direction), course in timetable.courses.items()
    }
    there = await store.courses(connection, feed)
    changed: dict[tuple[int, int], Sequence[int]] = {
        key: course for key, course in wanted.items() if there.get(key) != course
    }
    own = {lines[key] for key in timetable.routes} if timetable.whole else set()
    changed.update({key: [] for key in there if key not in wanted and key[0] in own})
    if changed:
        await store.replace_courses(connection, changed)
    return len(changed)


def _language(*wishes: str) -> str:
    """Tell under which of the city's languages a foreign name is kept: its own if we speak it, else English."""
    own = (wish.lower().partition("-")[0] for wish in wishes)
    return next((wish for wish in own if wish in LANGUAGES), SOURCE_LANGUAGE)


def _organisation_key(feed: str, agency: str) -> str:
    """Make a key that no other feed's company has."""
    digest = sha256(f"{feed}\n{agency}".encode()).hexdigest()
    return f"gtfs-{digest[:24]}"
