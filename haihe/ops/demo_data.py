"""The demo city as data: what stands in demo/tianjin, read and checked.

What the files say about themselves (sources, confidence, placeholders) is for people and ignored here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from haihe.base.settings import PROJECT

TIANJIN: Final = PROJECT / "demo" / "tianjin"
FILES: Final = ("tariffs.toml", "bus_company.toml", "citizens.toml")


class TariffData(msgspec.Struct, frozen=True, kw_only=True, rename={"line_class": "class"}):
    """A fare in fen by class of line (`ordinary-long` and so on) from a day on."""

    line_class: str
    valid_from: date
    fare: int


class CompanyData(msgspec.Struct, frozen=True, kw_only=True):
    """The bus company."""

    key: str
    names: dict[str, str]
    category: int


class StaffData(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff; the password is made in each home."""

    login: str
    name: str
    role: str
    language: str


class LineData(msgspec.Struct, frozen=True, kw_only=True, rename={"line_class": "class"}):
    """A line with the plates of its buses; class `air-conditioned` or `ordinary` (by length)."""

    key: str
    number: str
    names: dict[str, str]
    line_class: str
    length_m: int
    colour: str
    plates: list[str]


class FirstData(msgspec.Struct, frozen=True, kw_only=True, rename={"citizen_class": "class"}):
    """The citizens for trying things out: adults of these birth years, with opening money in fen."""

    count: int
    citizen_class: str
    born_from: int
    born_to: int
    opening_min: int
    opening_max: int


class OthersData(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody else; `classes` are shares in per cent."""

    born_from: int
    born_to: int
    opening_min: int
    opening_max: int
    classes: dict[str, int]


class ListedData(msgspec.Struct, frozen=True, kw_only=True):
    """How many citizens demo.json lists."""

    count: int


class NamesData(msgspec.Struct, frozen=True, kw_only=True):
    """Characters that names are made of."""

    surnames: str
    given: str


class PopulationData(msgspec.Struct, frozen=True, kw_only=True):
    """How the citizens are made."""

    seed: int
    count: int
    region: str
    phone_start: int
    first: FirstData
    others: OthersData
    listed: ListedData
    names: NamesData


class _Tariffs(msgspec.Struct, frozen=True, kw_only=True):
    tariff: list[TariffData]


class _BusCompany(msgspec.Struct, frozen=True, kw_only=True):
    feed: str
    company: CompanyData
    staff: list[StaffData]
    line: list[LineData]


class DemoData(msgspec.Struct, frozen=True, kw_only=True):
    """The whole demo city; `digest` changes with any file of its `folder`."""

    tariffs: list[TariffData]
    feed: str
    company: CompanyData
    staff: list[StaffData]
    lines: list[LineData]
    population: PopulationData
    digest: str
    folder: Path


def read_demo(folder: Path = TIANJIN, *, changes: Mapping[str, object] | None = None) -> DemoData:
    """Read a demo city. Raises `msgspec.ValidationError` when a file says what cannot be.

    `changes` replace values of the population, such as its count in a test.
    """
    texts = {name: (folder / name).read_bytes() for name in FILES}
    company = msgspec.toml.decode(texts["bus_company.toml"], type=_BusCompany)
    population = msgspec.toml.decode(texts["citizens.toml"], type=PopulationData)
    everything = [path.read_bytes() for path in sorted(folder.glob("*.toml"))]
    total = hashlib.sha256(b"\0".join([*everything, repr(sorted((changes or {}).items())).encode()]))
    return DemoData(
        tariffs=msgspec.toml.decode(texts["tariffs.toml"], type=_Tariffs).tariff,
        feed=company.feed,
        company=company.company,
        staff=company.staff,
        lines=company.line,
        population=msgspec.structs.replace(population, **(changes or {})),
        digest=total.hexdigest()[:16],
        folder=folder,
    )
