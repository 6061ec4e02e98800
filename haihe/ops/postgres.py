"""The embedded PostgreSQL: made, started, watched, started again when it dies, and stopped with the city."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import psutil
from psycopg.conninfo import make_conninfo

from haihe.base.home import Home
from haihe.ops.postgres_binaries import PostgresError
from haihe.ops.postgres_place import PORT, Place, find_place, read_record, remove_place, write_record
from haihe.ops.postgres_settings import APP, OWNER, SEGMENT_MB, Purpose, host_based_access, identities, options
from haihe.ops.processes import ENVIRONMENT, Child, is_at_work, process_at, start_child, works_in

READY_WAIT_S: Final = 120.0
"""Recovery after a crash may take its time."""
ORPHAN_WAIT_S: Final = 20.0
POLL_S: Final = 0.01
DEATHS_MAX: Final = 5
DEATHS_WINDOW_S: Final = 60.0
DATABASE: Final = "haihe"
PAST_PID: Final = "PG_GRANDPARENT_PID"
STOP_STEPS: Final = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))
"""Fast shutdown, then immediate: recovery repeats the log at the next start."""


def _say_nothing(_: str) -> None:
    pass


@dataclass(slots=True)
class EmbeddedPostgres:
    """One PostgreSQL server under a home.

    The caller holds the home's lock. `start` and `stop` belong to one thread that lives as long as the server; the watcher
    starts a dead server again and calls `give_up` after `deaths_max` deaths within DEATHS_WINDOW_S.
    """

    home: Home
    purpose: Purpose = Purpose.CITY
    say: Callable[[str], None] = _say_nothing
    give_up: Callable[[], None] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    deaths_max: int = DEATHS_MAX
    place: Place = field(init=False)
    failure: str | None = field(default=None, init=False)
    deaths: int = field(default=0, init=False)
    _child: Child | None = field(default=None, init=False)
    _watcher: threading.Thread | None = field(default=None, init=False)
    _leaving: threading.Event = field(default_factory=threading.Event, init=False)
    _changing: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self.place = find_place(self.home)

    @property
    def owner_dsn(self) -> str:
        """Connection string of the owner, for migrations and partitions."""
        return self.dsn(OWNER)

    @property
    def app_dsn(self) -> str:
        """Connection string of the restricted role, for everything else."""
        return self.dsn(APP)

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """Write a connection string for a role and a database of this server."""
        return make_conninfo(host=str(self.place.socket), port=PORT, user=role, dbname=database)

    @property
    def pid(self) -> int | None:
        """Number of the server's process while it lives."""
        return self._child.pid if self._child and self._child.process.poll() is None else None

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home.logs / "postgres.log"

    def start(self) -> None:
        """Make the data if there is none, start the server, wait until it answers, and watch it. Raises PostgresError."""
        _stop_orphans(self.place)
        if not (self.place.data / "PG_VERSION").exists():
            self.say("making the database")
            _make_data(self.place, self.purpose, self.log)
        record = read_record(self.home)
        if record and not record.made:
            write_record(self.home, replace(record, made=True))
        self._launch()
        self._watcher = threading.Thread(target=self._watch, name="postgres-watcher", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stop the server; harmless when it does not run."""
        self._leaving.set()
        with self._changing:  # a server that is being started again gives way at once
            if self._child:
                self._child.stop(*STOP_STEPS)
        if self._watcher and self._watcher is not threading.current_thread():
            self._watcher.join()

    def remove(self) -> None:
        """Remove the data for good, after `stop`."""
        remove_place(self.place.folder, self.place.socket)

    def _launch(self) -> None:
        command: list[str | Path] = [
            self.place.binaries / "postgres",
            "-D",
            self.place.data,
            "-k",
            self.place.socket,
            "-p",
            str(PORT),
        ]
        command += options(self.purpose)
        self._child = start_child(
            command,
            log=self.log,
            identity=self.place.identity,
            environment={**ENVIRONMENT, **_past_pid(self.place)},
            death_signal=signal.SIGINT,
        )
        self._wait_until_ready(self._child)

    def _wait_until_ready(self, child: Child) -> None:
        latest = time.monotonic() + READY_WAIT_S
        while not _is_ready(self.place, child.pid):
            if child.process.poll() is not None:
                raise PostgresError(f"PostgreSQL ended with code {child.process.returncode}; see {self.log}")
            if self._leaving.is_set() or time.monotonic() > latest:
                child.stop(*STOP_STEPS)
                raise PostgresError(f"PostgreSQL was not ready after {READY_WAIT_S:.0f} s; see {self.log}")
            time.sleep(POLL_S)

    def _watch(self) -> None:
        """Wait for the server's end and start it again; runs in its own thread, which lives as long as the city."""
        recent: deque[float] = deque(maxlen=self.deaths_max)
        while self._child:
            self._child.process.wait()
            if self._leaving.is_set():
                return
            self.deaths += 1
            recent.append(time.monotonic())
            if len(recent) == self.deaths_max and recent[-1] - recent[0] < DEATHS_WINDOW_S:
                self._fail(f"PostgreSQL died {self.deaths_max} times within a minute; see {self.log}")
                return
            self.say("PostgreSQL ended unexpectedly; starting it again")
            try:
                self._start_again()
            except (PostgresError, OSError) as error:
                self.say(str(error))  # the next round counts it as one more death

    def _start_again(self) -> None:
        with self._changing:
            if not self._leaving.is_set():
                _stop_orphans(self.place)
                self._launch()

    def _fail(self, why: str) -> None:
        self.failure = why
        self.say(why)
        self.give_up()


def _is_ready(place: Place, pid: int) -> bool:
    """Read the server's own note; its eighth line says `ready` when it takes connections."""
    with contextlib.suppress(OSError, ValueError):
        lines = (place.data / "postmaster.pid").read_text().splitlines()
        return len(lines) > 7 and int(lines[0]) == pid and lines[7].strip() == "ready"
    return False


def _noted_pid(place: Place) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        return int((place.data / "postmaster.pid").read_text().splitlines()[0])
    return None


def _past_pid(place: Place) -> dict[str, str]:
    """Name the dead server's number to the new one, which else may refuse to start.

    Its number may belong to a zombie or to somebody else by now. PostgreSQL has this variable for pg_ctl's sake: that one
    number is not taken for a running server, in the data folder and at the socket, and shared memory is still checked.
    """
    pid = _noted_pid(place)
    return {} if pid is None or process_at(pid, place.data) else {PAST_PID: str(pid)}


def _stop_orphans(place: Place) -> None:
    """Stop a server of ours that outlived its city, and workers that outlived their server. Raises PostgresError."""
    server = process_at(pid, place.data) if (pid := _noted_pid(place)) else None
    if server:
        _end([server], signal.SIGINT, place.data)
    _end(list(works_in(place.data)), signal.SIGQUIT, place.data)
    if left := list(works_in(place.data)):
        raise PostgresError(f"an earlier PostgreSQL does not stop (process {left[0].pid})")


def _end(processes: list[psutil.Process], gently: signal.Signals, folder: Path) -> None:
    for step in (gently, signal.SIGQUIT, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.send_signal(step)
        _, processes = psutil.wait_procs(processes, timeout=ORPHAN_WAIT_S if step == signal.SIGINT else 5)
        processes = [process for process in processes if is_at_work(process, folder)]
        if not processes:
            return


def _make_data(place: Place, purpose: Purpose, log: Path) -> None:
    """Run initdb in a folder of its own and rename it: a killed one may still be writing into its folder."""
    for old in place.folder.glob("new-*"):
        shutil.rmtree(old, ignore_errors=True)
    fresh = place.folder / f"new-{secrets.token_hex(4)}"
    _run_initdb(
        place, log, "-D", str(fresh), "-U", OWNER, "-E", "UTF8", "--no-locale", "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8", "--data-checksums", f"--wal-segsize={SEGMENT_MB[purpose]}", "--auth-local=peer",
        "--auth-host=reject", "--no-instructions", "--no-sync",
    )  # fmt: skip
    (fresh / "pg_hba.conf").write_text(host_based_access())
    (fresh / "pg_ident.conf").write_text(identities(os.geteuid()))
    if purpose is not Purpose.TESTS:
        _run_initdb(place, log, "-D", str(fresh), "--sync-only")
    fresh.rename(place.data)


def _run_initdb(place: Place, log: Path, *arguments: str) -> None:
    """Run initdb with the servers that it starts for itself in one process group, and end them all if we are interrupted."""
    command: list[str | Path] = [place.binaries / "initdb", *arguments]
    child = start_child(command, log=log, identity=place.identity, death_signal=signal.SIGKILL)
    try:
        code = child.process.wait()
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        raise
    finally:
        child.close()
    if code:
        raise PostgresError(f"the database could not be made (code {code}); see {log}")
