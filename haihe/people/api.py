"""The JSON API of people: sign in, register, and who am I."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post
from litestar.params import JSONBody

from haihe.base.confirmations import LIFETIME, matter
from haihe.base.database import Database
from haihe.base.money import AMOUNT_FEN_MAX
from haihe.base.throttle import Limits
from haihe.ledger import service as ledger
from haihe.people.devices.visits import program_of
from haihe.people.doors import count_try
from haihe.people.model import Citizen, Purpose, Registration, SignedIn
from haihe.people.service import People
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, Balance, problems
from haihe.web.part import Service

TEXT_CHARACTERS_MAX = 200
Text = Annotated[str, msgspec.Meta(max_length=TEXT_CHARACTERS_MAX)]
_PURPOSES = {"sign_in": Purpose.SIGN_IN, "register": Purpose.REGISTER}
PurposeWord = Annotated[str, msgspec.Meta(pattern="^(sign_in|register)$")]


class CodeBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """For which phone and purpose (sign_in, register) a one-time code is wanted."""

    phone: Text
    purpose: PurposeWord = "sign_in"


class CodeAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """How long the code holds and when the next may be asked, in seconds; a demo shows the code itself."""

    expires_s: int
    resend_s: int
    demo_code: str = ""


class SignInBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A phone and the code that was sent to it."""

    phone: Text
    code: Text


class RegisterBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a person says to register."""

    name: Text
    id_number: Text
    phone: Text
    code: Text
    passcode: Text
    language: Text = "en"


class ConfirmBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The idempotency key of the request that is to be confirmed, and the payment passcode.

    With `code` (and `amount` in fen) the confirmation serves for this alone: the code that is paid, "send-<phone>" or "withdraw-<card>".
    """

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_CHARACTERS_MAX)]
    passcode: Text
    code: Text = ""
    amount: Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_FEN_MAX)] = 0


class ConfirmationAnswer(msgspec.Struct, frozen=True):
    """What to send with the request, and for how long it is good."""

    confirmation: str
    expires_s: int


class Me(msgspec.Struct, frozen=True):
    """The citizen who asks; the phone is masked."""

    id: str
    name: str
    citizen_class: str = msgspec.field(name="class")
    balance: Balance
    phone: str
    language: str
    has_passcode: bool


class SignedInAnswer(msgspec.Struct, frozen=True):
    """A bearer token with its end, and whose it is."""

    token: str
    expires_at: str
    citizen_id: str
    name: str
    citizen_class: str = msgspec.field(name="class")


def host_of(request: Request[Any, Any, Any]) -> str:
    """Tell the address that asks."""
    return request.client.host if request.client else ""


@post(
    "/api/sign-in/codes",
    status_code=202,
    include_in_schema=True,
    summary="Ask for a one-time code",
    tags=["people"],
    responses=problems(400, 413, 422, 429, 503),
)
async def ask_code(
    data: JSONBody[CodeBody],
    request: Request[Any, Any, Any],
    lang: str,
    people: Service[People],
    limits: Service[Limits],
) -> CodeAnswer:
    """Send a one-time code by SMS; the answer is the same whether the phone is registered or not."""
    host = host_of(request)
    count_try(limits, "code", host, data.phone)
    asked = await people.ask_code(data.phone, _PURPOSES[data.purpose], language=lang, limited=limits.holds_for(host))
    return CodeAnswer(asked.expires_s, asked.resend_s, asked.shown)


@post(
    "/api/sign-in",
    status_code=200,
    include_in_schema=True,
    summary="Sign in",
    tags=["people"],
    responses=problems(400, 404, 413, 422, 429, 503),
)
async def sign_in(
    data: JSONBody[SignInBody], request: Request[Any, Any, Any], people: Service[People], limits: Service[Limits]
) -> SignedInAnswer:
    """Sign in with phone and code; answers a bearer token."""
    count_try(limits, "sign_in", host_of(request), data.phone)
    return signed_in_answer(await people.sign_in(phone=data.phone, code=data.code, visit=program_of(request)))


@delete(
    "/api/sign-in",
    guards=[signed_in],
    include_in_schema=True,
    summary="Sign out",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(401, 503),
)
async def sign_out(request: Request[Any, Any, Any], people: Service[People]) -> None:
    """End the session of the token that is sent."""
    await people.sign_out(request.headers.get("authorization", "").partition(" ")[2].strip())


@post(
    "/api/citizens",
    include_in_schema=True,
    summary="Register",
    tags=["people"],
    responses=problems(400, 409, 413, 422, 429, 503),
)
async def register(
    data: JSONBody[RegisterBody], request: Request[Any, Any, Any], people: Service[People], limits: Service[Limits]
) -> SignedInAnswer:
    """Register under the real name, checked against the population registry, and sign in."""
    count_try(limits, "register", host_of(request), data.phone)
    form = Registration(
        name=data.name,
        id_number=data.id_number,
        phone=data.phone,
        code=data.code,
        passcode=data.passcode,
        language=data.language,
    )
    return signed_in_answer(await people.register(form, program_of(request)))


@get(
    "/api/me",
    guards=[signed_in],
    include_in_schema=True,
    summary="Who am I",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(401, 503),
)
async def me(viewer: Viewer, people: Service[People]) -> Me:
    """Give the citizen of the token with the balance."""
    citizen = await people.citizen(viewer.person)
    balance = await balance_of(people.database, citizen)
    return Me(
        id=str(citizen.id),
        name=citizen.name,
        citizen_class=citizen.citizen_class.name,
        balance=Balance(balance),
        phone=citizen.masked_phone,
        language=citizen.language,
        has_passcode=citizen.has_passcode,
    )


async def balance_of(database: Database, citizen: Citizen) -> int:
    """Read what a citizen can spend, in fen."""
    async with database.connection() as connection:
        return (await ledger.balances(connection, citizen.bucket, [citizen.id])).get(citizen.id, 0)


def signed_in_answer(signed: SignedIn) -> SignedInAnswer:
    """Write a sign-in as the API answers it."""
    citizen = signed.citizen
    return SignedInAnswer(
        token=signed.token,
        expires_at=signed.expires_at.isoformat(timespec="seconds"),
        citizen_id=str(citizen.id),
        name=citizen.name,
        citizen_class=citizen.citizen_class.name,
    )


@post(
    "/api/confirmations",
    status_code=201,
    guards=[signed_in],
    include_in_schema=True,
    summary="Confirm a request by passcode",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(400, 401, 403, 413, 422, 429, 503),
)
async def confirm(data: JSONBody[ConfirmBody], viewer: Viewer, people: Service[People]) -> ConfirmationAnswer:
    """Confirm one request, named by its idempotency key; send the answer with it."""
    about = matter(data.code, data.amount) if data.code else ""
    text = await people.confirm(viewer.person, key=data.key.strip(), passcode=data.passcode, about=about)
    return ConfirmationAnswer(text, int(LIFETIME.total_seconds()))


HANDLERS = (ask_code, sign_in, sign_out, register, me, confirm)
