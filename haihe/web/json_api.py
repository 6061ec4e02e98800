"""What every part's JSON API has in common: balances, problems in the schema, the idempotency key."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias, TypeVar

import msgspec
from litestar import Request
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import SecurityScheme
from litestar.params import HeaderParameter

from haihe.base.money import CURRENCY
from haihe.web.problem import PROBLEM_JSON, BodyInvalid

IDEMPOTENCY_HEADER: Final = "Idempotency-Key"
BEARER: Final = "bearer"
SECURITY: Final = {BEARER: SecurityScheme(type="http", scheme="bearer", description="A citizen's token.")}
SIGNED_IN: Final = [{BEARER: list[str]()}]
"""What an operation says that asks for a token."""

IdempotencyKey: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name=IDEMPOTENCY_HEADER, description="1 to 200 characters of your own; the same key gets the same answer."
    ),
]

_MEANINGS: Final = {
    400: "What was sent cannot be read.",
    401: "No token, or one that is not good (any more).",
    402: "Not enough money.",
    403: "Not allowed.",
    404: "There is no such thing.",
    409: "Already done, or being done.",
    410: "No longer valid.",
    413: "Too large.",
    422: "It can be read, but it cannot be meant.",
    423: "Locked for a while.",
    429: "Too often; Retry-After tells when again.",
    503: "The city or the other side is away for a moment; repeat with the same key.",
}


T = TypeVar("T", bound=msgspec.Struct)


async def read_exactly(request: Request[Any, Any, Any], shape: type[T]) -> T:
    """Read a body in which money stands. Raises `BodyInvalid`: the framework takes "1" and 1.0 for the number 1, an amount is neither."""
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except msgspec.MsgspecError as error:
        raise BodyInvalid(fields=[{"field": "", "reason": str(error)}]) from error


class Balance(msgspec.Struct, frozen=True):
    """An amount in fen with its currency."""

    amount: int
    currency: str = CURRENCY


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457: why not. `code` is stable; `title` and `detail` are in the language that was asked for."""

    type: str
    code: str
    status: int
    title: str
    detail: str


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Describe the problems that an operation may answer."""
    return {
        status: ResponseSpec(Problem, media_type=PROBLEM_JSON, description=_MEANINGS[status], generate_examples=False)
        for status in statuses
    }
