"""Verification: every law of the money, asked of the stored rows themselves.

A check is a `.sql` file in a part's folder `checks`: a sentence that says the law, and a query that names what breaks it, one
text a row, for one bucket. A check added to a part is found by itself, and an auditor can run it alone: `psql -v bucket=0 -f FILE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE: Final = Path(__file__).parents[1]
FINDINGS_MAX: Final = 20
"""Findings of one check and bucket that are named; there may be more."""
WORK_MEMORY: Final = "256MB"


@dataclass(frozen=True, slots=True)
class Check:
    """One law: its name, the sentence that says it, and the query for what breaks it."""

    name: str
    law: str
    query: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that breaks a law."""

    check: str
    bucket: int
    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what was found."""

    buckets: int
    transfers: int
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]


def checks(package: Path = PACKAGE) -> list[Check]:
    """Collect every part's checks, the ledger's first."""
    files = sorted(package.rglob("checks/*.sql"), key=lambda file: ("ledger" not in file.parts, file.parts))
    return [_read(file) for file in files]


def _read(file: Path) -> Check:
    query = file.read_text(encoding="utf-8")
    law = query.splitlines()[0].removeprefix("--").strip()
    return Check(f"{file.parent.parent.name}.{file.stem[3:]}", law, query)


def verify(owner_dsn: str, *, say: Callable[[str, int, int], None] = lambda *_: None) -> Verification:
    """Recompute everything from the transfers, in one snapshot, while payments go on.

    `say` is told what is looked at, how many steps are done and how many there are.
    """
    laws = checks()
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
        buckets = [row[0] for row in connection.execute("SELECT bucket FROM heads ORDER BY bucket")]
        steps = [(law, bucket) for bucket in buckets for law in laws]
        findings: list[Finding] = []
        for done, (law, bucket) in enumerate(steps):
            say(f"{law.name}, bucket {bucket}", done, len(steps))
            findings += _break(connection, law, bucket)
        row = connection.execute("SELECT coalesce(sum(transfers), 0) FROM batches").fetchone()
    return Verification(len(buckets), int(row[0]) if row else 0, tuple(law.name for law in laws), tuple(findings))


def _break(connection: psycopg.Connection, law: Check, bucket: int) -> Iterator[Finding]:
    query = law.query.replace(":bucket", f"{bucket:d}::smallint")
    for (text,) in connection.execute(query.encode()).fetchmany(FINDINGS_MAX):
        yield Finding(law.name, bucket, text)
