"""What a payer holds before a till, found and judged: a payment code pays once, a paper card as long as it lives.

A batch without them asks nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from haihe.base.i18n import N_, translate
from haihe.codes import payment_codes
from haihe.payments.model import Channel, Status
from haihe.payments.paper import store as paper_store
from haihe.payments.paper.model import is_paper_code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from haihe.base.database import Connection
    from haihe.codes.payment_codes import PaymentCodes
    from haihe.payments.engine import Order
    from haihe.payments.model import Payment
    from haihe.payments.paper.service import PaperCards


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose code a till saw, and by which channel it pays.

    `code` is the code's number or the card's id. `content` stands for it where a charge is remembered. `check` refuses what no longer pays.
    """

    citizen: int
    bucket: int
    channel: Channel
    code: int
    content: str
    check: Callable[[], None]


async def find_shown(codes: PaymentCodes, papers: PaperCards, text: str) -> Shown:
    """Find whose code was shown. Raises `PaymentCodeUnknown`, `PaperCardMistyped`, `PaperCardUnknown`."""
    if is_paper_code(text):
        card = await papers.find(text)
        return Shown(
            card.citizen,
            card.bucket,
            Channel.PAPER,
            card.id,
            f"paper-{card.id}",
            lambda: papers.check_living(card),
        )
    code = await codes.find(text)
    return Shown(code.citizen, code.bucket, Channel.PAYMENT_CODE, code.code, text, lambda: codes.check_fresh(code))


async def refuse_used(connection: Connection, orders: Sequence[Order], drafts: list[Payment]) -> list[Payment]:
    """Refuse whose payment code has paid before and whose paper card is revoked; right under the bucket's lock."""
    codes, cards = _codes(orders, Channel.PAYMENT_CODE), _codes(orders, Channel.PAPER)
    if not codes and not cards:
        return drafts
    used = await payment_codes.used(connection, codes) if codes else {}
    revoked = await paper_store.revoked(connection, cards) if cards else set()
    return [_judged(order, draft, used, revoked) for order, draft in zip(orders, drafts, strict=True)]


def _codes(orders: Sequence[Order], channel: Channel) -> list[int]:
    return [order.offer.scan.code for order in orders if order.offer.scan.code and order.offer.scan.channel is channel]


def _judged(order: Order, draft: Payment, used: dict[int, int], revoked: set[int]) -> Payment:
    code = order.offer.scan.code
    if draft.status is not Status.PAID:
        return draft
    if draft.channel is Channel.PAPER:
        return replace(draft, status=Status.CARD_REVOKED) if code in revoked else draft
    return replace(draft, status=Status.CODE_USED, names=used[code]) if code in used else draft


async def use_up(connection: Connection, orders: Sequence[Order], payments: Sequence[Payment]) -> None:
    """Write into each payment code the payment that it made; a paper card pays again."""
    used = [
        (order.offer.scan.code, payment.id)
        for order, payment in zip(orders, payments, strict=True)
        if order.offer.scan.code and payment.status is Status.PAID and payment.channel is Channel.PAYMENT_CODE
    ]
    if used:
        await payment_codes.use_up(connection, [code for code, _ in used], [payment for _, payment in used])


def with_what(lang: str) -> tuple[str, str]:
    """Say, as label and value, that something was paid by paper card."""
    return translate(lang, N_("Paid with")), translate(lang, N_("Paper card"))
