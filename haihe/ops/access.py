"""A way to the database for every command: the running city's, a server given by URL, or one started for the moment."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo

from haihe.base.home import Home, HomeError
from haihe.base.settings import Settings
from haihe.ops import lock
from haihe.ops.city import Context
from haihe.ops.databases import (
    APP,
    MAINTENANCE,
    OWNER,
    app_dsn_for,
    app_password,
    create_database,
    drop_database,
    ensure_city_database,
    with_database,
)
from haihe.ops.postgres import DATABASE, EmbeddedPostgres
from haihe.ops.postgres_binaries import PostgresError
from haihe.ops.postgres_place import read_record, remove_place
from haihe.ops.postgres_settings import Purpose

NEIGHBOUR_WAIT_S: Final = 30.0
"""How long to wait for a city that is just starting."""
GUEST_WAIT_S: Final = 60.0
SCRATCH: Final = "haihe-scratch-"
SCRATCH_AGE_S: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Connection strings: of the owner (migrations, partitions, verification) and of the restricted role.

    password: of the restricted role, None on the embedded server.
    """

    owner_dsn: str
    app_dsn: str
    password: str | None = None

    def database(self, name: str) -> Access:
        """Give the access to another database of the same server."""
        return Access(
            owner_dsn=with_database(self.owner_dsn, name),
            app_dsn=with_database(self.app_dsn, name),
            password=self.password,
        )


def given_server(settings: Settings) -> Access | None:
    """Give the access to the server that HAIHE_DATABASE names, or None without one."""
    if settings.database is None:
        return None
    home = Home(settings.home).create()
    password = app_password(settings.database, home_key=home.secrets().token_key)
    app_dsn = app_dsn_for(settings.database, password=password)
    return Access(owner_dsn=make_conninfo(settings.database), app_dsn=app_dsn, password=password)


@contextlib.contextmanager
def own_server(postgres: EmbeddedPostgres) -> Iterator[Access]:
    """Run an embedded server with the city's database for the duration; the caller holds the home's lock."""
    try:
        postgres.start()
        ensure_city_database(postgres.dsn(OWNER, MAINTENANCE), DATABASE)
        yield Access(owner_dsn=postgres.owner_dsn, app_dsn=postgres.app_dsn)
    finally:
        postgres.stop()


@contextlib.contextmanager
def open_city(settings: Settings, *, say: Callable[[str], None] = lambda _: None) -> Iterator[Access]:
    """Reach the city's database from a command, whether the city runs or not.

    HAIHE_DATABASE wins; else the running city's server; else the embedded one is started and stopped again. It is not
    migrated here (`haihe.ops.migrate`). Raises HomeError, PostgresError, psycopg.Error.
    """
    if given := given_server(settings):
        yield given
        return
    home = Home(settings.home).create()
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock.hold(home))
        except HomeError:
            stack.enter_context(lock.visit(home))
            yield _neighbour(home)
            return
        postgres = EmbeddedPostgres(home, say=say)
        access = stack.enter_context(own_server(postgres))
        stack.callback(lock.see_off, home, wait_s=GUEST_WAIT_S)
        yield access


def _neighbour(home: Home) -> Access:
    """Reach the server of the process that holds the home; it may be just starting."""
    latest = time.monotonic() + NEIGHBOUR_WAIT_S
    while True:
        access = running_server(home)
        if access and _answers(access.owner_dsn):
            return access
        if time.monotonic() > latest:
            raise HomeError(f"{home.path} is in use, but its database does not answer")
        time.sleep(0.1)


def running_server(home: Home) -> Access | None:
    """Tell how to reach the embedded server of a home, whether it runs or not; None when the home has none."""
    record = read_record(home)
    if record is None:
        return None
    common = make_conninfo(host=record.socket, port=record.port, dbname=DATABASE)
    return Access(owner_dsn=make_conninfo(common, user=OWNER), app_dsn=make_conninfo(common, user=APP))


def _answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def scratch_server(purpose: Purpose, *, folder: Path | None = None) -> Iterator[Access]:
    """Run an embedded server of its own in a temporary home, beside any city, and remove it with its data afterwards.

    folder: where an ordinary user's data goes, the system's temporary folder without one, which may be memory instead of a
    disk. What killed runs left there is removed first.
    """
    parent = folder or Path(tempfile.gettempdir())
    _sweep(parent)
    home = Home(Path(tempfile.mkdtemp(prefix=SCRATCH, dir=parent))).create()
    try:
        with lock.hold(home):
            postgres = EmbeddedPostgres(home, purpose=purpose, give_up=lambda: None)
            try:
                with own_server(postgres) as access:
                    yield access
            finally:
                postgres.remove()
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove the scratch homes of killed runs: old enough that nobody is just making them, and held by nobody."""
    for path in parent.glob(f"{SCRATCH}*"):
        with contextlib.suppress(OSError, PostgresError):
            home, status = Home(path), path.lstat()
            mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
            if mine and time.time() - status.st_mtime > SCRATCH_AGE_S and not lock.is_held(home):
                if record := read_record(home):
                    remove_place(Path(record.folder), Path(record.socket))
                shutil.rmtree(path)


@contextlib.contextmanager
def scratch_database(server: Access) -> Iterator[Access]:
    """Create an empty database beside the others of a server and drop it afterwards."""
    name = f"haihe_scratch_{secrets.token_hex(6)}"
    create_database(server.owner_dsn, name)
    try:
        yield server.database(name)
    finally:
        drop_database(server.owner_dsn, name)


@contextlib.contextmanager
def scratch(settings: Settings, purpose: Purpose) -> Iterator[Access]:
    """Give an empty database for a benchmark: on the server of HAIHE_DATABASE, else on an embedded one of its own."""
    with contextlib.ExitStack() as stack:
        server = given_server(settings)
        if server is None:
            folder = Home(settings.home).create().path  # on the disk that the city would use
            server = stack.enter_context(scratch_server(purpose, folder=folder))
        yield stack.enter_context(scratch_database(server))


def context_of(
    settings: Settings,
    access: Access,
    *,
    services: Mapping[str, str] = MappingProxyType({}),
    say: Callable[[str], None] = lambda _: None,
) -> Context:
    """Make what the services of a process stand on; a command reaches no service beside the city."""
    home = Home(settings.home).create()
    return Context(
        settings=settings,
        home=home,
        secrets=home.secrets(),
        owner_dsn=access.owner_dsn,
        app_dsn=access.app_dsn,
        services=services,
        say=say,
    )
