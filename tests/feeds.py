"""A small timetable of our own, to be changed by tests."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

GOOD: Mapping[str, str] = {
    "agency.txt": """\
agency_id,agency_name,agency_url,agency_timezone,agency_lang
A,River Buses,http://river.example,Asia/Shanghai,en
""",
    "routes.txt": """\
route_id,agency_id,route_short_name,route_long_name,route_type,route_color
R1,A,1,"Bridge, then station",3,00FF00
R2,A,2,Harbour,3,
""",
    "stops.txt": """\
stop_id,stop_name,stop_lat,stop_lon
S1,Bridge,39.10,117.20
S2,Market,39.12,117.21
S3,Station,39.14,117.22
""",
    "calendar.txt": """\
service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date
DAILY,1,1,1,1,1,1,1,20260101,20261231
""",
    "trips.txt": """\
route_id,service_id,trip_id,direction_id
R1,DAILY,T1,0
R1,DAILY,T2,1
R2,DAILY,T3,0
""",
    "stop_times.txt": """\
trip_id,arrival_time,departure_time,stop_id,stop_sequence
T1,07:00:00,07:00:00,S1,1
T1,07:05:00,07:06:00,S2,2
T1,07:10:00,07:10:00,S3,3
T2,23:55:00,23:55:00,S3,1
T2,24:05:00,24:05:00,S1,2
T3,08:00:00,08:00:00,S2,1
T3,,,S3,2
T3,08:30:00,08:30:00,S1,3
""",
}


def folder_feed(folder: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the feed into a folder; `changes` replace files, None leaves one out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**GOOD, **(changes or {})}.items():
        if content is not None:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def zip_feed(path: Path, changes: Mapping[str, str | bytes | None] | None = None, *, inside: str = "") -> Path:
    """Write the feed as a zip, if wished inside a folder of it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**GOOD, **(changes or {})}.items():
            if content is not None:
                archive.writestr(inside + name, content)
    return path


def with_line(name: str, row: str, *, at: int | None = None) -> dict[str, str]:
    """Give a changed file: with a row more at its end, or in place of line `at` (the header is 1)."""
    lines = GOOD[name].splitlines()
    if at is None:
        lines.append(row)
    else:
        lines[at - 1] = row
    return {name: "\n".join(lines) + "\n"}
