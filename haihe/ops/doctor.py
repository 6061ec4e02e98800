"""Looking whether a city is well, in words that say what to do."""

from __future__ import annotations

import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec
from typing import Final

import psycopg

from haihe.base.home import Home, HomeError
from haihe.base.settings import MIGRATIONS, VENDOR, Settings
from haihe.ops import lock
from haihe.ops.access import given_server, running_server
from haihe.ops.children import silent_services
from haihe.ops.city import City
from haihe.ops.migrate import MigrationError, applied_migrations, pending, read_migrations
from haihe.ops.postgres_binaries import PostgresError, wheel_binaries
from haihe.ops.postgres_place import orphaned_folders, read_record

FREE_BYTES_MIN: Final = 1 << 30
ANSWER_S: Final = 2


class State(Enum):
    """How it stands with one thing."""

    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing."""

    state: State
    subject: str
    text: str

    def as_json(self) -> dict[str, str]:
        """Give it as JSON."""
        return {"state": self.state.value, "subject": self.subject, "text": self.text}


def examine(settings: Settings, city: City) -> list[Finding]:
    """Look at everything; nothing is started or changed."""
    home = Home(settings.home)
    looks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _installation(city),
        lambda: _home(home),
        lambda: _disk(home),
        lambda: _city(settings, home),
        lambda: _database(settings, home),
        _forgotten,
    ]
    return [finding for look in looks for finding in _safely(look)]


def _safely(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except (HomeError, PostgresError, MigrationError, psycopg.Error, OSError) as error:
        yield Finding(State.WRONG, "haihe", str(error).strip())


def _installation(city: City) -> Iterator[Finding]:
    programs = wheel_binaries() / "postgres"
    yield _judge(programs.exists(), "PostgreSQL's programs", str(programs), "are missing; run make")
    vendor = VENDOR / "jsQR.js"
    yield _judge(vendor.exists(), "browser files", str(VENDOR), "are missing; run make")
    for service in city.services:
        there = find_spec(service.module) is not None
        yield _judge(there, f"service {service.name}", service.module, f"{service.module} cannot be imported")


def _home(home: Home) -> Iterator[Finding]:
    if not home.path.exists():
        yield Finding(State.NOTE, "home", f"{home.path} is not there yet; `haihe init` or `make run` makes it")
        return
    yield _private("home", home)
    if home.secrets_file.exists():
        home.secrets()
        mode = stat.S_IMODE(home.secrets_file.stat().st_mode)
        yield _judge(
            not mode & 0o077,
            "secrets",
            "complete and private",
            f"others can read {home.secrets_file}; run chmod 600 on it",
        )


def _private(subject: str, home: Home) -> Finding:
    mode = stat.S_IMODE(home.path.stat().st_mode)
    return _judge(
        not mode & 0o077, subject, f"{home.path}, private", f"others can enter {home.path}; run chmod 700 on it"
    )


def _disk(home: Home) -> Iterator[Finding]:
    folder = next(path for path in (home.path, *home.path.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    megabytes = f"{free // (1 << 20)} MB free at {folder}"
    yield _judge(free >= FREE_BYTES_MIN, "disk", megabytes, f"only {megabytes}")


def _city(settings: Settings, home: Home) -> Iterator[Finding]:
    runs = home.path.exists() and lock.is_held(home)
    yield Finding(State.WELL, "city", f"runs as process {lock.holder(home)}" if runs else "does not run")
    if runs:
        silent = ", ".join(silent_services(home))
        yield _judge(not silent, "services", "all answer", f"no answer from {silent}; see {home.logs}")
    else:
        free = _port_is_free(settings)
        taken = f"port {settings.port} is taken by another program; set HAIHE_PORT"
        yield _judge(free, "port", f"{settings.port} is free", taken)


def _port_is_free(settings: Settings) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
            probe.listen()
        except OSError:
            return False
    return True


def _database(settings: Settings, home: Home) -> Iterator[Finding]:
    access = given_server(settings)
    if access is None:
        record = read_record(home) if home.path.exists() else None
        if record and home.path.stat().st_uid == 0:
            yield Finding(
                State.NOTE,
                "data",
                f"in {record.folder}, not in the home: a copy of the home holds none; back it up with pg_dump",
            )
        if record is None or not lock.is_held(home):
            yield Finding(State.NOTE, "database", "the embedded PostgreSQL does not run now")
            return
        access = running_server(home)
    if access:
        with psycopg.connect(access.app_dsn, connect_timeout=ANSWER_S) as connection:
            yield Finding(State.WELL, "database", f"answers, PostgreSQL {connection.info.server_version // 10000}")
            waiting = pending(read_migrations(MIGRATIONS), applied_migrations(connection))
        names = ", ".join(migration.name for migration in waiting)
        yield _judge(not waiting, "migrations", "all applied", f"still to run: {names}; `haihe init` runs them")


def _forgotten() -> Iterator[Finding]:
    for folder in orphaned_folders():
        yield Finding(State.NOTE, "forgotten data", f"{folder} belongs to a home that is gone; `make clean` removes it")


def _judge(well: bool, subject: str, good: str, bad: str) -> Finding:
    return Finding(State.WELL, subject, good) if well else Finding(State.WRONG, subject, bad)
