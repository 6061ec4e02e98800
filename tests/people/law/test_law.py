"""The law as data: which rules hold on which day, how many checks a class needs, and what is refused as no law."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from haihe.people.law.model import FILE, LawFaultyError, read_law
from haihe.people.model import CitizenClass


@pytest.mark.parametrize(
    ("day", "static_fen", "source"),
    [
        (date(2015, 1, 1), None, "43/2015"),
        (date(2016, 7, 1), None, "43/2015"),
        (date(2018, 3, 31), None, "43/2015"),
        (date(2018, 4, 1), 500_00, "296/2017"),
        (date(2026, 1, 1), 500_00, "296/2017"),
    ],
)
def test_every_day_has_the_rules_that_were_in_force_with_their_source(
    day: date, static_fen: int | None, source: str
) -> None:
    rules = read_law().on(day)
    assert rules.day.static_code == static_fen
    assert source in rules.source
    assert (rules.day.one_factor, rules.day.two_factors) == (1_000_00, 5_000_00)
    assert rules.total == {"I": 1_000_00}
    assert rules.year == {"II": 100_000_00, "III": 200_000_00}


@pytest.mark.parametrize(
    ("checks", "citizen_class"),
    [(0, None), (1, "I"), (2, "I"), (3, "II"), (4, "II"), (5, "III"), (9, "III")],
)
def test_number_of_independent_checks_decides_the_class(checks: int, citizen_class: str | None) -> None:
    found = read_law().on(date(2026, 1, 1)).class_of(checks)
    assert found == (CitizenClass[citizen_class] if citizen_class else None)


@pytest.mark.parametrize(("right", "wrong"), [("2018-04-01", "2016-01-01"), ("III = 5", "IV = 5")])
def test_law_that_contradicts_itself_is_refused(tmp_path: Path, right: str, wrong: str) -> None:
    faulty = tmp_path / "limits.toml"
    faulty.write_text(FILE.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    with pytest.raises(LawFaultyError):
        read_law(faulty)
