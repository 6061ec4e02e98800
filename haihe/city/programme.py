"""What is written down about the city: facts with their sources (city.toml), and the programme's milestones (programme.toml)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec

from haihe.base.i18n import N_
from haihe.city.model import About, Fact, Milestone, Progress, Standing

MEASURES: Final[Mapping[str, str]] = {
    "registered": N_("people registered"),
    "payers": N_("people who paid this year"),
    "payments": N_("payments this year"),
    "organisations": N_("organisations that were paid"),
    "services": N_("services offered"),
    "stickers": N_("per cent of the buses with a sticker"),
}
"""What can measure a milestone, with the msgid of its unit. `of` names a kind ("bill") of payers and payments, and a kind of
organisation ("school") of organisations and services."""

Text = Annotated[str, msgspec.Meta(min_length=1)]
Names = Annotated[dict[str, Text], msgspec.Meta(min_length=1)]


class _Fact(msgspec.Struct, frozen=True, kw_only=True):
    value: int | str
    source: Text
    told: dict[str, Text] = {}


class _CityNames(msgspec.Struct, frozen=True):
    names: Names


class _CityFile(msgspec.Struct, frozen=True):
    city: _CityNames
    facts: dict[str, _Fact]


class _Milestone(msgspec.Struct, frozen=True, kw_only=True):
    key: Text
    names: Names
    measure: Text
    of: str = ""
    target: Annotated[int, msgspec.Meta(gt=0)]
    due: date


class _Programme(msgspec.Struct, frozen=True):
    milestone: list[_Milestone]


class ProgrammeFaultyError(ValueError):
    """A milestone asks for something that nobody measures."""


def read_about(folder: Path) -> About:
    """Read what is known of the city. Raises `msgspec.ValidationError` when the file says what cannot be."""
    file = msgspec.toml.decode((folder / "city.toml").read_bytes(), type=_CityFile)
    return About(file.city.names, _fact(file.facts["population"]), _fact(file.facts["registered"]))


def _fact(fact: _Fact) -> Fact:
    return Fact(int(fact.value), fact.told or {"en": fact.source})


def read_programme(folder: Path) -> list[Milestone]:
    """Read the milestones, in the order of their days. Raises `msgspec.ValidationError`, `ProgrammeFaultyError`."""
    file = msgspec.toml.decode((folder / "programme.toml").read_bytes(), type=_Programme)
    for one in file.milestone:
        if one.measure not in MEASURES:
            raise ProgrammeFaultyError(f"milestone {one.key}: nobody measures {one.measure!r}")
    found = [Milestone(one.key, one.names, one.measure, one.of, one.target, one.due) for one in file.milestone]
    return sorted(found, key=lambda milestone: (milestone.due, milestone.key))


def progress(milestone: Milestone, measured: int, *, today: date) -> Progress:
    """Tell how a milestone stands: reached, else overdue after its day, else under way."""
    if measured >= milestone.target:
        return Progress(milestone, measured, Standing.REACHED)
    standing = Standing.OVERDUE if today > milestone.due else Standing.UNDER_WAY
    return Progress(milestone, measured, standing)


def same_day_last_year(day: date) -> date:
    """Give the same day a year before; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
