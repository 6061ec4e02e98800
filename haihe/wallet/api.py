"""The JSON API of the wallet: bank cards and top-ups."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody

from haihe.base.money import CURRENCY
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.wallet import rules
from haihe.wallet.model import Card, TopUp, TopUpStatus
from haihe.wallet.service import Wallets
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, Balance, IdempotencyKey, problems, read_exactly
from haihe.web.part import Service

TEXT_CHARACTERS_MAX: Final = 200
Text = Annotated[str, msgspec.Meta(max_length=TEXT_CHARACTERS_MAX)]
IdText = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,19}$")]


class CardBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The number of a bank card held under the citizen's own name; with the payment passcode, where one is set."""

    number: Text
    passcode: Text = ""


class CardAnswer(msgspec.Struct, frozen=True):
    """A bank card, known by its last four digits."""

    id: str
    last_digits: str


class CardList(msgspec.Struct, frozen=True):
    """A citizen's cards, newest first."""

    items: tuple[CardAnswer, ...]


class TopUpBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How much (fen) to pull from which card; the passcode above 200 yuan."""

    amount: int
    card: IdText
    passcode: Text = ""


class TopUpAnswer(msgspec.Struct, frozen=True):
    """A top-up: `status` pending, done, refused (then `reason` tells why) or held; `balance` the wallet's after it, once done."""

    id: str
    status: str
    amount: int
    currency: str
    reason: str
    balance: Balance | None
    asked_at: str


@get(
    "/api/cards",
    guards=[signed_in],
    include_in_schema=True,
    summary="List bank cards",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(401, 503),
)
async def list_cards(viewer: Viewer, wallets: Service[Wallets]) -> CardList:
    """Give the citizen's bank cards, newest first."""
    return CardList(tuple(_card_answer(card) for card in await wallets.cards.of(viewer.person)))


@post(
    "/api/cards",
    guards=[signed_in],
    include_in_schema=True,
    summary="Add a bank card",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(400, 401, 403, 413, 422, 429, 503),
)
async def add_card(
    data: JSONBody[CardBody],
    request: Request[Any, Any, Any],
    viewer: Viewer,
    wallets: Service[Wallets],
    limits: Service[Limits],
) -> CardAnswer:
    """Add a card with the mandate to pull from it; the bank is asked whether it is held under the citizen's name."""
    limits.count("card", host_of(request), who=str(viewer.person))
    return _card_answer(await wallets.cards.add_confirmed(viewer.person, data.number, data.passcode))


@post(
    "/api/top-ups",
    guards=[signed_in],
    include_in_schema=True,
    summary="Top up",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(400, 401, 403, 404, 413, 422, 429, 503),
)
async def top_up(
    data: JSONBody[TopUpBody],
    request: Request[Any, Any, Any],
    viewer: Viewer,
    wallets: Service[Wallets],
    limits: Service[Limits],
    idempotency_key: IdempotencyKey = None,
) -> TopUpAnswer:
    """Pull money from a bank card into the wallet. Repeating with the same Idempotency-Key gets the same top-up as it stands."""
    data = await read_exactly(request, TopUpBody)
    limits.count("top_up", host_of(request), who=str(viewer.person))
    return _top_up_answer(
        await wallets.top_up(
            citizen=viewer.person,
            bucket=viewer.bucket,
            amount=data.amount,
            card=rules.read_id(data.card) or 0,
            key=(idempotency_key or "").strip(),
            passcode=data.passcode,
        )
    )


@get(
    "/api/top-ups/{top_up_id:str}",
    guards=[signed_in],
    include_in_schema=True,
    summary="Read a top-up",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(401, 404, 503),
)
async def read_top_up(top_up_id: str, viewer: Viewer, wallets: Service[Wallets]) -> TopUpAnswer:
    """Give one of the citizen's top-ups as it stands."""
    identity = rules.read_id(top_up_id) or 0
    return _top_up_answer(await wallets.top_up_by_id(identity, citizen=viewer.person, bucket=viewer.bucket))


def _card_answer(card: Card) -> CardAnswer:
    return CardAnswer(str(card.id), card.last_digits)


def _top_up_answer(top_up: TopUp) -> TopUpAnswer:
    is_done = top_up.status is TopUpStatus.DONE
    return TopUpAnswer(
        id=str(top_up.id),
        status=top_up.status_word,
        amount=top_up.amount,
        currency=CURRENCY,
        reason=top_up.reason,
        balance=Balance(top_up.balance) if is_done else None,
        asked_at=top_up.asked_at.isoformat(timespec="milliseconds"),
    )


HANDLERS = (list_cards, add_card, top_up, read_top_up)
