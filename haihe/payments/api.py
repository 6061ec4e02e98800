"""The JSON API of payments: `POST /api/payments`, the hottest route of the city, and the list of what was paid."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from litestar import get, post
from litestar.params import JSONBody, QueryParameter

from haihe.base.confirmations import CHARACTERS_MAX
from haihe.base.money import CURRENCY
from haihe.payments.errors import KeyMissing
from haihe.payments.keys import KEY_CHARACTERS_MAX
from haihe.payments.model import Payment, PaymentRequest
from haihe.payments.service import HISTORY_LIMIT_MAX, Payments
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, Balance, IdempotencyKey, problems
from haihe.web.part import Service

LIST_LIMIT: Final = 20
CODE_CHARACTERS_MAX: Final = 200
CURSOR_CHARACTERS_MAX: Final = 400


class PayBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A request to pay: the scanned code; the amount in fen only if the code has no price; `companion` pays once more.

    `own_max`: the most, in fen, that may leave the wallet; when a discount or a purse was used up meanwhile, nothing is paid.
    `confirmation`: what `POST /api/confirmations` answered for this key; needed after `confirmation_needed`.
    """

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=CODE_CHARACTERS_MAX)]
    amount: int | None = None
    companion: bool = False
    own_max: int | None = None
    confirmation: Annotated[str, msgspec.Meta(max_length=CHARACTERS_MAX)] = ""


class PaidBy(msgspec.Struct, frozen=True):
    """Where a part of the money came from (balance, purse or fund), in fen."""

    source: str
    amount: int


class PaymentAnswer(msgspec.Struct, frozen=True):
    """A payment: `amount` is the full price in fen, `balance` the payer's after it."""

    id: str
    status: str
    amount: int
    currency: str
    paid_by: tuple[PaidBy, ...]
    payee: str
    balance: Balance
    paid_at: str


class PaymentList(msgspec.Struct, frozen=True):
    """Payments, newest first; `next_cursor` null on the last page."""

    items: tuple[PaymentAnswer, ...]
    next_cursor: str | None


def answer_of(payment: Payment) -> PaymentAnswer:
    """Write a payment as the API answers it."""
    return PaymentAnswer(
        id=str(payment.id),
        status="paid",
        amount=payment.amount,
        currency=CURRENCY,
        paid_by=tuple(PaidBy(share.source, share.amount) for share in payment.paid_by),
        payee=payment.payee_name,
        balance=Balance(payment.balance),
        paid_at=payment.paid_at.isoformat(timespec="milliseconds"),
    )


def payment_request(viewer: Viewer, body: PayBody, key: str | None) -> PaymentRequest:
    """Make a request to pay of what a citizen sent. Raises `KeyMissing`."""
    return PaymentRequest(
        viewer.person,
        viewer.bucket,
        body.code,
        checked_key(key),
        amount=body.amount,
        companion=body.companion,
        own_max=body.own_max,
        confirmation=body.confirmation,
    )


def checked_key(value: str | None) -> str:
    """Check the Idempotency-Key header. Raises `KeyMissing`."""
    if value is None or not value.strip() or len(value) > KEY_CHARACTERS_MAX:
        raise KeyMissing
    return value.strip()


@post(
    "/api/payments",
    guards=[signed_in],
    include_in_schema=True,
    summary="Pay what a code offers",
    tags=["payments"],
    security=SIGNED_IN,
    responses=problems(400, 401, 402, 403, 404, 409, 410, 413, 422, 429, 503),
)
async def pay(
    data: JSONBody[PayBody], viewer: Viewer, payments: Service[Payments], idempotency_key: IdempotencyKey = None
) -> PaymentAnswer:
    """Pay. Repeating the request with the same Idempotency-Key gets the same answer."""
    return answer_of(await payments.pay(payment_request(viewer, data, idempotency_key)))


@get(
    "/api/payments",
    guards=[signed_in],
    include_in_schema=True,
    summary="List payments",
    tags=["payments"],
    security=SIGNED_IN,
    responses=problems(400, 401, 429, 503),
)
async def list_payments(
    viewer: Viewer,
    payments: Service[Payments],
    limit: Annotated[int, QueryParameter(ge=1, le=HISTORY_LIMIT_MAX)] = LIST_LIMIT,
    cursor: Annotated[str | None, QueryParameter(max_length=CURSOR_CHARACTERS_MAX)] = None,
) -> PaymentList:
    """Give the citizen's payments, newest first."""
    found, next_cursor = await payments.list_payments(viewer, limit=limit, cursor=cursor)
    return PaymentList(tuple(answer_of(payment) for payment in found), next_cursor)


HANDLERS: Final = (pay, list_payments)
