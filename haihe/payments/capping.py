"""People's own caps in a batch: asked with the keys, judged before the posting, counted after it. Who has none costs nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from haihe.base.clock import service_day
from haihe.payments.model import Channel, Source, Status
from haihe.wallet.caps import store
from haihe.wallet.caps.model import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from haihe.base.database import Connection
    from haihe.payments.model import Payment
    from haihe.wallet.caps.model import Cap


def refuse_above(caps: Mapping[int, Sequence[Cap]], drafts: list[Payment]) -> list[Payment]:
    """Refuse what would pass one of the payer's own caps; a batch judges each payer once, so none can be passed together."""
    if not caps:
        return drafts
    return [
        replace(draft, status=Status.CAP_REACHED)
        if draft.status is Status.PAID
        and any(own_amount(draft) > cap.left(service_day(draft.paid_at)) for cap in _met(caps, draft))
        else draft
        for draft in drafts
    ]


async def count_caps(
    connection: Connection, bucket: int, caps: Mapping[int, Sequence[Cap]], payments: Sequence[Payment]
) -> None:
    """Count what was paid under caps, in the payments' transaction."""
    if not caps:
        return
    spent = [
        (cap, own_amount(payment), cap.period.start(service_day(payment.paid_at)))
        for payment in payments
        if payment.status is Status.PAID
        for cap in _met(caps, payment)
    ]
    if spent:
        await store.count(connection, bucket, spent)


def own_amount(payment: Payment) -> int:
    """Say what of a payment leaves the payer's wallet, in fen."""
    if not payment.shares:
        return payment.amount
    return sum(share.amount for share in payment.shares if share.source is Source.BALANCE)


def _met(caps: Mapping[int, Sequence[Cap]], payment: Payment) -> Sequence[Cap]:
    return [cap for cap in caps.get(payment.payer, ()) if cap.scope is Scope.ALL or payment.channel is Channel.PAPER]
