"""The JSON API of payment codes: what a program shows to a till instead of the city's own page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get, post
from litestar.params import PathParameter

from haihe.base.throttle import Limits
from haihe.codes.model import PaymentCode
from haihe.codes.payment_codes import PaymentCodeUnknown
from haihe.payments.service import Payments
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, problems
from haihe.web.part import Service

CODE_CHARACTERS_MAX: Final = 40


class ShownCode(msgspec.Struct, frozen=True):
    """A fresh code: 18 digits; it pays once, until it expires."""

    code: str
    expires_at: str
    expires_in_s: int


class CodeState(msgspec.Struct, frozen=True):
    """What became of a code: "open", "paid" or "expired"; `payment` is the id of the payment that it made."""

    status: str
    payment: str | None = None


async def fresh_code(payments: Payments, limits: Limits, viewer: Viewer, *, host: str) -> PaymentCode:
    """Make a code for who asks. Raises `TooMany`."""
    limits.count("payment_code", host, who=str(viewer.person))
    return await payments.codes.issue(citizen=viewer.person, bucket=viewer.bucket)


async def own_state(payments: Payments, viewer: Viewer, text: str) -> CodeState:
    """Tell what became of a code of the viewer's own. Raises `PaymentCodeUnknown`, also for someone else's."""
    code = await payments.codes.find(text)
    if code.citizen != viewer.person:
        raise PaymentCodeUnknown
    if code.payment:
        return CodeState("paid", str(code.payment))
    return CodeState("open" if seconds_left(code, payments.clock.now()) > 0 else "expired")


def seconds_left(code: PaymentCode, now: datetime) -> int:
    """Give the whole seconds until a code expires; 0 afterwards."""
    return max(0, int((code.expires_at - now).total_seconds()))


@post(
    "/api/payment-codes",
    guards=[signed_in],
    include_in_schema=True,
    summary="Make a payment code to show to a till",
    tags=["payments"],
    security=SIGNED_IN,
    responses=problems(401, 429, 503),
)
async def make_code(
    request: Request[Any, Any, Any],
    viewer: Viewer,
    payments: Service[Payments],
    limits: Service[Limits],
) -> ShownCode:
    """Make a fresh code; the ones before hold until they expire or have paid."""
    code = await fresh_code(payments, limits, viewer, host=request.client.host if request.client else "")
    left_s = seconds_left(code, payments.clock.now())
    return ShownCode(str(code.code), code.expires_at.isoformat(timespec="milliseconds"), left_s)


@get(
    "/api/payment-codes/{code:str}",
    guards=[signed_in],
    include_in_schema=True,
    summary="Ask whether a payment code has paid",
    tags=["payments"],
    security=SIGNED_IN,
    responses=problems(400, 401, 404, 503),
)
async def code_state(
    viewer: Viewer,
    payments: Service[Payments],
    code: Annotated[str, PathParameter(max_length=CODE_CHARACTERS_MAX)],
) -> CodeState:
    """Tell what became of one's own code."""
    return await own_state(payments, viewer, code)


HANDLERS: Final = (make_code, code_state)
