"""Verification shared out: a process for each core, each with a connection of its own to the same snapshot.

A worker is `python -m haihe.ops.verify_work`. It reads lines of JSON, the order first and then a task a line, and answers each with lines of
JSON: how much it looked at, what it found, and that it is done.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from threading import Lock
from typing import IO, Any, Final

import psycopg

from haihe.ops.laws import Connection, Finding, Task, checks, name_of, prepare, run

WORKERS_MAX: Final = 8

Say = Callable[[str, int, int], None]


def shared_out(
    connection: Connection, owner_dsn: str, tasks: list[Task], verifier_key: str | None, say: Say
) -> list[Finding]:
    """Do all tasks in worker processes, on the snapshot of a connection that stays in its transaction; give what was found."""
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    order = {"dsn": owner_dsn, "snapshot": row[0] if row else "", "verifier_key": verifier_key}
    board = Board(tasks, say)
    workers = max(1, min(os.cpu_count() or 1, WORKERS_MAX, len(tasks)))
    with ThreadPoolExecutor(workers) as threads:
        return [found for part in threads.map(lambda _: board.employ(order), range(workers)) for found in part]


class Board:
    """The tasks that nobody has taken yet, and how much is done."""

    def __init__(self, tasks: list[Task], say: Say) -> None:
        """Put all tasks up."""
        self._open = deque(tasks)
        self._say, self._done, self._total = say, 0, sum(task.weight for task in tasks)
        self._lock = Lock()

    def employ(self, order: dict[str, Any]) -> list[Finding]:
        """Run one worker until no task is left. Raises OSError when it dies."""
        command = [sys.executable, "-P", "-m", "haihe.ops.verify_work"]
        findings: list[Finding] = []
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
            try:
                _put(worker.stdin, order)
                while (task := self._take()) is not None:
                    findings += self._hand(task, worker)
            finally:
                if worker.stdin:
                    worker.stdin.close()
        return findings

    def _take(self) -> Task | None:
        with self._lock:
            return self._open.popleft() if self._open else None

    def _hand(self, task: Task, worker: subprocess.Popen[str]) -> Iterator[Finding]:
        """Have a worker do a task."""
        _put(worker.stdin, asdict(task))
        for line in worker.stdout or ():
            answer = json.loads(line)
            if "found" in answer:
                yield Finding(*answer["found"])
            elif "looked" in answer:
                self._tell(name_of(task), answer["looked"])
            else:
                return
        message = "a process of the verification ended before its work was done"
        raise OSError(message)

    def _tell(self, name: str, looked: int) -> None:
        with self._lock:
            self._done += looked
            self._say(name, self._done, self._total)


def _put(stream: IO[str] | None, value: dict[str, Any]) -> None:
    if stream:
        stream.write(json.dumps(value) + "\n")
        stream.flush()


def main() -> None:
    """Work: do the tasks that come in on stdin."""
    gc.disable()  # nothing here makes cycles, and walking millions of rows takes a third of the time
    order = json.loads(sys.stdin.readline())
    laws = checks()
    with psycopg.connect(order["dsn"]) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(f"SET TRANSACTION SNAPSHOT '{order['snapshot']}'".encode())
        prepare(connection)
        for line in sys.stdin:
            for found in run(connection, Task(**json.loads(line)), laws, order["verifier_key"], _looked):
                _put(sys.stdout, {"found": [found.check, found.bucket, found.text]})
            _put(sys.stdout, {"done": True})


def _looked(count: int) -> None:
    _put(sys.stdout, {"looked": count})


if __name__ == "__main__":
    main()
