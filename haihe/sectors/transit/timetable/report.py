"""What came of an import: rows counted by file, faults with line and reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

FAULTS_LISTED_MAX: Final = 10_000
"""Faults beyond are counted, not listed: a wrong file of ten million rows must not become ten million sentences."""


class FaultyError(ValueError):
    """A row or file is wrong; the message is the reason that is listed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: the file, the line on which the row begins (1 is the header, 0 the file as a whole), the reason."""

    file: str
    line: int
    reason: str


@dataclass(slots=True)
class Count:
    """Rows of a file; read is kept plus faulty."""

    read: int = 0
    kept: int = 0
    faulty: int = 0


@dataclass(slots=True)
class Report:
    """Collects what happens to a feed; `changed` is the number of rows of the city that the import added or changed."""

    rows: dict[str, Count] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    faults_unlisted: int = 0
    faulty_files: set[str] = field(default_factory=set)
    ignored: list[str] = field(default_factory=list)
    changed: int = 0
    say: Callable[[str], None] = field(default=lambda _: None, repr=False, compare=False)
    """Tells a person how it goes."""

    def fault(self, file: str, line: int, reason: str) -> None:
        """List a fault."""
        self.faulty_files.add(file)
        if len(self.faults) < FAULTS_LISTED_MAX:
            self.faults.append(Fault(file, line, reason))
        else:
            self.faults_unlisted += 1

    def as_json(self) -> dict[str, object]:
        """Give the answer of `haihe import gtfs --json`."""
        return {
            "rows": {name: {"read": n.read, "kept": n.kept, "faulty": n.faulty} for name, n in self.rows.items()},
            "faults": [{"file": fault.file, "line": fault.line, "reason": fault.reason} for fault in self.faults],
            "faults_unlisted": self.faults_unlisted,
            "ignored": self.ignored,
            "changed": self.changed,
        }
