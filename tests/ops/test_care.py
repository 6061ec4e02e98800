"""`haihe doctor`, `clean`, `init` and `phone` as people use them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from haihe.base.home import Home
from haihe.ops.access import SCRATCH, SCRATCH_AGE_S, scratch_server
from haihe.ops.phone import ensure_certificate
from haihe.ops.postgres_place import read_record
from haihe.ops.postgres_settings import Purpose
from tests.cities import RunningCity, until


def examined(city: RunningCity) -> tuple[int, dict[str, str]]:
    code = city.start("doctor", "--json").end()
    report = json.loads(city.output())
    assert report["healthy"] == (code == 0)
    return code, {finding["subject"]: finding["state"] for finding in report["findings"]}


def test_doctor_finds_a_running_city_well(city: RunningCity, cities: Callable[..., RunningCity]):
    city.start().ready()
    code, states = examined(cities(city.home))
    assert code == 0
    assert {states[name] for name in ("city", "services", "database", "migrations", "secrets")} == {"well"}


def test_doctor_names_a_service_that_does_not_answer(city: RunningCity, cities: Callable[..., RunningCity]):
    city.start().ready()
    city.home.write_private(city.home.services.name, '{"files": "http://127.0.0.1:1"}')
    code, states = examined(cities(city.home))
    assert (code, states["services"]) == (1, "wrong")


def test_doctor_changes_nothing(home: Home, city: RunningCity):
    code, states = examined(city)
    assert (code, states["home"]) == (0, "note")
    assert not home.path.exists()


def test_doctor_names_secrets_that_others_can_read(home: Home, city: RunningCity):
    home.create().secrets()
    home.secrets_file.chmod(0o644)
    code, states = examined(city)
    assert (code, states["secrets"]) == (1, "wrong")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's data lives outside the home")
def test_data_whose_home_is_gone_is_listed_and_cleaned_away(city: RunningCity, cities: Callable[..., RunningCity]):
    city.start("init").end()
    record = read_record(city.home)
    assert record is not None
    shutil.rmtree(city.home.path)
    code, states = examined(cities(city.home))
    assert (code, states["forgotten data"]) == (0, "note")
    assert record.folder in clean(cities(city.home))
    assert not Path(record.folder).exists()


def clean(city: RunningCity) -> list[str]:
    assert city.start("clean", "--json").end() == 0
    return list(json.loads(city.output())["removed"])


def test_clean_removes_home_and_data(city: RunningCity, cities: Callable[..., RunningCity]):
    city.start("init").end()
    record = read_record(city.home)
    assert record is not None
    assert {record.folder, str(city.home.path)} <= set(clean(cities(city.home)))
    assert not city.home.path.exists()
    assert not Path(record.folder).exists()


def test_clean_refuses_while_the_city_runs(city: RunningCity, cities: Callable[..., RunningCity]):
    city.start().ready()
    assert cities(city.home).start("clean").end() == 3
    assert city.get("/rows").status_code == 200


def test_clean_never_removes_a_folder_that_is_no_home(home: Home, city: RunningCity):
    home.path.mkdir()
    (home.path / "thesis.txt").write_text("years of work")
    assert city.start("clean").end() == 3
    assert (home.path / "thesis.txt").exists()


def test_init_twice_changes_nothing_the_second_time(city: RunningCity):
    city.start("init", "--json").end()
    city.start("init", "--json").end()
    assert json.loads(city.output().splitlines()[-1])["migrations"] == []


def test_a_phone_gets_tls_and_a_drawn_address(city: RunningCity):
    city.start("phone")
    trusting = ssl._create_unverified_context()

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"https://127.0.0.1:{city.port}/readyz", context=trusting, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    until(answers, "ready over TLS")
    city.send(signal.SIGTERM)
    assert city.end() == 0
    assert "█" in city.output()
    assert f":{city.port}" in city.output()


def test_a_certificate_is_kept_for_its_address_and_made_anew_for_another(tmp_path: Path):
    home = Home(tmp_path / "home").create()
    first = ensure_certificate(home, "192.0.2.7").certificate.read_bytes()
    assert ensure_certificate(home, "192.0.2.7").certificate.read_bytes() == first
    assert ensure_certificate(home, "192.0.2.8").certificate.read_bytes() != first


def test_what_a_killed_run_left_is_swept_away(tmp_path: Path):
    forgotten, fresh = (Home(tmp_path / f"{SCRATCH}{name}").create() for name in ("forgotten", "fresh"))
    long_ago = time.time() - 2 * SCRATCH_AGE_S
    os.utime(forgotten.path, (long_ago, long_ago))
    with scratch_server(Purpose.TESTS, folder=tmp_path):
        assert not forgotten.path.exists()
        assert fresh.path.exists()
    assert list(tmp_path.iterdir()) == [fresh.path]
