"""`POST /api/payments` without a framework around it: the same types, checks and answers as in `api.py`, at half the cost.

Measured (docs/performance.md): a Litestar handler costs 139 µs a request, a bare one 53, both measured on a prototype. `app.py` registers it before the
framework; the handler in `api.py` describes it to OpenAPI and answers wherever this one is not mounted. Both go through
`payment_request` and `answer_of`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from haihe.base.errors import Refusal
from haihe.base.tokens import TokenMissing
from haihe.payments.api import PayBody, answer_of, payment_request
from haihe.web.json_api import IDEMPOTENCY_HEADER
from haihe.web.problem import BodyInvalid, BodyMalformed, InternalError, TextInvalid
from haihe.web.security import has_bad_text, read_body, send_problem

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

    from haihe.base.throttle import Limits
    from haihe.payments.service import Payments
    from haihe.web.guards import Doorkeeper, Viewer

log = structlog.get_logger()

KEY_HEADER: Final = IDEMPOTENCY_HEADER.lower().encode()
CREATED: Final = 201

_decode = msgspec.json.Decoder(PayBody).decode
_encode = msgspec.json.Encoder().encode


def hot_payments(payments: Payments, doorkeeper: Doorkeeper, limits: Limits) -> ASGIApp:
    """Make the bare handler."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            headers = dict(scope["headers"])
            viewer = await _viewer(doorkeeper, headers)
            limits.count("pay", _host(scope), who=str(viewer.person))
            body = _read(await read_body(receive))
            payment = await payments.pay(payment_request(viewer, body, _text(headers.get(KEY_HEADER))))
        except Refusal as refusal:
            await send_problem(scope, send, refusal)
            return
        except Exception:
            log.exception("payment failed")
            await send_problem(scope, send, InternalError())
            return
        await _send(send, _encode(answer_of(payment)))

    return handle


async def _viewer(doorkeeper: Doorkeeper, headers: dict[bytes, bytes]) -> Viewer:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing
    return await doorkeeper.viewer(token.strip())


def _host(scope: Scope) -> str:
    client = scope["client"]
    return client[0] if client else ""


def _read(raw: bytes) -> PayBody:
    if has_bad_text(raw, form=False):
        raise TextInvalid
    try:
        return _decode(raw)
    except msgspec.ValidationError as error:
        raise BodyInvalid(fields=[{"field": "", "reason": str(error)}]) from error
    except msgspec.DecodeError as error:
        raise BodyMalformed from error


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


async def _send(send: Send, body: bytes) -> None:
    headers: Any = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": CREATED, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
