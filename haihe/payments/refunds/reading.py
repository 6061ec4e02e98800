"""What was given back of a payment, and what may still be: for receipts and for the organisation that was paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from haihe.payments import store as payments_store
from haihe.payments.model import GivenBack, Status
from haihe.payments.refunds import store
from haihe.payments.refunds.model import Rest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.base.database import Connection
    from haihe.payments.model import Payment


async def read_rest(connection: Connection, bucket: int, payment: Payment) -> Rest:
    """Read a payment's refunds, oldest first, and in fen what is left; of a refund itself, and that nothing is."""
    if payment.status is Status.REFUND:
        return Rest(await _told(connection, bucket, [payment]), 0)
    named = (await store.refunds_of(connection, bucket, [payment.id])).get(payment.id, [])
    found = await payments_store.by_ids(connection, bucket, named) if named else {}
    refunds = await _told(connection, bucket, [found[identity] for identity in named])
    return Rest(refunds, payment.amount - sum(one.refund.amount for one in refunds))


async def is_given_back(connection: Connection, payment: int) -> bool:
    """Tell whether all of a payment was given back, so that what it bought is worth nothing any more."""
    bucket = await store.bucket_of(connection, payment)
    return bucket is not None and (await store.rests(connection, bucket, [payment])).get(payment) == 0


async def _told(connection: Connection, bucket: int, refunds: Sequence[Payment]) -> tuple[GivenBack, ...]:
    if not refunds:
        return ()
    notes = await store.reasons(connection, bucket, [one.id for one in refunds])
    return tuple(
        GivenBack(one, reason, staff, held)
        for one in refunds
        for staff, reason, held in [notes.get(one.id, (0, "", 0))]
    )
