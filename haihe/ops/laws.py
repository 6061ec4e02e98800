"""The laws that `haihe verify` asks, and the work of asking them, cut into tasks.

A check is a `.sql` file in a part's folder `checks`: a sentence that says the law, and a query that names what breaks it, one
text a row, for one bucket. A check added to a part is found by itself, and an auditor can run it alone: `psql -v bucket=0 -f FILE`.
The seals, walks and checkpoints of the ledger are programs instead (`haihe.ledger.seal.audit`), and so is the chain of the audit log
(`haihe.organisations.audit_log.checking`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from haihe.ledger.seal import audit
from haihe.organisations.audit_log import checking

PACKAGE: Final = Path(__file__).parents[1]
FINDINGS_MAX: Final = 20
"""Findings of one law and bucket that are named; there may be more."""
WORK_MEMORY: Final = "256MB"
CHECKPOINTS_A_TASK: Final = 2_000
CHECKPOINT_WEIGHT: Final = 20
"""How many transfers looked at take as long as one checkpoint: for progress."""
CHECK_WEIGHT: Final = 0.03
"""How much of a bucket's seals one check takes, about: for progress."""
HEAVY_CHECKS: Final = {"ledger.balances": 0.4, "ledger.turnover": 0.4, "payments.postings": 0.4}
"""The same of those that look at every transfer or payment."""

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One law: its name, the sentence that says it, and the query for what breaks it."""

    name: str
    law: str
    query: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that breaks a law; `bucket` is None where it is about all of them."""

    check: str
    bucket: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of the work: a check of one bucket, the seals of one bucket, or some checkpoints.

    `weight` is about how many transfers it looks at.
    """

    law: str
    bucket: int | None
    weight: int
    first: int = 0
    last: int = 0


def checks(package: Path = PACKAGE) -> list[Check]:
    """Collect every part's checks, the ledger's first."""
    files = sorted(package.rglob("checks/*.sql"), key=lambda file: ("ledger" not in file.parts, file.parts))
    return [_read(file) for file in files]


def _read(file: Path) -> Check:
    query = file.read_text(encoding="utf-8")
    law = query.splitlines()[0].removeprefix("--").strip()
    return Check(f"{file.parent.parent.name}.{file.stem[3:]}", law, query)


def prepare(connection: Connection) -> None:
    """Have a transaction read much at once, and wait for its turn as long as it takes."""
    connection.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    connection.execute("SET LOCAL cursor_tuple_fraction = 1")
    connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")


def plan(laws: Sequence[Check], transfers: Mapping[int, int], checkpoints: int) -> list[Task]:
    """Cut the work into tasks, the longest first."""
    tasks = [Task(audit.SEALS, bucket, count) for bucket, count in transfers.items()]
    tasks += [
        Task(audit.CHECKPOINTS, None, (last - first + 1) * CHECKPOINT_WEIGHT, first, last)
        for first in range(1, checkpoints + 1, CHECKPOINTS_A_TASK)
        for last in [min(first + CHECKPOINTS_A_TASK - 1, checkpoints)]
    ]
    tasks += [
        Task(law.name, bucket, 1 + int(count * HEAVY_CHECKS.get(law.name, CHECK_WEIGHT)))
        for bucket, count in transfers.items()
        for law in laws
    ]
    tasks.append(Task(checking.CHAIN, None, 1))
    return sorted(tasks, key=lambda task: -task.weight)


def run(
    connection: Connection,
    task: Task,
    laws: Iterable[Check],
    verifier_key: str | None,
    told: Callable[[int], None],
) -> Iterator[Finding]:
    """Do a task; `told` is told how many transfers more were looked at."""
    if task.law == audit.SEALS and task.bucket is not None:
        yield from _first(audit.audit_bucket(connection, task.bucket, told), task.bucket)
    elif task.law == audit.CHECKPOINTS:
        found = audit.audit_checkpoints(connection, first=task.first, last=task.last, verifier_key=verifier_key)
        yield from _first(found, None)
        told(task.weight)
    elif task.law == checking.CHAIN:
        yield from _first(checking.check_audit(connection, verifier_key), None)
        told(task.weight)
    else:
        law = next(law for law in laws if law.name == task.law)
        query = law.query.replace(":bucket", f"{task.bucket:d}::smallint")
        for (text,) in connection.execute(query.encode()).fetchmany(FINDINGS_MAX):
            yield Finding(law.name, task.bucket, text)
        told(task.weight)


def _first(faults: Iterable[audit.Fault | checking.Fault], bucket: int | None) -> Iterator[Finding]:
    """Name the first faults of each law."""
    named = dict.fromkeys((*audit.LAWS, *checking.LAWS), 0)
    for fault in faults:
        named[fault.law] += 1
        if named[fault.law] <= FINDINGS_MAX:
            yield Finding(fault.law, bucket, fault.text)


def name_of(task: Task) -> str:
    """Say in words what a task looks at."""
    return task.law if task.bucket is None else f"{task.law}, bucket {task.bucket}"
