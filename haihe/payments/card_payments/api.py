"""The JSON API of payments straight from a bank card."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody

from haihe.base.confirmations import CHARACTERS_MAX
from haihe.base.money import CURRENCY
from haihe.base.throttle import Limits
from haihe.payments.api import CODE_CHARACTERS_MAX
from haihe.payments.card_payments.model import CardPayment, CardPaymentWish
from haihe.payments.card_payments.service import CardPayments
from haihe.people.api import host_of
from haihe.wallet.rules import read_id
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, IdempotencyKey, problems, read_exactly
from haihe.web.part import Service


class CardPaymentBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The scanned code and one of the own cards; the amount in fen only if the code has no price; `companion` pays once more.

    `confirmation`: what `POST /api/confirmations` answered for this key; needed after `confirmation_needed`.
    """

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=CODE_CHARACTERS_MAX)]
    card: Annotated[str, msgspec.Meta(pattern="^[0-9]{1,19}$")]
    amount: int | None = None
    companion: bool = False
    confirmation: Annotated[str, msgspec.Meta(max_length=CHARACTERS_MAX)] = ""


class CardPaymentAnswer(msgspec.Struct, frozen=True):
    """A payment by card: `status` pending, paid (then `payment` is its id), refused (nothing was taken) or kept.

    Kept means that the money came from the card and could not be paid then: it is in the wallet. `reason` says why, for both.
    `amount` is what is pulled from the card, in fen.
    """

    id: str
    status: str
    amount: int
    currency: str
    reason: str
    payment: str | None
    asked_at: str


@post(
    "/api/card-payments",
    guards=[signed_in],
    include_in_schema=True,
    summary="Pay what a code offers straight from a card",
    tags=["payments"],
    security=SIGNED_IN,
    responses=problems(400, 401, 403, 404, 409, 410, 413, 422, 429, 503),
)
async def pay_by_card(
    data: JSONBody[CardPaymentBody],
    request: Request[Any, Any, Any],
    viewer: Viewer,
    card_payments: Service[CardPayments],
    limits: Service[Limits],
    idempotency_key: IdempotencyKey = None,
) -> CardPaymentAnswer:
    """Pay from a card. Repeating with the same Idempotency-Key gets the same payment as it stands."""
    data = await read_exactly(request, CardPaymentBody)
    limits.count("pay", host_of(request), who=str(viewer.person))
    wish = CardPaymentWish(
        citizen=viewer.person,
        bucket=viewer.bucket,
        code=data.code,
        card=read_id(data.card) or 0,
        key=(idempotency_key or "").strip(),
        amount=data.amount,
        companion=data.companion,
        confirmation=data.confirmation,
    )
    return _answer(await card_payments.pay(wish))


@get(
    "/api/card-payments/{card_payment_id:str}",
    guards=[signed_in],
    include_in_schema=True,
    summary="Read a payment by card",
    tags=["payments"],
    security=SIGNED_IN,
    responses=problems(401, 404, 503),
)
async def read_card_payment(
    card_payment_id: str, viewer: Viewer, card_payments: Service[CardPayments]
) -> CardPaymentAnswer:
    """Give one of the citizen's payments by card as it stands."""
    identity = read_id(card_payment_id) or 0
    return _answer(await card_payments.by_id(identity, citizen=viewer.person, bucket=viewer.bucket))


def _answer(row: CardPayment) -> CardPaymentAnswer:
    return CardPaymentAnswer(
        id=str(row.id),
        status=row.status_word,
        amount=row.amount,
        currency=CURRENCY,
        reason=row.reason,
        payment=str(row.payment) if row.payment else None,
        asked_at=row.asked_at.isoformat(timespec="milliseconds"),
    )


HANDLERS: Final = (pay_by_card, read_card_payment)
