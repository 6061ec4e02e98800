"""A PostgreSQL server that may be hurt: real, syncing to disk, in a folder of its own, and where root runs it on a small disk of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
import psycopg

from haihe.base.home import Home
from haihe.ops import lock
from haihe.ops.access import SCRATCH, Access, own_server
from haihe.ops.postgres import EmbeddedPostgres
from haihe.ops.postgres_place import PORT
from haihe.ops.postgres_settings import APP, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from haihe.ops.postgres_place import Place

DISK_MB: Final = 384
FILLER: Final = "filler"
FILL_BYTES: Final = 1024 * 1024
DEATHS_MAX: Final = 10_000
"""It dies on purpose, again and again; a city's gives up after five times a minute."""
BACK_S_MAX: Final = 60.0
POLL_S: Final = 0.02


@dataclass(frozen=True)
class Victim:
    """The server: how to reach it (`access` directly, `socket` for a proxy), and how to hurt it.

    `disk` is the small file system it lives on, None where none could be mounted.
    """

    postgres: EmbeddedPostgres
    access: Access
    disk: Path | None

    @property
    def socket(self) -> Path:
        """Where the server listens."""
        return self.postgres.place.socket / f".s.PGSQL.{PORT}"

    def kill(self) -> None:
        """Kill the server's first process; all others of it end by that, and the watcher starts it again."""
        if (pid := self.postgres.pid) is not None:
            _send(pid, signal.SIGKILL)

    def backends(self) -> list[int]:
        """Name the processes that serve the city's connections, the oldest first."""
        try:
            children = psutil.Process(self.postgres.pid).children() if self.postgres.pid else []
        except psutil.Error:
            return []
        return sorted(child.pid for child in children if f" {APP} " in _title(child))

    def hurt_backend(self, which: float, *, harm: signal.Signals) -> None:
        """Send a signal to one of the city's connections; `which` from 0 to 1 chooses it.

        SIGKILL makes the server end all of them and recover; SIGTERM ends this one alone.
        """
        if found := self.backends():
            _send(found[int(which * len(found))], harm)

    def freeze(self, pid: int) -> None:
        """Let a process sleep until it is thawed."""
        _send(pid, signal.SIGSTOP)

    def thaw(self, pid: int) -> None:
        """Let it go on."""
        _send(pid, signal.SIGCONT)

    def fill_disk(self) -> None:
        """Leave no byte on the small disk."""
        if self.disk is None:
            return
        with contextlib.suppress(OSError), (self.disk / FILLER).open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(FILL_BYTES))

    def empty_disk(self) -> None:
        """Give the room back."""
        if self.disk is not None:
            (self.disk / FILLER).unlink(missing_ok=True)

    def wait_until_back(self) -> None:
        """Wait until the server answers. Raises psycopg.OperationalError when it does not come back."""
        latest = time.monotonic() + BACK_S_MAX
        while True:
            try:
                psycopg.connect(self.access.owner_dsn, connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > latest:
                    raise
                time.sleep(POLL_S)
            else:
                return


def _send(pid: int, harm: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, harm)


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@contextlib.contextmanager
def open_victim(say: Callable[[str], None]) -> Iterator[Victim]:
    """Run such a server, and remove it with its data and its disk afterwards."""
    home = Home(Path(tempfile.mkdtemp(prefix=SCRATCH))).create()
    try:
        with lock.hold(home):
            postgres = EmbeddedPostgres(home, purpose=Purpose.FAULTS, give_up=lambda: None, deaths_max=DEATHS_MAX)
            with _small_disk(postgres.place, say) as disk, own_server(postgres) as access:
                yield Victim(postgres, access, disk)
            postgres.remove()
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


@contextlib.contextmanager
def _small_disk(place: Place, say: Callable[[str], None]) -> Iterator[Path | None]:
    """Mount a small file system over the server's folder, where that is allowed."""
    if not _mount(place):
        say("!!! no small file system can be mounted here: THE DISK IS NOT FILLED in this run !!!")
        yield None
        return
    try:
        yield place.folder
    finally:
        subprocess.run(["umount", "--lazy", str(place.folder)], check=False)


def _mount(place: Place) -> bool:
    """Mount it, with the socket's folder that was there before."""
    if place.identity is None or shutil.which("mount") is None:
        return False
    user, group = place.identity.uid, place.identity.gid
    options = f"size={DISK_MB}m,mode=0700,uid={user},gid={group}"
    command = ["mount", "-t", "tmpfs", "-o", options, "haihe-faults", str(place.folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        return False
    if place.socket.parent == place.folder:
        place.socket.mkdir(mode=0o700)
        os.chown(place.socket, user, group)
    return True
