"""Payment codes in a batch: each pays once. A batch without them asks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from haihe.codes import payment_codes
from haihe.payments.model import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.base.database import Connection
    from haihe.payments.engine import Order
    from haihe.payments.model import Payment


async def refuse_used(connection: Connection, orders: Sequence[Order], drafts: list[Payment]) -> list[Payment]:
    """Refuse whose payment code has paid before; right under the bucket's lock."""
    codes = [order.offer.scan.code for order in orders if order.offer.scan.code]
    if not codes:
        return drafts
    used = await payment_codes.used(connection, codes)
    return [
        replace(draft, status=Status.CODE_USED, names=used[order.offer.scan.code])
        if draft.status is Status.PAID and order.offer.scan.code in used
        else draft
        for order, draft in zip(orders, drafts, strict=True)
    ]


async def use_up(connection: Connection, orders: Sequence[Order], payments: Sequence[Payment]) -> None:
    """Write into each code the payment that it made."""
    used = [
        (order.offer.scan.code, payment.id)
        for order, payment in zip(orders, payments, strict=True)
        if order.offer.scan.code and payment.status is Status.PAID
    ]
    if used:
        await payment_codes.use_up(connection, [code for code, _ in used], [payment for _, payment in used])
