"""What a timetable says, as far as the city uses it."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Agency:
    """A transport company of the feed."""

    key: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Route:
    """A line of the feed; `agency` is the key of its company."""

    key: str
    agency: str
    number: str
    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where people get on."""

    key: str
    name: str
    latitude: float
    longitude: float


@dataclass(slots=True)
class Trip:
    """One run of a line while its stop times are read: stops and their sequence numbers side by side.

    `highest` is the highest of the numbers so far; `taken`, if it is there, holds all of them.
    """

    route: str
    direction: int
    shape: str
    sequences: array[int] = field(default_factory=lambda: array("L"))
    stops: array[int] = field(default_factory=lambda: array("L"))
    highest: int = -1
    taken: set[int] | None = None
    last_departure_s: int = -1


@dataclass(frozen=True, slots=True)
class Course:
    """How a line runs in one direction: the stops (keys) of its most frequent course, its length in metres."""

    stops: Sequence[str]
    length_m: int


@dataclass(frozen=True, slots=True)
class Timetable:
    """What was kept of a feed. `courses` by route key and direction; `whole` if none was lost to a fault."""

    name: str
    language: str
    agencies: Mapping[str, Agency]
    routes: Mapping[str, Route]
    stops: Mapping[str, Stop]
    courses: Mapping[tuple[str, int], Course]
    whole: bool = True
