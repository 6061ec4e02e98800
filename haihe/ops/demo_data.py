"""The demo city as data: what stands in demo/tianjin, read and checked.

What the files say about themselves (sources, confidence, placeholders) is for people and ignored here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from haihe.base.settings import PROJECT

TIANJIN: Final = PROJECT / "demo" / "tianjin"
POPULATION: Final = "citizens.toml"


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


class DemoData(msgspec.Struct, frozen=True, kw_only=True):
    """The demo city: its people, and the `folder` from which every sector reads its own; `digest` changes with any file of it."""

    population: PopulationData
    digest: str
    folder: Path


def read_demo(folder: Path = TIANJIN, *, changes: Mapping[str, object] | None = None) -> DemoData:
    """Read a demo city. Raises `msgspec.ValidationError` when the people's file says what cannot be.

    `changes` replace values of the population, such as its count in a test.
    """
    population = msgspec.toml.decode((folder / POPULATION).read_bytes(), type=PopulationData)
    everything = [path.read_bytes() for path in sorted(folder.glob("*.toml"))]
    total = hashlib.sha256(b"\0".join([*everything, repr(sorted((changes or {}).items())).encode()]))
    return DemoData(
        population=msgspec.structs.replace(population, **(changes or {})), digest=total.hexdigest()[:16], folder=folder
    )
