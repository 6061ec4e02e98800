from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from random import Random
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from haihe.sectors.transit.timetable import files, report as reports
from haihe.sectors.transit.timetable.files import FeedUnreadableError
from haihe.sectors.transit.timetable.reader import read_timetable
from haihe.sectors.transit.timetable.report import Fault, Report
from tests.feeds import GOOD, folder_feed, with_line, zip_feed

SWIFT_S = 4.0
"""Thirty thousand rows take half a second; compared with each other they take a minute."""


def faults(path: Path) -> list[tuple[str, int, str]]:
    return [(fault.file, fault.line, fault.reason) for fault in read_timetable(path)[1].faults]


def counts(report: Report) -> dict[str, tuple[int, int, int]]:
    return {name: (count.read, count.kept, count.faulty) for name, count in report.rows.items()}


def test_sound_feed_is_read_without_a_fault(tmp_path: Path):
    timetable, report = read_timetable(zip_feed(tmp_path / "feed.zip"))
    assert report.faults == []
    assert counts(report) == {
        "agency.txt": (1, 1, 0),
        "routes.txt": (2, 2, 0),
        "stops.txt": (3, 3, 0),
        "calendar.txt": (1, 1, 0),
        "trips.txt": (3, 3, 0),
        "stop_times.txt": (8, 8, 0),
    }
    assert timetable.routes["R1"].name == "Bridge, then station"
    assert timetable.courses["R1", 0].stops == ("S1", "S2", "S3")
    assert timetable.courses["R1", 0].length_m == pytest.approx(4770, abs=10)


@pytest.mark.parametrize("inside", ["", "feed/", "a/b/"])
def test_zip_folder_and_zip_of_a_folder_say_the_same(tmp_path: Path, inside: str):
    plain, _ = read_timetable(folder_feed(tmp_path / "feed"))
    packed, report = read_timetable(zip_feed(tmp_path / "feed.zip", inside=inside))
    assert packed == plain
    assert report.faults == []


BROKEN = [
    ("agency.txt", "A,Again,http://x.example,Asia/Shanghai,en", "agency_id 'A' stands twice"),
    ("agency.txt", "B,,http://x.example,Asia/Shanghai,en", "agency_name is empty"),
    ("routes.txt", "R1,A,9,Twice,3,", "route_id 'R1' stands twice"),
    ("routes.txt", "R3,Z,3,Nobody's,3,", "agency_id 'Z' is not in agency.txt"),
    ("routes.txt", "R3,A,,,3,", "the route has neither a short nor a long name"),
    ("routes.txt", "R3,A,3,Rocket,99,", "route_type 99 does not exist"),
    ("routes.txt", "R3,A,3,Rocket,bus,", "route_type 'bus' is not a whole number"),
    ("routes.txt", "R3,A,3", "3 values instead of 6"),
    ("stops.txt", "S1,Twice,39.1,117.2", "stop_id 'S1' stands twice"),
    ("stops.txt", "S4,Nowhere,91,117.2", "stop_lat '91' is not a number from -90 to 90"),
    ("stops.txt", "S4,Nowhere,39.1,181", "stop_lon '181' is not a number from -180 to 180"),
    ("stops.txt", "S4,Nowhere,north,117.2", "stop_lat 'north' is not a number from -90 to 90"),
    ("stops.txt", "S4,Nowhere,nan,117.2", "stop_lat 'nan' is not a number from -90 to 90"),
    ("stops.txt", "S4,Nowhere,0,0", "stop_lat and stop_lon are those of a place that was not measured"),
    ("stops.txt", "S4,,39.1,117.2", "stop_name is empty"),
    ("stops.txt", "S4,Too much,39.1,117.2,5", "5 values instead of 4"),
    ("stops.txt", "北" * 201 + ",Nowhere,39.1,117.2", "stop_id has more than 200 characters"),
    ("calendar.txt", "W,1,1,1,1,1,2,0,20260101,20261231", "saturday '2' is not one of 0, 1"),
    ("calendar.txt", "W,1,1,1,1,1,1,0,20260231,20261231", "start_date '20260231' is not a date like 20170629"),
    ("calendar.txt", "W,1,1,1,1,1,1,0,20260201,20260101", "end_date is before start_date"),
    ("trips.txt", "R9,DAILY,T4,0", "route_id 'R9' is not in routes.txt"),
    ("trips.txt", "R1,NEVER,T4,0", "service_id 'NEVER' is in no calendar"),
    ("trips.txt", "R1,DAILY,T1,0", "trip_id 'T1' stands twice"),
    ("trips.txt", "R1,DAILY,T4,2", "direction_id '2' is not one of 0, 1"),
    ("stop_times.txt", "T9,09:00:00,09:00:00,S1,1", "trip_id 'T9' is not in trips.txt"),
    ("stop_times.txt", "T3,09:00:00,09:00:00,S9,4", "stop_id 'S9' is not in stops.txt"),
    ("stop_times.txt", "T3,9:60:00,9:60:00,S1,4", "arrival_time '9:60:00' is not a time like 07:05:00"),
    ("stop_times.txt", "T3,09:00:00,08:59:00,S1,4", "departure_time is before arrival_time"),
    ("stop_times.txt", "T3,08:00:00,09:00:00,S1,4", "arrival_time is before the departure from an earlier stop"),
    ("stop_times.txt", "T3,09:00:00,09:00:00,S1,3", "stop_sequence 3 stands twice in the trip"),
    ("stop_times.txt", "T3,09:00:00,09:00:00,S1,-1", "stop_sequence '-1' is not a whole number"),
]


@pytest.mark.parametrize(("name", "row", "reason"), BROKEN)
def test_broken_row_is_listed_with_line_and_reason_and_the_rest_is_kept(
    tmp_path: Path, name: str, row: str, reason: str
):
    _, sound = read_timetable(folder_feed(tmp_path / "sound"))
    _, report = read_timetable(folder_feed(tmp_path / "broken", with_line(name, row)))
    assert report.faults == [Fault(name, len(GOOD[name].splitlines()) + 1, reason)]
    read, kept, faulty = counts(sound)[name]
    assert counts(report) == {**counts(sound), name: (read + 1, kept, faulty + 1)}


def test_what_refers_to_a_row_left_out_says_so(tmp_path: Path):
    changes = with_line("stops.txt", "S2,Market,939.12,117.21", at=3)
    assert faults(folder_feed(tmp_path / "feed", changes)) == [
        ("stops.txt", 3, "stop_lat '939.12' is not a number from -90 to 90"),
        ("stop_times.txt", 3, "stop_id 'S2' was left out of stops.txt"),
        ("stop_times.txt", 7, "stop_id 'S2' was left out of stops.txt"),
    ]


def test_parent_may_stand_below_its_stops_but_must_stand_somewhere(tmp_path: Path):
    stops = """\
stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station
S1,Bridge,39.10,117.20,,C
S2,Market,39.12,117.21,0,C
S3,Station,39.14,117.22,0,X
C,Centre,39.11,117.20,1,
"""
    changes = {"stops.txt": stops, "stop_times.txt": GOOD["stop_times.txt"].replace("S3", "C")}
    found = faults(folder_feed(tmp_path / "feed", changes))
    assert found[0] == ("stops.txt", 4, "parent_station 'X' is not in stops.txt")
    assert {reason for _, _, reason in found[1:]} == {"stop_id 'C' is a station, not a stop"}


def test_line_numbers_are_the_files_own(tmp_path: Path):
    routes = GOOD["routes.txt"] + '\nR3,A,3,"two\nlines",3,\n\nR4,A,4,x,77777,\n'
    _, report = read_timetable(folder_feed(tmp_path / "feed", {"routes.txt": routes}))
    assert [(fault.line, fault.reason) for fault in report.faults] == [(8, "route_type 77777 does not exist")]
    assert report.rows["routes.txt"].kept == 3


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"routes.txt": None}, ("routes.txt", 0, "the file is missing")),
        ({"routes.txt": ""}, ("routes.txt", 1, "the file is empty")),
        ({"routes.txt": "route_id,agency_id,route_short_name\nR1,A,1\n"}, ("routes.txt", 1, "column route_type is missing")),
        ({"routes.txt": "route_id,route_id,route_type\n"}, ("routes.txt", 1, "the header names a column twice or has too many")),
        ({"routes.txt": "route_id\xff".encode("utf-16")}, ("routes.txt", 1, "the header is not UTF-8 text")),
    ],
)  # fmt: skip
def test_file_that_is_wrong_as_a_whole_is_one_fault(
    tmp_path: Path, changes: Mapping[str, str | bytes | None], fault: tuple[str, int, str]
):
    found = faults(folder_feed(tmp_path / "feed", changes))
    assert [one for one in found if one[0] == "routes.txt"] == [fault]


def test_missing_calendars_are_one_fault_and_cost_no_trip(tmp_path: Path):
    _, report = read_timetable(folder_feed(tmp_path / "feed", {"calendar.txt": None}))
    assert [fault.reason for fault in report.faults] == ["neither calendar.txt nor calendar_dates.txt is there"]
    assert report.rows["trips.txt"].kept == 3


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"S4,\xc3\x28,39.1,117.2", "the line is not UTF-8"),
        ("S4,北站,39.1,117.2".encode("gb18030"), "the line is not UTF-8"),
        (b"S4,A\0B,39.1,117.2", "the row contains a NUL character or unreadable lines"),
        (b"S4," + b"x" * 70_000 + b",39.1,117.2", "the line is too long"),
    ],
)
def test_unreadable_line_costs_only_itself(tmp_path: Path, bad: bytes, reason: str):
    after = "\nS5,南站,39.15,117.2\n".encode()
    stops = b"\xef\xbb\xbf" + GOOD["stops.txt"].encode() + bad + after
    timetable, report = read_timetable(folder_feed(tmp_path / "feed", {"stops.txt": stops}))
    assert report.faults == [Fault("stops.txt", 5, reason)]
    assert timetable.stops["S5"].name == "南站"


def test_bomb_is_refused_before_it_is_unpacked(tmp_path: Path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in GOOD.items():
            archive.writestr(name, content)
        with archive.open("shapes.txt", "w", force_zip64=True) as member:
            for _ in range(64):
                member.write(bytes(1 << 20))
    with pytest.raises(FeedUnreadableError, match="bomb"):
        read_timetable(path)


def test_feed_larger_than_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "BYTES_MAX", 500)
    for path in (zip_feed(tmp_path / "feed.zip"), folder_feed(tmp_path / "feed")):
        with pytest.raises(FeedUnreadableError, match="bytes"):
            read_timetable(path)


def _not_a_zip(path: Path) -> Path:
    path.write_bytes(b"PK\x03\x04 but nothing behind it")
    return path


def _cut_off(path: Path) -> Path:
    zip_feed(path)
    path.write_bytes(path.read_bytes()[:-100])
    return path


def _patched(path: Path, *, local: tuple[int, bytes] | None = None, central: tuple[int, bytes] | None = None) -> Path:
    """Change bytes of all local or central headers of a sound zip."""
    zip_feed(path)
    content = bytearray(path.read_bytes())
    for signature, change in ((b"PK\3\4", local), (b"PK\1\2", central)):
        start = content.find(signature)
        while change is not None and start >= 0:
            offset, new = change
            content[start + offset : start + offset + len(new)] = new
            start = content.find(signature, start + 4)
    path.write_bytes(content)
    return path


def _of_a_version_to_come(path: Path) -> Path:
    return _patched(path, central=(6, b"\xc8\0"))


def _compressed_as_a_patch(path: Path) -> Path:
    return _patched(path, local=(6, b"\x20\0"), central=(8, b"\x20\0"))


def _named_in_no_encoding(path: Path) -> Path:
    """Say in the list of contents that names are UTF-8 where they are not."""
    _patched(path, central=(8, b"\0\x08"))
    path.write_bytes(path.read_bytes().replace(b"agency.txt", b"\xff\xfe\xff\xfe\xff\xfe.txt"))
    return path


def _no_timetable(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "Dear Sir")
    return path


def _two_folders(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for folder in ("a/", "b/"):
            archive.writestr(folder + "routes.txt", GOOD["routes.txt"])
    return path


def _damaged(path: Path) -> Path:
    zip_feed(path)
    content = bytearray(path.read_bytes())
    place = content.index(b"routes.txt") + len("routes.txt")
    content[place : place + 20] = bytes(20)
    path.write_bytes(content)
    return path


BAD_FILES = [
    lambda path: path, _not_a_zip, _cut_off, _no_timetable, _two_folders, _damaged,
    _of_a_version_to_come, _compressed_as_a_patch, _named_in_no_encoding,
]  # fmt: skip


@pytest.mark.parametrize("make", BAD_FILES)
def test_file_that_is_no_feed_is_refused_as_a_whole(tmp_path: Path, make):
    with pytest.raises(FeedUnreadableError):
        read_timetable(make(tmp_path / "feed.zip"))


def test_link_to_nowhere_is_a_missing_file_and_no_more(tmp_path: Path):
    folder = folder_feed(tmp_path / "feed", {"calendar.txt": None})
    for name in ("calendar.txt", "notes.txt"):
        (folder / name).symlink_to(tmp_path / "nowhere")
    timetable, report = read_timetable(folder)
    assert [fault.reason for fault in report.faults] == ["neither calendar.txt nor calendar_dates.txt is there"]
    assert timetable.routes.keys() == {"R1", "R2"}


@pytest.mark.parametrize("order", ["descending", "shuffled"])
def test_trip_of_very_many_rows_in_any_order_is_read_swiftly(tmp_path: Path, order: str):
    sequences = list(range(30_000, 0, -1))
    if order == "shuffled":
        Random(1).shuffle(sequences)
    rows = [f"T3,,,S{1 + sequence % 3},{sequence}" for sequence in (*sequences, 15_000)]
    stop_times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + "\n".join(rows)
    folder = folder_feed(tmp_path / "feed", {"stop_times.txt": stop_times})
    began = process_time()
    timetable, report = read_timetable(folder)
    assert process_time() - began < SWIFT_S
    assert [(fault.line, fault.reason) for fault in report.faults] == [
        (30_002, "stop_sequence 15000 stands twice in the trip")
    ]
    assert timetable.courses["R2", 0].stops[:4] == ("S2", "S3", "S1", "S2")


def test_place_that_comes_again_after_a_lower_one_is_found(tmp_path: Path):
    rows = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT3,,,S1,5\nT3,,,S2,3\nT3,,,S3,5\n"
    found = faults(folder_feed(tmp_path / "feed", {"stop_times.txt": rows}))
    assert found == [("stop_times.txt", 4, "stop_sequence 5 stands twice in the trip")]


def test_faults_beyond_the_limit_are_counted_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reports, "FAULTS_LISTED_MAX", 3)
    rows = "".join(f"S{number},Nowhere,99,99\n" for number in range(10, 20))
    _, report = read_timetable(folder_feed(tmp_path / "feed", {"stops.txt": GOOD["stops.txt"] + rows}))
    assert (len(report.faults), report.faults_unlisted, report.rows["stops.txt"].faulty) == (3, 7, 10)


def test_name_follows_publisher_and_companies_not_the_file(tmp_path: Path):
    other = {"agency.txt": GOOD["agency.txt"].replace("River", "Lake")}
    name = read_timetable(folder_feed(tmp_path / "a"))[0].name
    assert read_timetable(zip_feed(tmp_path / "b.zip"))[0].name == name
    assert read_timetable(folder_feed(tmp_path / "c", with_line("routes.txt", "R3,A,3,New,3,")))[0].name == name
    assert read_timetable(folder_feed(tmp_path / "d", other))[0].name != name
    assert read_timetable(folder_feed(tmp_path / "e"), name="mine")[0].name == "mine"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.sampled_from(sorted(GOOD)))
def test_nothing_in_a_file_makes_reading_fail(tmp_path: Path, junk: bytes, name: str):
    _, report = read_timetable(folder_feed(tmp_path / "feed", {name: GOOD[name].encode() + junk}))
    for count in report.rows.values():
        assert count.read == count.kept + count.faulty
