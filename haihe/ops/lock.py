"""One process runs a home; others may be its guests."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from haihe.base.home import Home, HomeError

POLL_S: Final = 0.05


@contextlib.contextmanager
def hold(home: Home, *, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the home's lock; the kernel gives it free however the process ends. Raises HomeError when another has it."""
    with _locked(home.lock, exclusive=True, wait_s=wait_s) as file:
        if file is None:
            raise HomeError(f"another Haihe (process {holder(home) or 'unknown'}) uses {home.path}")
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def is_held(home: Home) -> bool:
    """Tell whether a process runs this home."""
    with _locked(home.lock, exclusive=True, wait_s=0) as file:
        return file is None


def holder(home: Home) -> int | None:
    """Give the number of the process that took the lock last."""
    with contextlib.suppress(OSError, ValueError):
        return int(home.lock.read_text())
    return None


@contextlib.contextmanager
def visit(home: Home) -> Iterator[None]:
    """Be a guest in the database of another process, which then waits for us before it stops (see `see_off`)."""
    with _locked(home.path / "guests", exclusive=False, wait_s=0):
        yield


def see_off(home: Home, *, wait_s: float) -> None:
    """Wait until the guests have left, at most so long."""
    with _locked(home.path / "guests", exclusive=True, wait_s=wait_s):
        pass


@contextlib.contextmanager
def _locked(path: Path, *, exclusive: bool, wait_s: float) -> Iterator[IO[str] | None]:
    """Lock a file of its own, or give None when that was not possible in time."""
    kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    latest = time.monotonic() + wait_s
    with path.open("a+") as file:
        path.chmod(0o600)
        while True:
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= latest:
                    yield None
                    return
                time.sleep(POLL_S)
            else:
                yield file
                return
