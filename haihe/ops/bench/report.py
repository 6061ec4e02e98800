"""What a benchmark answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

SIGNIFICANT: Final = 4


@dataclass(frozen=True, slots=True)
class Baseline:
    """Something well known, measured in the same run on the same machine."""

    name: str
    figure: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with its unit, the conditions under which it was measured, and a baseline where one exists."""

    name: str
    figure: float
    unit: str
    conditions: Mapping[str, object]
    baseline: Baseline | None

    def as_json(self) -> dict[str, object]:
        """Give the form that programs rely on."""
        return asdict(self)

    def as_text(self) -> str:
        """Give the form that people read."""
        conditions = ", ".join(f"{name} {value}" for name, value in self.conditions.items())
        beside = f"\n  beside it: {self.baseline.name} {self.baseline.figure:,}" if self.baseline else ""
        return f"{self.name}: {self.figure:,} {self.unit}\n  conditions: {conditions}{beside}"


def rounded(figure: float) -> float:
    """Round to four digits: more would claim what no machine can repeat."""
    return float(f"{figure:.{SIGNIFICANT}g}")


def machine() -> dict[str, object]:
    """Say on what a figure was measured."""
    return {"cores": os.cpu_count() or 0}
