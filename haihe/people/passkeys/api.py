"""The JSON API of passkeys: for programs that have a browser's `navigator.credentials`, or the like of it, at hand."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, get, post
from litestar.params import JSONBody

from haihe.base.confirmations import LIFETIME as CONFIRMATION_LIFETIME
from haihe.base.throttle import Limits
from haihe.people.api import TEXT_CHARACTERS_MAX, ConfirmationAnswer, SignedInAnswer, Text, host_of, signed_in_answer
from haihe.people.devices.visits import program_of
from haihe.people.errors import PasscodeMissing
from haihe.people.passkeys.errors import PasskeyUnknown
from haihe.people.passkeys.forms import host_header
from haihe.people.passkeys.model import CREDENTIAL_CHARACTERS_MAX, Order, Passkey
from haihe.people.passkeys.pages import checked
from haihe.people.passkeys.service import Passkeys
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, problems
from haihe.web.part import Service

Credential = Annotated[str, msgspec.Meta(max_length=CREDENTIAL_CHARACTERS_MAX)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_CHARACTERS_MAX)]
AMOUNT_MAX: Final = 10**15


class Asked(msgspec.Struct, frozen=True):
    """What to give to `navigator.credentials`, in WebAuthn's JSON form; where a passkey is added, also the passcode's confirmation."""

    options: dict[str, Any]
    confirmation: str = ""


class BeginBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The payment passcode: who adds a passkey knows it."""

    passcode: Text


class AddBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A name, what the browser made as JSON text, and the confirmation that came with the options."""

    name: Text
    credential: Credential
    confirmation: Text


class PasskeyAnswer(msgspec.Struct, frozen=True):
    """A passkey; times in ISO 8601, `used_at` as `added_at` while it has not been used."""

    id: str
    name: str
    added_at: str
    used_at: str


class PasskeyList(msgspec.Struct, frozen=True):
    """Passkeys, the oldest first."""

    items: tuple[PasskeyAnswer, ...]


class PasskeySignInBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the browser's passkey answered, as JSON text."""

    credential: Credential


class OrderBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is to be confirmed: the idempotency key, the code that is paid, the amount in fen where the code has no price."""

    key: Key
    code: Key
    amount: Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)] = 0


class PasskeyConfirmBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is to be confirmed, once more, and what the browser's passkey answered, as JSON text."""

    key: Key
    code: Key
    credential: Credential
    amount: Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)] = 0


@post(
    "/api/passkeys/options",
    status_code=200,
    guards=[signed_in],
    include_in_schema=True,
    summary="Begin to add a passkey",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(400, 401, 403, 409, 413, 422, 503),
)
async def begin(
    data: JSONBody[BeginBody], request: Request[Any, Any, Any], viewer: Viewer, passkeys: Service[Passkeys]
) -> Asked:
    """Check the passcode; give what to ask of `navigator.credentials.create`."""
    party = passkeys.places.at(host_header(request))
    confirmation = await passkeys.begin(viewer.person, passcode=data.passcode)
    return Asked(await passkeys.ask_to_make(viewer.person, party), confirmation)


@post(
    "/api/passkeys",
    guards=[signed_in],
    include_in_schema=True,
    summary="Add a passkey",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(400, 401, 403, 409, 413, 422, 503),
)
async def add(
    data: JSONBody[AddBody], request: Request[Any, Any, Any], viewer: Viewer, passkeys: Service[Passkeys]
) -> PasskeyAnswer:
    """Keep the passkey that was made."""
    if not data.confirmation:
        raise PasscodeMissing(field="confirmation")
    party = passkeys.places.at(host_header(request))
    added = await passkeys.add(
        viewer.person, name=data.name, text=data.credential, confirmation=data.confirmation, party=party
    )
    return _answer(added)


@get(
    "/api/passkeys",
    guards=[signed_in],
    include_in_schema=True,
    summary="List my passkeys",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(401, 503),
)
async def list_passkeys(viewer: Viewer, passkeys: Service[Passkeys]) -> PasskeyList:
    """Give the citizen's passkeys."""
    return PasskeyList(tuple(map(_answer, await passkeys.of(viewer.person))))


@delete(
    "/api/passkeys/{passkey:int}",
    guards=[signed_in],
    include_in_schema=True,
    summary="Remove a passkey",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(401, 404, 503),
)
async def remove(viewer: Viewer, passkeys: Service[Passkeys], passkey: int) -> None:
    """Forget a passkey of the citizen."""
    await passkeys.remove(viewer.person, checked(passkey))


@post(
    "/api/sign-in/passkey/options",
    status_code=200,
    include_in_schema=True,
    summary="Begin to sign in with a passkey",
    tags=["people"],
    responses=problems(400, 409, 429, 503),
)
async def begin_sign_in(request: Request[Any, Any, Any], passkeys: Service[Passkeys]) -> Asked:
    """Give what to ask of `navigator.credentials.get`; nobody is named."""
    return Asked(passkeys.ask_to_sign_in(passkeys.places.at(host_header(request))))


@post(
    "/api/sign-in/passkey",
    status_code=200,
    include_in_schema=True,
    summary="Sign in with a passkey",
    tags=["people"],
    responses=problems(400, 404, 409, 413, 422, 429, 503),
)
async def sign_in(
    data: JSONBody[PasskeySignInBody],
    request: Request[Any, Any, Any],
    passkeys: Service[Passkeys],
    limits: Service[Limits],
) -> SignedInAnswer:
    """Sign in with a passkey's answer, without a phone; answers a bearer token."""
    limits.count("sign_in", host_of(request))
    party = passkeys.places.at(host_header(request))
    return signed_in_answer(await passkeys.sign_in(data.credential, party=party, visit=program_of(request)))


@post(
    "/api/confirmations/passkey/options",
    status_code=200,
    guards=[signed_in],
    include_in_schema=True,
    summary="Begin to confirm a request with a passkey",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(400, 401, 404, 409, 413, 503),
)
async def begin_confirmation(
    data: JSONBody[OrderBody], request: Request[Any, Any, Any], viewer: Viewer, passkeys: Service[Passkeys]
) -> Asked:
    """Give what to ask of `navigator.credentials.get`; the answer confirms this request only."""
    party = passkeys.places.at(host_header(request))
    options = await passkeys.ask_to_confirm(viewer.person, _order(data), party)
    if options is None:
        raise PasskeyUnknown
    return Asked(options)


@post(
    "/api/confirmations/passkey",
    status_code=201,
    guards=[signed_in],
    include_in_schema=True,
    summary="Confirm a request with a passkey",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(400, 401, 404, 409, 413, 422, 503),
)
async def confirm(
    data: JSONBody[PasskeyConfirmBody], request: Request[Any, Any, Any], viewer: Viewer, passkeys: Service[Passkeys]
) -> ConfirmationAnswer:
    """Confirm one request, named by its idempotency key; send the answer with it."""
    party = passkeys.places.at(host_header(request))
    text = await passkeys.confirm(viewer.person, _order(data), data.credential, party=party)
    return ConfirmationAnswer(text, int(CONFIRMATION_LIFETIME.total_seconds()))


def _order(body: OrderBody | PasskeyConfirmBody) -> Order:
    return Order(body.key.strip(), body.code, body.amount)


def _answer(passkey: Passkey) -> PasskeyAnswer:
    return PasskeyAnswer(
        id=str(passkey.id),
        name=passkey.name,
        added_at=passkey.added_at.isoformat(timespec="seconds"),
        used_at=passkey.used_at.isoformat(timespec="seconds"),
    )


HANDLERS: Final = (
    begin,
    add,
    list_passkeys,
    remove,
    begin_sign_in,
    sign_in,
    begin_confirmation,
    confirm,
)
