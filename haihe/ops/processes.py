"""Child processes that never outlive the city, and what can be known about other people's processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from haihe.ops import launch

KILL_WAIT_S: Final = 5.0
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
"""What a child is told about the machine: nothing that it could depend on by accident."""

KERNEL_WATCHES: Final = sys.platform == "linux"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a child runs as; `None` is the user who started the city."""

    uid: int
    gid: int


@dataclass(slots=True)
class Child:
    """A running child process with its own session, so that Ctrl-C at the terminal reaches only the city itself."""

    process: subprocess.Popen[bytes]
    watch_pipe: int | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self.process.pid

    def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send each signal in turn until the process has ended, waiting so many seconds after each; SIGKILL at last."""
        for step, wait_s in (*steps, (signal.SIGKILL, KILL_WAIT_S)):
            if self.process.poll() is not None:
                break
            self.process.send_signal(step)
            try:
                self.process.wait(wait_s)
            except subprocess.TimeoutExpired:
                continue
        self.close()

    def close(self) -> None:
        """Give the watcher free after the process has ended."""
        if self.watch_pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self.watch_pipe, b"\n")
            os.close(self.watch_pipe)
            self.watch_pipe = None


def start_child(
    command: Sequence[str | Path],
    *,
    log: Path,
    identity: Identity | None = None,
    environment: Mapping[str, str] = ENVIRONMENT,
    folder: Path = Path("/"),
    death_signal: signal.Signals = signal.SIGTERM,
    descriptors: Sequence[int] = (),
    kernel_watches: bool = KERNEL_WATCHES,
) -> Child:
    """Start a program that gets `death_signal` when the one who started it ends.

    On Linux that is the starting thread, not its process: start children from threads that live as long as the city. The
    log is opened here, because the child's user may not be able to reach it.
    """
    pipe = None if kernel_watches else os.pipe()
    told = dict(environment) if pipe is None else {**environment, launch.WATCH_DESCRIPTOR: str(pipe[0])}
    who = (str(identity.uid), str(identity.gid)) if identity else ("-", "-")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), *who, str(death_signal.value), *command],
            cwd=folder,
            env=told,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=(*descriptors, *(pipe[:1] if pipe else ())),
        )
    if pipe is None:
        return Child(process)
    os.close(pipe[0])
    return Child(process, pipe[1])


def works_in(folder: Path) -> Iterator[psutil.Process]:
    """Find the living processes whose working folder is this one: PostgreSQL's all work in their data folder.

    Numbers of processes are used again and names can be anything; the folder cannot be mistaken.
    """
    for process in psutil.process_iter():
        if is_at_work(process, folder):
            yield process


def is_at_work(process: psutil.Process, folder: Path) -> bool:
    """Tell whether this process is alive (no zombie) and works in this folder."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(folder)
    except psutil.Error:
        return False


def process_at(pid: int, folder: Path) -> psutil.Process | None:
    """Give the process with this number if it works in this folder."""
    try:
        process = psutil.Process(pid)
    except (psutil.Error, ValueError):
        return None
    return process if is_at_work(process, folder) else None
