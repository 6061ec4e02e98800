"""What a rule learns from the bank's word on its top-up, and what its owner is told; in the transaction that settles the top-up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from haihe.base import outbox
from haihe.base.database import Connection
from haihe.base.outbox import News
from haihe.wallet.auto import store
from haihe.wallet.auto.model import PAUSE, REFUSALS_MAX
from haihe.wallet.model import TopUp, TopUpStatus

KIND: Final = "auto_top_up"
STOPPED: Final = "stopped"


async def follow_rule(connection: Connection, top_up: TopUp, *, now: datetime) -> None:
    """Count refusals, stop a rule whose card fails again and again, and tell the citizen."""
    status = top_up.status_word
    rule = await store.of(connection, top_up.bucket, top_up.citizen, lock=True)
    if rule is not None and rule.newest == top_up.id:
        if top_up.status is TopUpStatus.REFUSED:
            refusals = rule.refusals + 1
            stopped = top_up.reason or "refused" if refusals >= REFUSALS_MAX else ""
            rule = replace(rule, refusals=refusals, stopped=stopped, next_look_at=now + PAUSE)
        else:
            rule = replace(rule, refusals=0)
        await store.mark_settled(connection, rule)
        status = STOPPED if rule.stopped else status
    body = {"status": status, "amount": top_up.amount, "reason": top_up.reason}
    await outbox.publish(connection, top_up.bucket, [News(KIND, top_up.citizen, body)], at=now)
