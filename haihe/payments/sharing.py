"""Shares in a batch: read what payers hold, divide what not the wallet alone pays. A batch of plain payments asks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from haihe.payments.model import Refused, Source, Status
from haihe.payments.shares import divide
from haihe.wallet.purses import holdings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.base.database import Connection
    from haihe.payments.engine import Order
    from haihe.payments.model import Offer, Payment
    from haihe.wallet.purse_model import Holdings


async def divided(connection: Connection, bucket: int, orders: Sequence[Order], drafts: list[Payment]) -> list[Payment]:
    """Say in each draft who pays what; refuse where a sponsor cannot."""
    shared = [
        order.offer
        for order, draft in zip(orders, drafts, strict=True)
        if order.offer.is_shared and draft.status is Status.PAID
    ]
    if not shared:
        return drafts
    held = await read_holdings(connection, bucket, shared)
    return [
        _with_shares(draft, order.offer, held) if order.offer.is_shared and draft.status is Status.PAID else draft
        for order, draft in zip(orders, drafts, strict=True)
    ]


async def read_holdings(connection: Connection, bucket: int, offers: Sequence[Offer]) -> Holdings:
    """Read what these offers of one bucket may draw on."""
    payers = [offer.scan.payer for offer in offers]
    funds = [one.fund for offer in offers for one in offer.contributions]
    return await holdings(connection, bucket, citizens=payers, accounts=[*payers, *funds])


def _with_shares(draft: Payment, offer: Offer, held: Holdings) -> Payment:
    shares = divide(offer, held)
    if isinstance(shares, Refused):
        return replace(draft, status=shares.status, names=shares.names)
    alone = [share.source for share in shares] == [Source.BALANCE]
    return replace(draft, balance=held.amounts.get(draft.payer, 0), shares=() if alone else shares)
