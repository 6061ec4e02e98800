"""The index of stories names each story of the wallet once, and each with a test; that those exist is looked at by test_documents.py."""

from __future__ import annotations

import re

from haihe.base.settings import PROJECT

ROW = re.compile(r"^\| (W\d+) \|.*\|(.*)\|$", re.MULTILINE)
THREAT = re.compile(r"^\| (?!threat|---)(.+?) \| (.+) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`tests/[\w/]+\.py::test_\w+`")


def test_every_story_of_the_wallet_has_its_tests() -> None:
    rows = ROW.findall((PROJECT / "docs" / "stories.md").read_text(encoding="utf-8"))
    assert [story for story, _ in rows] == [f"W{number}" for number in range(1, 13)]
    assert all(TEST.search(tests) for _, tests in rows)


def test_every_threat_has_something_that_stops_it_and_a_test_that_shows_it() -> None:
    text = (PROJECT / "SECURITY.md").read_text(encoding="utf-8")
    threats = THREAT.findall(text.partition("## Threats")[2].partition("\n## ")[0])
    assert len(threats) > 20
    assert not [threat for threat, _, tests in threats if not TEST.search(tests)]
