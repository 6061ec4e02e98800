"""What follows from money that arrived or came back: the recipient's row, and news to both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base import outbox
from haihe.base.clock import Clock
from haihe.base.database import Connection
from haihe.base.outbox import News
from haihe.ledger.crossings.model import Arrival, Crossing, Return
from haihe.wallet.sending import store
from haihe.wallet.sending.model import Received

ARRIVED: Final = "money_received"
RETURNED: Final = "money_returned"


def is_own(crossing: Crossing) -> bool:
    """Tell whether money stays the same owner's: a fund that is evened out over the buckets. Nobody sent it."""
    return crossing.debit == crossing.credit


@dataclass(frozen=True)
class Mail:
    """Follows the crossings that citizens began: it is told in the transaction of each step, and so exactly once."""

    clock: Clock

    async def arrived(self, connection: Connection, bucket: int, arrivals: Sequence[Arrival]) -> None:
        """Write the recipients' rows and tell the recipients."""
        now = self.clock.now()
        received = [
            Received(
                id=one.crossing.id,
                bucket=bucket,
                recipient=one.crossing.credit,
                sender=one.crossing.debit,
                amount=one.crossing.amount,
                balance=one.balance,
                arrived_at=now,
                note=one.crossing.body,
            )
            for one in arrivals
            if not is_own(one.crossing)
        ]
        await store.insert_arrivals(connection, bucket, received)
        news = [News(ARRIVED, one.recipient, {"transfer": str(one.id), "amount": one.amount}) for one in received]
        await outbox.publish(connection, bucket, news, at=now)

    async def returned(self, connection: Connection, bucket: int, returns: Sequence[Return]) -> None:
        """Tell the senders."""
        news = [
            News(
                RETURNED,
                one.crossing.debit,
                {
                    "transfer": str(one.crossing.id),
                    "amount": one.crossing.amount,
                    "held": one.back != one.crossing.debit,
                },
            )
            for one in returns
            if not is_own(one.crossing)
        ]
        await outbox.publish(connection, bucket, news, at=self.clock.now())
