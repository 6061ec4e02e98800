"""Real cities in processes of their own: for the tests of the start-up and for the journeys."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from haihe.base.home import Home
from haihe.ops.access import Access, running_server
from haihe.ops.children import free_port
from haihe.ops.postgres_place import read_record, remove_place

WAIT_S = 240.0
"""How long a start may take where many share the machine; it is no measurement."""


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something, with the patience of a busy machine."""
    latest = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < latest, f"never happened: {what}"
        time.sleep(0.02)


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process lives; what only waits to be reaped does not."""
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


@dataclass
class RunningCity:
    """A city in a process group of its own, as a terminal would start it."""

    home: Home
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    module: str = "haihe"
    process: subprocess.Popen[bytes] | None = None
    said: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="haihe-said-")) / "output")

    def start(self, *command: str) -> RunningCity:
        environment = {"PATH": os.environ["PATH"], "HAIHE_HOME": str(self.home.path), "HAIHE_PORT": str(self.port)}
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", self.module, *(command or ("serve",))],
                env={**environment, **self.environment},
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        return self

    def ready(self) -> RunningCity:
        def answers() -> bool:
            assert self.the_process.poll() is None, self.output()
            with contextlib.suppress(httpx.TransportError):
                return self.get("/readyz").status_code == 200
            return False

        until(answers, "ready")
        return self

    @property
    def the_process(self) -> subprocess.Popen[bytes]:
        assert self.process is not None
        return self.process

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=5, trust_env=False)

    def family(self) -> list[psutil.Process]:
        """The city's process with everything that it started."""
        me = psutil.Process(self.the_process.pid)
        return [me, *me.children(recursive=True)]

    def postgres(self) -> psutil.Process:
        return next(
            process for process in psutil.Process(self.the_process.pid).children() if process.name() == "postgres"
        )

    def send(self, number: signal.Signals, *, group: bool = False) -> None:
        if group:
            os.killpg(self.the_process.pid, number)
        else:
            self.the_process.send_signal(number)

    def end(self) -> int:
        """Wait for the end and give the exit code."""
        return self.the_process.wait(WAIT_S)

    def output(self) -> str:
        """Everything it said; only after the end."""
        self.the_process.wait(WAIT_S)
        return self.said.read_text()

    def access(self) -> Access:
        access = running_server(self.home)
        assert access is not None
        return access

    def close(self) -> None:
        shutil.rmtree(self.said.parent)
        if self.process is not None:
            family = self.family() if self.process.poll() is None else []
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(30)
            for process in filter(is_alive, family):
                process.kill()
            self.process.wait(5)


@contextlib.contextmanager
def short_homes() -> Iterator[Callable[[], Home]]:
    """Make homes in short private folders; their data, root's too, is removed at the end."""
    made: list[Path] = []

    def make() -> Home:
        made.append(Path(tempfile.mkdtemp(prefix="haihe-")))
        return Home(made[-1] / "home")

    try:
        yield make
    finally:
        for folder in made:
            for home in (Home(path.parent) for path in folder.rglob("postgres.json")):
                if record := read_record(home):
                    remove_place(Path(record.folder), Path(record.socket))
            shutil.rmtree(folder)
