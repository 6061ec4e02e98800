"""The JSON API of sending money to a citizen."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody

from haihe.base.money import CURRENCY
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.wallet.rules import read_id
from haihe.wallet.sending import rules
from haihe.wallet.sending.model import SendRequest, Transfer
from haihe.wallet.sending.service import Sendings
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, Balance, IdempotencyKey, problems, read_exactly
from haihe.web.part import Service

TEXT_CHARACTERS_MAX = 200
Text = Annotated[str, msgspec.Meta(max_length=TEXT_CHARACTERS_MAX)]


class TransferBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """To whose phone how much (fen) goes, with a note if there is one.

    Above 200 yuan, and after `confirmation_needed`, the passcode or what `POST /api/confirmations` answered for this key.
    """

    phone: Text
    amount: int
    note: Text = ""
    passcode: Text = ""
    confirmation: Text = ""


class TransferAnswer(msgspec.Struct, frozen=True):
    """Money between citizens: `status` sent (on its way), arrived or returned; `to` or `from` the other's masked name.

    `balance` is the own wallet's after it.
    """

    id: str
    status: str
    amount: int
    currency: str
    to: str | None
    sender: str | None = msgspec.field(name="from")
    note: str
    balance: Balance
    at: str


@post(
    "/api/transfers",
    guards=[signed_in],
    include_in_schema=True,
    summary="Send money to a citizen",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(400, 401, 402, 403, 404, 409, 413, 422, 429, 503),
)
async def send(
    data: JSONBody[TransferBody],
    request: Request[Any, Any, Any],
    viewer: Viewer,
    sendings: Service[Sendings],
    limits: Service[Limits],
    idempotency_key: IdempotencyKey = None,
) -> TransferAnswer:
    """Send money to whoever has a phone number. Repeating with the same Idempotency-Key gets the same transfer as it stands."""
    data = await read_exactly(request, TransferBody)
    with rules.looking_up(limits, host_of(request), viewer.person):
        return _answer(
            await sendings.send(
                SendRequest(
                    sender=viewer.person,
                    bucket=viewer.bucket,
                    phone=data.phone,
                    amount=data.amount,
                    key=(idempotency_key or "").strip(),
                    note=data.note,
                    passcode=data.passcode,
                    confirmation=data.confirmation,
                )
            )
        )


@get(
    "/api/transfers/{transfer_id:str}",
    guards=[signed_in],
    include_in_schema=True,
    summary="Read a transfer",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(401, 404, 503),
)
async def read_transfer(transfer_id: str, viewer: Viewer, sendings: Service[Sendings]) -> TransferAnswer:
    """Give a transfer that the citizen sent or received, as it stands."""
    identity = read_id(transfer_id) or 0
    return _answer(await sendings.transfer(identity, citizen=viewer.person, bucket=viewer.bucket))


def _answer(transfer: Transfer) -> TransferAnswer:
    return TransferAnswer(
        id=str(transfer.id),
        status=transfer.status,
        amount=transfer.amount,
        currency=CURRENCY,
        to=transfer.other if transfer.is_outgoing else None,
        sender=None if transfer.is_outgoing else transfer.other,
        note=transfer.note,
        balance=Balance(transfer.balance),
        at=transfer.at.isoformat(timespec="milliseconds"),
    )


HANDLERS = (send, read_transfer)
