"""`haihe import gtfs` as people run it: on a home that is not there yet, then again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from haihe.base.home import Home
from tests.feeds import GOOD, folder_feed, with_line, zip_feed


def haihe(home: Home, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HAIHE_HOME": str(home.path), "HAIHE_PORT": "8099"}
    return subprocess.run(
        [sys.executable, "-P", "-m", "haihe", *map(str, arguments)],
        env=environment, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip


def imported(home: Home, *arguments: str | Path) -> dict[str, Any]:
    done = haihe(home, "import", "gtfs", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_import_starts_its_database_and_lists_what_is_wrong(home: Home, tmp_path: Path):
    feed = zip_feed(tmp_path / "feed.zip", with_line("stops.txt", "S4,Nowhere,99,117"))
    answer = imported(home, feed, "--vehicles", "2")
    assert answer["rows"]["stops.txt"] == {"read": 4, "kept": 3, "faulty": 1}
    assert answer["faults"] == [
        {"file": "stops.txt", "line": 5, "reason": "stop_lat '99' is not a number from -90 to 90"}
    ]
    assert answer["changed"] > 0
    demo = json.loads(home.demo.read_text())
    assert "River Buses" in {sticker["payee"] for sticker in demo["stickers"]}
    assert "River Buses" in {member["organisation"] for member in demo["staff"]}
    other = folder_feed(tmp_path / "other", {"agency.txt": GOOD["agency.txt"].replace("River", "Lake")})
    assert imported(home, other)["changed"] > 0
    assert imported(home, feed, "--vehicles", "2")["changed"] == 0


def test_wrong_file_or_option_has_an_exit_code_of_its_own(home: Home, tmp_path: Path):
    nothing = tmp_path / "nothing.zip"
    nothing.write_bytes(b"no zip")
    assert haihe(home, "import", "gtfs", zip_feed(tmp_path / "feed.zip"), "--vehicles", "-1").returncode == 2
    assert haihe(home, "import", "gtfs", zip_feed(tmp_path / "feed.zip"), "--class", "golden").returncode == 2
    assert haihe(home, "import", "boats", nothing).returncode == 2
    badly_named = haihe(home, "import", "gtfs", zip_feed(tmp_path / "feed.zip"), "--feed", "river\udcff")
    assert badly_named.returncode == 2
    assert "plain text" in badly_named.stderr
    done = haihe(home, "import", "gtfs", nothing)
    assert (done.returncode, done.stdout) == (3, "")
    assert "no zip file" in done.stderr
