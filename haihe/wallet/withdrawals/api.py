"""The JSON API of withdrawals."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody

from haihe.base.confirmations import CHARACTERS_MAX
from haihe.base.money import CURRENCY
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.wallet.rules import read_id
from haihe.wallet.withdrawals.model import Withdrawal, WithdrawalWish
from haihe.wallet.withdrawals.service import Withdrawals
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, Balance, IdempotencyKey, problems, read_exactly
from haihe.web.part import Service

TEXT_CHARACTERS_MAX: Final = 200
IdText = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,19}$")]


class WithdrawalBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How much (fen) goes to which of the own cards; with the passcode, or a confirmation of this key."""

    amount: int
    card: IdText
    passcode: Annotated[str, msgspec.Meta(max_length=TEXT_CHARACTERS_MAX)] = ""
    confirmation: Annotated[str, msgspec.Meta(max_length=CHARACTERS_MAX)] = ""


class WithdrawalAnswer(msgspec.Struct, frozen=True):
    """A withdrawal: `status` pending, done, refused (then the money is back and `reason` tells why) or held; `balance` the wallet's."""

    id: str
    status: str
    amount: int
    currency: str
    card: str
    reason: str
    balance: Balance
    asked_at: str


@post(
    "/api/withdrawals",
    guards=[signed_in],
    include_in_schema=True,
    summary="Withdraw to an own bank card",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(400, 401, 402, 403, 404, 413, 422, 429, 503),
)
async def withdraw(
    data: JSONBody[WithdrawalBody],
    request: Request[Any, Any, Any],
    viewer: Viewer,
    withdrawals: Service[Withdrawals],
    limits: Service[Limits],
    idempotency_key: IdempotencyKey = None,
) -> WithdrawalAnswer:
    """Send money to one of the citizen's own cards. Repeating with the same Idempotency-Key gets the same withdrawal as it stands."""
    data = await read_exactly(request, WithdrawalBody)
    limits.count("top_up", host_of(request), who=str(viewer.person))
    wish = WithdrawalWish(
        citizen=viewer.person,
        bucket=viewer.bucket,
        amount=data.amount,
        card=read_id(data.card) or 0,
        key=(idempotency_key or "").strip(),
        passcode=data.passcode,
        confirmation=data.confirmation,
    )
    return _answer(await withdrawals.withdraw(wish))


@get(
    "/api/withdrawals/{withdrawal_id:str}",
    guards=[signed_in],
    include_in_schema=True,
    summary="Read a withdrawal",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(401, 404, 503),
)
async def read_withdrawal(withdrawal_id: str, viewer: Viewer, withdrawals: Service[Withdrawals]) -> WithdrawalAnswer:
    """Give one of the citizen's withdrawals as it stands."""
    identity = read_id(withdrawal_id) or 0
    return _answer(await withdrawals.by_id(identity, citizen=viewer.person, bucket=viewer.bucket))


def _answer(withdrawal: Withdrawal) -> WithdrawalAnswer:
    return WithdrawalAnswer(
        id=str(withdrawal.id),
        status=withdrawal.status_word,
        amount=withdrawal.amount,
        currency=CURRENCY,
        card=str(withdrawal.card),
        reason=withdrawal.reason,
        balance=Balance(withdrawal.balance),
        asked_at=withdrawal.asked_at.isoformat(timespec="milliseconds"),
    )


HANDLERS: Final = (withdraw, read_withdrawal)
