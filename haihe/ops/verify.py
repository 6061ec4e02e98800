"""Verification: every law of the money, asked of the stored rows themselves (`haihe.ops.laws`).

All of it happens in one snapshot, while payments go on; a large city is shared out among the machine's cores
(`haihe.ops.verify_work`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import psycopg

from haihe.ledger.seal import audit, audit_store
from haihe.ops.laws import Check, Connection, Finding, Task, checks, name_of, plan, prepare, run
from haihe.ops.verify_work import shared_out
from haihe.organisations.audit_log import checking

__all__ = ["Check", "Finding", "Verification", "checks", "verify"]

ALONE_MAX: Final = 200_000
"""Up to so many transfers one process does everything; starting others would take longer."""

Say = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what was found."""

    buckets: int
    transfers: int
    checkpoints: int
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]


def verify(
    owner_dsn: str,
    *,
    verifier_key: str | None = None,
    kept: Sequence[str] = (),
    say: Say = lambda *_: None,
    alone_max: int = ALONE_MAX,
) -> Verification:
    """Recompute everything from the transfers, in one snapshot, while payments go on.

    `say` is told what is looked at, how much is done and how much there is, in transfers. Without a `verifier_key` everything is compared
    with the checkpoints but for their signatures. `kept` are checkpoints that were kept elsewhere: the city must still have them. More than `alone_max` transfers are shared out among the cores.
    """
    laws = checks()
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        prepare(connection)
        transfers: dict[int, int] = dict(
            connection.execute(
                "SELECT h.bucket, coalesce(sum(b.transfers), 0)::bigint FROM heads h LEFT JOIN batches b USING (bucket) GROUP BY 1 ORDER BY 1"
            ).fetchall()
        )
        checkpoints = audit_store.checkpoint_count(connection)
        tasks = plan(laws, transfers, checkpoints)
        if sum(transfers.values()) <= alone_max:
            findings = _alone(connection, tasks, laws, verifier_key, say)
        else:
            findings = shared_out(connection, owner_dsn, tasks, verifier_key, say)
        findings += [Finding(one.law, None, one.text) for one in audit.audit_kept(connection, kept, verifier_key)]
    names = (*audit.LAWS, *checking.LAWS, *(law.name for law in laws))
    findings.sort(key=lambda found: (names.index(found.check), found.bucket or 0))
    return Verification(len(transfers), sum(transfers.values()), checkpoints, names, tuple(findings))


def _alone(
    connection: Connection, tasks: list[Task], laws: Sequence[Check], verifier_key: str | None, say: Say
) -> list[Finding]:
    total, done = sum(task.weight for task in tasks), 0
    findings: list[Finding] = []

    def told(name: str, looked: int) -> None:
        nonlocal done
        done += looked
        say(name, done, total)

    for task in tasks:
        findings += run(connection, task, laws, verifier_key, partial(told, name_of(task)))
    return findings
