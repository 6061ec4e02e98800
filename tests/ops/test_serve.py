"""The city as a process: it comes up from nothing, goes down cleanly, and survives what happens to machines."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from haihe.base.home import Home
from haihe.ops.postgres import DEATHS_MAX
from haihe.ops.postgres_place import read_record
from tests.cities import RunningCity, is_alive, until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's data lives outside the home")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def data_folder(home: Home) -> Path:
    record = read_record(home)
    assert record is not None
    return Path(record.folder) / "data18"


def test_fresh_start_makes_a_private_home_and_serves_as_the_restricted_role(city: RunningCity):
    city.start().ready()
    assert city.get("/whoami").text == "haihe_app 1"
    assert "server" not in city.get("/readyz").headers
    assert [mode(path) for path in (city.home.path, city.home.secrets_file, city.home.postgres)] == [
        0o700,
        0o600,
        0o600,
    ]
    files = [path for path in city.home.path.rglob("*") if path.is_file() or path.is_dir()]
    assert [path for path in files if mode(path) & 0o077] == []


def test_second_start_finds_everything_again(city: RunningCity):
    city.start().ready()
    before = city.home.secrets()
    city.send(signal.SIGTERM)
    assert city.end() == 0
    city.start().ready()
    assert city.get("/rows").text == "haihe_app 2"
    assert city.home.secrets() == before


@pytest.mark.parametrize(
    ("number", "group"),
    [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGHUP, False)],
)
def test_a_signal_ends_the_city_and_all_its_processes(city: RunningCity, number: signal.Signals, group: bool):
    city.start().ready()
    family = city.family()
    assert {process.name() for process in family} >= {"postgres"}
    city.send(number, group=group)
    assert city.end() == 0
    assert [process for process in family if is_alive(process)] == []
    assert (city.home.path / "left").exists(), "the application was not told"
    assert "Haihe has stopped." in city.output()


def test_open_streams_end_when_the_city_goes_down(city: RunningCity):
    city.start().ready()
    with httpx.stream("GET", f"http://127.0.0.1:{city.port}/stream", timeout=30, trust_env=False) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "begin"
        city.send(signal.SIGTERM)
        assert next(lines) == "end"
    assert city.end() == 0


@pytest.mark.parametrize("after_s", [0.05, 0.4, 0.8, 1.2])
def test_a_signal_during_the_start_leaves_nothing_running_and_the_next_start_works(
    home: Home, cities: Callable[..., RunningCity], after_s: float
):
    city = cities(home, STAND_IN_PAUSE_S="20").start()
    time.sleep(after_s)
    family = city.family()
    city.send(signal.SIGTERM, group=True)
    city.end()
    until(lambda: not any(map(is_alive, family)), "everything ended")
    cities(home).start().ready()


def test_after_kill_9_of_the_group_nothing_stays_and_the_next_start_works(city: RunningCity):
    city.start().ready()
    family = city.family()
    city.send(signal.SIGKILL, group=True)
    city.end()
    city.start().ready()
    until(lambda: not any(map(is_alive, family)), "every process of the killed city has ended")
    assert city.get("/rows").text == "haihe_app 2"


def test_a_stale_pid_that_belongs_to_somebody_else_by_now_does_not_matter(city: RunningCity):
    city.start().ready()
    postgres = city.postgres()
    city.send(signal.SIGSTOP)  # so that it does not start the server again
    family = city.family()
    postgres.kill()
    city.send(signal.SIGKILL)
    city.end()
    until(lambda: not any(map(is_alive, family)), "everything ended")
    note = data_folder(city.home) / "postmaster.pid"
    lines = note.read_text().splitlines()
    note.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    lock = next(Path(lines[4]).glob(".s.PGSQL.*.lock"))
    lock.write_text("\n".join([str(os.getpid()), *lock.read_text().splitlines()[1:]]) + "\n")
    city.start().ready()
    assert city.get("/rows").text == "haihe_app 2"


def test_a_server_that_outlived_its_city_is_stopped_first(city: RunningCity, cities: Callable[..., RunningCity]):
    city.start().ready()
    postgres = city.postgres()
    postgres.suspend()  # it cannot obey when the kernel tells it that the city died
    city.send(signal.SIGKILL)
    city.end()
    later = cities(city.home).start()
    resume = threading.Timer(1.0, postgres.resume)
    resume.start()
    later.ready()
    resume.join()
    assert not is_alive(postgres)


def test_postgres_killed_is_started_again_and_nothing_is_lost(city: RunningCity):
    city.start().ready()
    for _ in range(DEATHS_MAX - 2):
        dead = city.postgres()
        dead.kill()
        until(lambda dead=dead: not is_alive(dead) and city.get("/rows").status_code == 200, "answers again")  # type: ignore[misc]
    assert city.get("/rows").text == "haihe_app 1"
    assert city.the_process.poll() is None


def test_a_postgres_that_keeps_dying_ends_the_city(city: RunningCity):
    city.start().ready()
    family = city.family()

    def ended() -> bool:
        with contextlib.suppress(StopIteration, psutil.Error):
            city.postgres().kill()
        return city.the_process.poll() is not None

    until(ended, "gives up")
    assert city.end() == 3
    assert f"died {DEATHS_MAX} times" in city.output()
    assert [process for process in family if is_alive(process)] == []


def test_a_service_that_dies_comes_back_at_the_same_address(city: RunningCity):
    city.start().ready()
    address = city.get("/service").text
    service = next(process for process in city.family() if "http.server" in process.cmdline())
    assert httpx.get(address, trust_env=False).status_code == 200
    service.kill()
    until(lambda: not is_alive(service), "dead")

    def back() -> bool:
        try:
            return httpx.get(address, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    until(back, "the service answers again")


def test_two_homes_run_side_by_side(homes: Callable[[], Home], cities: Callable[..., RunningCity]):
    both = [cities(homes()).start(), cities(homes()).start()]
    for city in both:
        city.ready()
    assert [city.get("/rows").text for city in both] == ["haihe_app 1"] * 2
    assert data_folder(both[0].home) != data_folder(both[1].home)


def test_a_second_city_in_the_same_home_is_refused_in_one_line(city: RunningCity, cities: Callable[..., RunningCity]):
    city.start().ready()
    second = cities(city.home).start()
    assert second.end() == 3
    assert second.output().count("\n") == 1
    assert city.get("/readyz").status_code == 200


def test_a_taken_port_is_refused_in_one_line_and_leaves_nothing_running(city: RunningCity):
    with socket.create_server(("127.0.0.1", city.port)):
        city.start()
        assert city.end() == 3
    output = city.output()
    assert "HAIHE_PORT" in output
    assert output.count("\n") == 1


def test_a_wrong_setting_is_refused_in_one_line(home: Home, cities: Callable[..., RunningCity]):
    city = cities(home, HAIHE_PORT="eighty").start()
    assert city.end() == 2
    assert city.output() == "haihe: HAIHE_PORT must be a whole number from 1 to 65535, not 'eighty'\n"


def test_a_home_with_a_long_path_and_spaces_works(home: Home, cities: Callable[..., RunningCity]):
    long = Home(home.path / "a folder with spaces" / ("x" * 100) / "var")
    city = cities(long).start().ready()
    assert city.get("/whoami").text == "haihe_app 1"


def test_an_emptied_home_starts_a_new_city(city: RunningCity):
    city.start().ready()
    city.send(signal.SIGTERM)
    city.end()
    old_data, old_secrets = data_folder(city.home), city.home.secrets()
    for path in city.home.path.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    city.start().ready()
    assert city.get("/rows").text == "haihe_app 1"
    assert city.home.secrets() != old_secrets
    shutil.rmtree(old_data.parent, ignore_errors=os.geteuid() != 0)


def test_lost_data_is_never_silently_replaced(city: RunningCity):
    city.start().ready()
    city.send(signal.SIGTERM)
    city.end()
    shutil.rmtree(data_folder(city.home))
    city.start()
    assert city.end() == 3
    assert "gone" in city.output()


@as_root
def test_a_copied_home_of_root_is_refused(city: RunningCity, cities: Callable[..., RunningCity]):
    city.start().ready()
    city.send(signal.SIGTERM)
    city.end()
    copy = Home(city.home.path.with_name("copy"))
    shutil.copytree(city.home.path, copy.path)
    other = cities(copy).start()
    assert other.end() == 3
    assert "copy" in other.output()


@as_root
def test_a_moved_home_of_root_keeps_its_data(city: RunningCity, cities: Callable[..., RunningCity]):
    city.start().ready()
    city.send(signal.SIGTERM)
    city.end()
    moved = Home(city.home.path.with_name("moved"))
    city.home.path.rename(moved.path)
    other = cities(moved).start().ready()
    assert other.get("/rows").text == "haihe_app 2"


@as_root
def test_root_may_run_it_where_only_root_can_look(city: RunningCity):
    city.home.path.parent.chmod(0o700)
    city.start().ready()
    assert city.postgres().username() == "nobody"
    assert mode(data_folder(city.home)) == 0o700
    assert mode(data_folder(city.home).parent) == 0o700


def test_other_users_cannot_reach_the_database(city: RunningCity):
    city.start().ready()
    record = read_record(city.home)
    assert record is not None
    assert mode(Path(record.socket)) == 0o700
    addresses = {connection.laddr.port for connection in city.postgres().net_connections("inet")}
    assert addresses == set(), "it must not listen on the network"


def test_a_command_beside_the_running_city_uses_its_database(city: RunningCity, cities: Callable[..., RunningCity]):
    city.start().ready()
    beside = cities(city.home).start("init", "--json")
    assert beside.end() == 0
    assert city.get("/rows").text == "haihe_app 2"
    with psycopg.connect(city.access().owner_dsn) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("haihe_owner",)


def test_a_command_without_a_running_city_starts_the_database_for_the_moment(city: RunningCity):
    assert city.start("init").end() == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(city.access().owner_dsn)
    city.start().ready()
    assert city.get("/rows").text == "haihe_app 2"
