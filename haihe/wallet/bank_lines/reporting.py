"""Tells people that the bank contradicts itself: nothing moves by it until someone has looked."""

from __future__ import annotations

from datetime import datetime

import structlog

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.database import Connection
from haihe.outside.bank import CONTRADICTED

log = structlog.get_logger("haihe.bank")


async def report_contradiction(
    connection: Connection, kind: str, reference: int, *, citizen: int, line: int | None, at: datetime
) -> None:
    """Write into the audit log that the bank's answer or its line does not fit what was asked; last in its transaction."""
    log.error("the bank contradicts what it was asked", kind=kind, reference=reference, line_fen=line)
    details = {"kind": kind, "reference": str(reference)} | ({} if line is None else {"line": line})
    deed = Deed(
        action="bank_answer_refused",
        actor=Actor.CITY,
        subject=citizen,
        outcome=CONTRADICTED.reason,
        details=details,
    )
    await audit.write(connection, [deed], at=at)
