"""What follows from a top-up that is settled, by who asked for it; in the transaction that settles it."""

from __future__ import annotations

from datetime import datetime

from haihe.base import outbox
from haihe.base.database import Connection
from haihe.base.outbox import News
from haihe.wallet.auto.following import follow_rule
from haihe.wallet.model import Origin, TopUp


async def follow(connection: Connection, top_up: TopUp, *, now: datetime) -> None:
    """Tell the citizen, and the rule that asked; a payment tells what became of itself."""
    match top_up.origin:
        case Origin.CITIZEN:
            body = {"top_up": str(top_up.id), "status": top_up.status_word, "amount": top_up.amount}
            await outbox.publish(connection, top_up.bucket, [News("top_up_settled", top_up.citizen, body)], at=now)
        case Origin.RULE:
            await follow_rule(connection, top_up, now=now)
        case Origin.PAYMENT:
            pass
