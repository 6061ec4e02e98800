"""Dying at a line: runs something again and again, killed at its first line, at its second, … until it comes to its end.

What is raised is no `Exception`, so nothing in the code goes on after it; open transactions are rolled back, as PostgreSQL does for
a process that is gone.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any, Self

from haihe.base.settings import PROJECT

LINES_MAX = 1_000


class KilledError(BaseException):
    """The process is gone."""


class Killer:
    """Kills at the n-th line that is run in some folders of the project."""

    def __init__(self, *folders: str, line: int) -> None:
        self._folders = tuple(str(PROJECT / folder) for folder in folders)
        self._left = line
        self.where = ""

    def __enter__(self) -> Self:
        sys.settrace(self._enter_frame)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _enter_frame(self, frame: FrameType, _: str, __: Any) -> Any:
        return self._step if frame.f_code.co_filename.startswith(self._folders) else None

    def _step(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self._left -= 1
            if not self._left:
                self.where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
                raise KilledError(self.where)
        return self._step


async def killed_at_every_line(work: Callable[[int], Awaitable[object]], *folders: str) -> AsyncIterator[str]:
    """Do work (told which try it is) killed at each line in turn; give where it died, and at last "" when it came to its end."""
    for line in range(1, LINES_MAX):
        killer = Killer(*folders, line=line)
        try:
            with killer:
                await work(line)
        except KilledError:
            yield killer.where
        else:
            yield ""
            return
    raise AssertionError(f"more than {LINES_MAX} lines")
