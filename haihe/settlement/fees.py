"""Reads what the city keeps of takings: dated data, a file of the city's folder."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec

from haihe.settlement.model import FeeTable
from haihe.settlement.rules import BASIS

FEES: Final = "fees.toml"


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    kinds: list[str]
    valid_from: date
    basis_points: Annotated[int, msgspec.Meta(ge=0, le=BASIS)]


class _File(msgspec.Struct, frozen=True, kw_only=True):
    fee: list[_Entry]


def read_fees(folder: Path) -> FeeTable:
    """Read fees.toml of a city's folder. Raises `msgspec.ValidationError` for what cannot be, ValueError for two fees of one day."""
    file = msgspec.toml.decode((folder / FEES).read_bytes(), type=_File)
    entries: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for entry in file.fee:
        for kind in entry.kinds:
            entries[kind].append((entry.valid_from, entry.basis_points))
    for kind, dated in entries.items():
        dated.sort()
        if len({since for since, _ in dated}) < len(dated):
            raise ValueError(f"{FEES}: {kind} has two fees from one day on")
    return FeeTable(dict(entries))
