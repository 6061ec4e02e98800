"""Shares in a batch: what may be drawn on, who pays what, how often it was used. A batch of plain payments asks nothing."""

from __future__ import annotations

from dataclasses import replace as changed
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from haihe.payments.errors import PriceChanged
from haihe.payments.model import Channel, Refused, Source, Status
from haihe.payments.shares import divide
from haihe.wallet.purses.drawing import Wish, count_uses, holdings
from haihe.wallet.purses.model import Met
from haihe.wallet.purses.terms import NO_CAPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.base.database import Connection
    from haihe.organisations.service import Organisations
    from haihe.payments.engine import Order
    from haihe.payments.model import Offer, Payment
    from haihe.wallet.purses.model import Holdings
    from haihe.wallet.purses.service import Purses

CHANNEL_NAMES: Final = {channel: channel.name.lower() for channel in Channel}
"""How schemes and campaigns call the channels."""


def completed(offer: Offer, purses: Purses, organisations: Organisations) -> Offer:
    """Add to an offer the purses that it takes and the campaigns that apply, as their data say; from memory."""
    scan = offer.scan
    schemes, campaigns = purses.directory.candidates(scan.kind, scan.payer)
    if not schemes and not campaigns:
        return offer
    payee = organisations.by_id(scan.payee)
    channel = CHANNEL_NAMES[scan.channel]
    met = Met(scan.kind, payee.key, payee.kind, channel, scan.payer, scan.at, offer.goods, offer.standing)
    accepted, applicable = purses.taking_part(met, schemes, campaigns)
    return changed(offer, purses=accepted, campaigns=applicable) if accepted or applicable else offer


async def divided(
    connection: Connection, bucket: int, orders: Sequence[Order], drafts: list[Payment]
) -> tuple[list[Payment], dict[int, PriceChanged]]:
    """Say in each draft who pays what; refuse where a sponsor cannot. Gives apart, by key, whose price is above what was shown."""
    shared = [
        order.offer
        for order, draft in zip(orders, drafts, strict=True)
        if order.offer.is_shared and draft.status is Status.PAID
    ]
    if not shared and all(order.own_max is None for order in orders):
        return drafts, {}
    held = await read_holdings(connection, bucket, shared) if shared else None
    decided = [
        _decided(order, draft, held) if draft.status is Status.PAID else draft
        for order, draft in zip(orders, drafts, strict=True)
    ]
    apart = {
        order.key: PriceChanged()
        for order, draft in zip(orders, decided, strict=True)
        if draft.status is Status.PRICE_CHANGED
    }
    return decided, apart


async def read_holdings(connection: Connection, bucket: int, offers: Sequence[Offer]) -> Holdings:
    """Read what these offers of one bucket may draw on; what was used only where a cap asks for it."""
    funds = {one.fund for offer in offers for one in offer.contributions}
    campaigns = {one.id: one for offer in offers for one in offer.campaigns}
    capped = {one.scheme for offer in offers for one in offer.purses if one.caps != NO_CAPS}
    capped |= {one.id for one in campaigns.values() if one.terms.caps != NO_CAPS}
    payers = {offer.scan.payer: offer.scan.at for offer in offers}
    return await holdings(connection, bucket, Wish(payers, [*funds, *campaigns], list(capped)))


def _decided(order: Order, draft: Payment, held: Holdings | None) -> Payment:
    """Write into a draft who pays what, or why it is refused."""
    offer = order.offer
    if held is None or not offer.is_shared:
        is_more = order.own_max is not None and draft.amount > order.own_max
        return replace(draft, status=Status.PRICE_CHANGED) if is_more else draft
    shares = divide(offer, held, order.own_max)
    if isinstance(shares, Refused):
        return replace(draft, status=shares.status, names=shares.names)
    alone = [share.source for share in shares] == [Source.BALANCE]
    return replace(draft, balance=held.amounts.get(draft.payer, 0), shares=() if alone else shares)


async def count_shares(
    connection: Connection, bucket: int, orders: Sequence[Order], payments: Sequence[Payment]
) -> None:
    """Count how often purses and campaigns were used, in the payment's transaction; nothing where nothing was shared."""
    uses = [
        (payment.payer, share.scheme or share.account, payment.paid_at, share.amount)
        for order, payment in zip(orders, payments, strict=True)
        if payment.shares and payment.status is Status.PAID
        for share in payment.shares
        if share.scheme or any(share.account == one.id for one in order.offer.campaigns)
    ]
    await count_uses(connection, bucket, uses)
