"""The demo's campuses as data: who studies where, and everything that is offered there.

What the files say about themselves (`placeholder`, `source`, `comment`) is for people and ignored here. Services are written block by
block: what its points have in common once, then the points; a block's services are offered at each of its points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec

from haihe.catalogue.model import NewService, NewTerms
from haihe.catalogue.prices import Fixed, Open
from haihe.catalogue.written import WrittenHours, read_hours
from haihe.counter.founding import StaffData
from haihe.sectors.campus.model import KIND, MEMBERS, SERVICE_MARK, PointKind


class RosterData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has a card: citizens by their place for trying things out, and so many others by age."""

    first: tuple[int, ...]
    students: int
    staff: int
    number_prefix: str


class UniversityData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A university."""

    key: str
    names: dict[str, str]
    category: int
    staff: list[StaffData]
    roster: RosterData


class AgesData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ages, both included, between which others may be students or staff."""

    student: tuple[int, int]
    staff: tuple[int, int]


class CampusData(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of campus.toml."""

    seed: int
    ages: AgesData
    university: list[UniversityData]


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something with a key and a name in each language; `fen` is its price, none where the amount is open."""

    key: str
    zh: str
    en: str
    ru: str
    icon: str = ""
    fen: int | None = None
    sticker: bool = False

    @property
    def names(self) -> dict[str, str]:
        """The names by language."""
        return {"zh": self.zh, "en": self.en, "ru": self.ru}


class Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points that have their kind, group, hours and audience in common, and the services that are offered at each of them.

    `sells` tells whether the points themselves sell, by their own price or, without one, by amount; `till` whether each has a till.
    """

    kind: PointKind
    group: str
    icon: str
    at: tuple[str, ...]
    points: tuple[Named, ...]
    services: tuple[Named, ...] = ()
    hours: str = ""
    members: bool = False
    sells: bool = False
    till: bool = False
    open_max: int = 1_000_000


class ServicesData(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of campus_services.toml; `hours` are opening hours by name."""

    valid_from: date
    hours: dict[str, tuple[WrittenHours, ...]]
    block: tuple[Block, ...]

    def blocks_of(self, university: str) -> list[Block]:
        """Give what is there at a university."""
        return [block for block in self.block if university in block.at]


def read_campus(folder: Path) -> CampusData:
    """Read campus.toml. Raises `msgspec.ValidationError`."""
    return msgspec.toml.decode((folder / "campus.toml").read_bytes(), type=CampusData)


def read_campus_services(folder: Path) -> ServicesData:
    """Read campus_services.toml. Raises `msgspec.ValidationError`."""
    return msgspec.toml.decode((folder / "campus_services.toml").read_bytes(), type=ServicesData)


def services_of(data: ServicesData, university: str) -> list[NewService]:
    """Make the services of a university as the catalogue takes them; a service's key begins with its point's."""
    return [service for block in data.blocks_of(university) for service in _services(data, block, university)]


def stickers_of(data: ServicesData, university: str) -> list[str]:
    """Name by key the services, and the points that sell, to which a sticker is fixed."""
    return [
        key
        for block in data.blocks_of(university)
        for point in block.points
        for key in (
            *([point.key] if point.sticker else ()),
            *(f"{point.key}{SERVICE_MARK}{one.key}" for one in block.services if one.sticker),
        )
    ]


def _services(data: ServicesData, block: Block, university: str) -> list[NewService]:
    terms = _Terms(data.valid_from, data.hours, block, university)
    return [
        service
        for point in block.points
        for service in (
            *([terms.service(point.key, point, point.names)] if block.sells else ()),
            *(terms.service(f"{point.key}{SERVICE_MARK}{one.key}", one, one.names) for one in block.services),
        )
    ]


class _Terms(msgspec.Struct, frozen=True):
    """What the services of a block have in common."""

    valid_from: date
    hours: Mapping[str, Sequence[WrittenHours]]
    block: Block
    university: str

    def service(self, key: str, named: Named, names: dict[str, str]) -> NewService:
        terms = NewTerms(
            valid_from=self.valid_from,
            price=Open(amount_max=self.block.open_max) if named.fen is None else Fixed(named.fen),
            opens=read_hours(self.hours[self.block.hours]) if self.block.hours else (),
            audience=MEMBERS if self.block.members else "",
        )
        icon = named.icon or self.block.icon
        return NewService(key=key, sector=KIND, group=self.block.group, names=names, icon=icon, terms=(terms,))
