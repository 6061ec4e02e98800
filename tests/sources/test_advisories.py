"""No package that is pinned has a fault that was known when the snapshot was taken (`make advisories`)."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.sources.advisories import SNAPSHOT, Advisory, affected, is_affected, pins, read_advisory

ACCEPTED: dict[str, str] = {}
"""Ids of faults that do not touch us, each with the reason."""


def test_no_pinned_package_has_a_known_fault() -> None:
    snapshot = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    assert date.fromisoformat(snapshot["date"]) <= date.today()  # noqa: DTZ011 - a day is enough
    assert snapshot["advisories"].keys() <= pins().keys()
    assert not [line for line in affected(snapshot) if not any(known in line for known in ACCEPTED)]


def test_a_known_fault_would_be_found() -> None:
    snapshot = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    known = [one for advisories in snapshot["advisories"].values() for one in advisories]
    assert len(known) > 50
    assert [one for one in snapshot["advisories"]["jinja2"] if is_affected("2.11.2", one)]


@pytest.mark.parametrize(
    ("version", "has_it"), [("1.9", False), ("2.0", True), ("2.10", True), ("2.11", False), ("3.0", True), ("99", True)]
)
def test_ranges_begin_with_the_first_version_and_end_before_the_one_without(version: str, *, has_it: bool) -> None:
    advisory = Advisory(id="X", aliases=[], ranges=[("2.0", "2.11"), ("3.0", "")], versions=[])
    assert is_affected(version, advisory) is has_it


def test_an_advisory_is_read_as_the_database_writes_it() -> None:
    text = """
id: PYSEC-0000-1
affected:
- package: {name: Sample, ecosystem: PyPI}
  ranges:
  - {type: GIT, events: [{introduced: '0'}, {fixed: abcdef}]}
  - {type: ECOSYSTEM, events: [{introduced: '0'}, {fixed: 1.5}, {introduced: '2.0'}]}
  versions: ['1.4']
aliases: [CVE-2099-1]
"""
    found = read_advisory(text, "sample")
    assert found == Advisory(id="PYSEC-0000-1", aliases=["CVE-2099-1"], ranges=[("0", "1.5"), ("2.0", "")], versions=[])
    assert read_advisory(text + "withdrawn: '2099-01-01'\n", "sample") is None
