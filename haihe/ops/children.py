"""The programs that run beside the city: started, started again when they die, stopped with it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from haihe.base.home import PRIVATE_FOLDER, Home
from haihe.base.settings import LOOPBACK, PROJECT
from haihe.ops.city import Service
from haihe.ops.processes import ENVIRONMENT, Child, start_child

LOOK_S: Final = 0.2
PAUSE_S_MAX: Final = 10.0
HEALTHY_S: Final = 30.0
"""A program that lived so long is started again at once; one that dies sooner waits twice as long each time."""
READY_WAIT_S: Final = 15.0
STOP_WAIT_S: Final = 3.0
PASSED_ON: Final = ("PATH", "LANG", "TZ", "TMPDIR", "HAIHE_HOME")


@dataclass(slots=True)
class _Place:
    """A service with its port and its present life."""

    service: Service
    port: int
    command: list[str]
    child: Child
    born: float
    pause_s: float = 0.0
    due: float | None = None


@dataclass(slots=True)
class Children:
    """The services of one city. `start` belongs to the main thread, whose end the kernel reports to the children."""

    home: Home
    services: Sequence[Service]
    say: Callable[[str], None] = lambda _: None
    _places: list[_Place] = field(default_factory=list, init=False)
    _leaving: threading.Event = field(default_factory=threading.Event, init=False)
    _watcher: threading.Thread | None = field(default=None, init=False)

    def start(self) -> Mapping[str, str]:
        """Start all, wait until each takes connections, and give the address of each by name."""
        self._places = [self._place(service) for service in self.services]
        latest = time.monotonic() + READY_WAIT_S
        for place in self._places:
            if not _answers(place, latest):
                self.say(f"{place.service.name} does not answer yet; see {self.home.logs}/{place.service.name}.log")
        if self._places:
            self._watcher = threading.Thread(target=self._watch, name="services-watcher", daemon=True)
            self._watcher.start()
        addresses = {place.service.name: f"http://{LOOPBACK}:{place.port}" for place in self._places}
        self.home.write_private(self.home.services.name, json.dumps(addresses) + "\n")
        return addresses

    def stop(self) -> None:
        """Stop all; harmless when none runs."""
        self._leaving.set()
        if self._watcher:
            self._watcher.join()
        for place in self._places:
            if place.child.process.poll() is None:
                place.child.process.send_signal(signal.SIGTERM)
        for place in self._places:
            place.child.stop((signal.SIGTERM, STOP_WAIT_S))

    def pids(self) -> dict[str, int]:
        """Give the numbers of the processes by name."""
        return {place.service.name: place.child.pid for place in self._places}

    def _place(self, service: Service) -> _Place:
        port = free_port()
        folder = self.home.path / "services" / service.name
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        filled = [part.format(port=port, home=self.home.path, folder=folder) for part in service.arguments]
        command = [sys.executable, "-P", "-m", service.module, *filled]
        return _Place(service, port, command, self._spawn(service, command), time.monotonic())

    def _spawn(self, service: Service, command: list[str]) -> Child:
        passed = {name: value for name in PASSED_ON if (value := os.environ.get(name)) is not None}
        log = self.home.logs / f"{service.name}.log"
        return start_child(command, log=log, environment={**ENVIRONMENT, **passed}, folder=PROJECT)

    def _watch(self) -> None:
        """Look after the services; runs in its own thread, which lives as long as they do."""
        while not self._leaving.wait(LOOK_S):
            for place in self._places:
                if place.child.process.poll() is not None:
                    self._revive(place, time.monotonic())

    def _revive(self, place: _Place, now: float) -> None:
        if place.due is None:
            place.pause_s = 0.0 if now - place.born > HEALTHY_S else min(max(place.pause_s * 2, LOOK_S), PAUSE_S_MAX)
            place.due = now + place.pause_s
            self.say(f"{place.service.name} ended (code {place.child.process.returncode}); starting it again")
        if now >= place.due:
            place.child.close()
            place.child = self._spawn(place.service, place.command)
            place.born, place.due = now, None


@contextmanager
def running(children: Children) -> Iterator[Mapping[str, str]]:
    """Run the services for the duration; gives their addresses."""
    try:
        yield children.start()
    finally:
        children.stop()


def silent_services(home: Home) -> list[str]:
    """Name the programs beside the running city that take no connections."""
    addresses: dict[str, str] = json.loads(home.services.read_text()) if home.services.exists() else {}
    return [name for name, address in addresses.items() if not _takes_connections(int(address.rpartition(":")[2]))]


def free_port() -> int:
    """Choose a port of the loopback that nobody uses now."""
    with socket.create_server((LOOPBACK, 0)) as server:
        return int(server.getsockname()[1])


def _answers(place: _Place, latest: float) -> bool:
    while time.monotonic() < latest and place.child.process.poll() is None:
        if _takes_connections(place.port):
            return True
        time.sleep(0.02)
    return False


def _takes_connections(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
