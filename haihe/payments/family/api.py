"""The JSON API of families: who is tied to whom, invitations, children and their monthly cap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, get, post, put
from litestar.params import JSONBody

from haihe.base.throttle import Limits
from haihe.payments.family.page_parts import House, child_id, tie_id
from haihe.payments.family.relatives import shareable
from haihe.payments.service import Payments
from haihe.people.api import host_of
from haihe.people.family.errors import PersonUnknown
from haihe.people.family.model import (
    FOREVER,
    MANDATE_DAYS_MAX,
    ROLE_WORDS,
    Family,
    Invitation,
    NewChild,
    Right,
    Role,
    SeenTie,
    Terms,
    Tie,
)
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, Balance, problems, read_exactly
from haihe.web.part import Service

TEXT_CHARACTERS_MAX: Final = 200
LIST_MAX: Final = 20
STATES: Final = ("invited", "linked", "declined", "ended")
Text = Annotated[str, msgspec.Meta(max_length=TEXT_CHARACTERS_MAX)]
Texts = Annotated[tuple[Text, ...], msgspec.Meta(max_length=LIST_MAX)]
RoleWord = Annotated[str, msgspec.Meta(pattern="^(guardian|relative|helper)$")]
Days = Annotated[int, msgspec.Meta(ge=1, le=MANDATE_DAYS_MAX)]
Digits = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,19}$")]


class TieAnswer(msgspec.Struct, frozen=True):
    """A tie or invitation: `owner` the child, or whose bills or wallet it is about; `member` the guardian, relative or helper.

    Names are masked but for the guardian's own children. `kinds` of bills that a relative may pay; a helper's `rights` (pay_bills,
    see_balance, top_up), `month_max` in fen and last day.
    """

    id: str
    role: str
    state: str
    owner: str
    member: str
    kinds: tuple[str, ...]
    rights: tuple[str, ...]
    month_max: int
    until: str | None


class ChildAnswer(msgspec.Struct, frozen=True):
    """A child with its wallet; `cap` and `spent` in fen for this month, `cap` null without one."""

    id: str
    tie: str
    name: str
    balance: Balance
    cap: int | None
    spent: int
    frozen: bool


class FamilyAnswer(msgspec.Struct, frozen=True):
    """Everything that ties the citizen to others."""

    children: tuple[ChildAnswer, ...]
    guardians: tuple[TieAnswer, ...]
    mine: tuple[TieAnswer, ...]
    others: tuple[TieAnswer, ...]
    invitations: tuple[TieAnswer, ...]


class ChildBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who the child is."""

    name: Text
    id_number: Text


class InviteBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Whom to tie to oneself (or, as a guardian, to a child), and what is allowed; the passcode for guardians and helpers."""

    role: RoleWord
    phone: Text
    child: Digits = "0"
    kinds: Texts = ()
    rights: Texts = ()
    month_max: int = 0
    days: Days = 90
    passcode: Text = ""


class CapBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """At most so many fen a month."""

    amount: int


@get(
    "/api/family",
    guards=[signed_in],
    include_in_schema=True,
    summary="List the family",
    tags=["family"],
    security=SIGNED_IN,
    responses=problems(401, 503),
)
async def list_family(viewer: Viewer, house: Service[House], payments: Service[Payments]) -> FamilyAnswer:
    """Give children with their wallets, helpers, whom the citizen helps, and invitations."""
    found = await house.families.family(viewer.person)
    words = _words(payments)

    def told(ties: Sequence[SeenTie]) -> tuple[TieAnswer, ...]:
        return tuple(_tie_answer(one, words) for one in ties)

    return FamilyAnswer(
        await _children(house, viewer, found),
        told(found.guardians),
        told(found.mine),
        told(found.others),
        told(found.invitations),
    )


async def _children(house: House, viewer: Viewer, family: Family) -> tuple[ChildAnswer, ...]:
    wallets, today = await house.wallets(viewer.person, family), house.families.today()
    return tuple(
        ChildAnswer(
            id=str(one.tie.owner),
            tie=str(one.tie.id),
            name=one.owner,
            balance=Balance(wallet.balance),
            cap=wallet.cap.amount if wallet.cap else None,
            spent=wallet.cap.used(today) if wallet.cap else wallet.spent,
            frozen=wallet.is_frozen,
        )
        for one in family.children
        if (wallet := wallets.get(one.tie.owner))
    )


@post(
    "/api/family/children",
    guards=[signed_in],
    include_in_schema=True,
    summary="Register a child",
    tags=["family"],
    security=SIGNED_IN,
    responses=problems(400, 401, 403, 409, 413, 422, 429, 503),
)
async def register_child(
    data: JSONBody[ChildBody],
    request: Request[Any, Any, Any],
    lang: str,
    viewer: Viewer,
    house: Service[House],
    limits: Service[Limits],
) -> ChildAnswer:
    """Register a child in the citizen's care; the same child twice is one."""
    limits.count("register", host_of(request), who=str(viewer.person))
    child = await house.children.register(viewer.person, NewChild(data.name, data.id_number, lang))
    found = await _children(house, viewer, await house.families.family(viewer.person))
    return next(one for one in found if one.id == str(child.id))


@put(
    "/api/family/children/{child:str}/cap",
    guards=[signed_in],
    include_in_schema=True,
    status_code=204,
    summary="Cap a child's month",
    tags=["family"],
    security=SIGNED_IN,
    responses=problems(400, 401, 404, 413, 422, 503),
)
async def set_cap(
    data: JSONBody[CapBody], request: Request[Any, Any, Any], viewer: Viewer, house: Service[House], child: str
) -> None:
    """Let a child's wallet spend at most so much a month; what it spent this month counts."""
    data = await read_exactly(request, CapBody)
    await house.allowances.set_cap(viewer.person, child_id(child), data.amount)


@delete(
    "/api/family/children/{child:str}/cap",
    guards=[signed_in],
    include_in_schema=True,
    summary="Lift a child's cap",
    tags=["family"],
    security=SIGNED_IN,
    responses=problems(401, 404, 503),
)
async def lift_cap(viewer: Viewer, house: Service[House], child: str) -> None:
    """Let a child's wallet spend what is in it."""
    await house.allowances.lift_cap(viewer.person, child_id(child))


@post(
    "/api/family/invitations",
    guards=[signed_in],
    include_in_schema=True,
    summary="Invite a guardian, relative or helper",
    tags=["family"],
    security=SIGNED_IN,
    responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def invite(
    data: JSONBody[InviteBody],
    request: Request[Any, Any, Any],
    viewer: Viewer,
    house: Service[House],
    payments: Service[Payments],
    limits: Service[Limits],
) -> TieAnswer:
    """Invite whoever has a phone number; nothing is allowed before that person has accepted. The same twice is one."""
    data = await read_exactly(request, InviteBody)
    with limits.looking_up("relative", host_of(request), who=str(viewer.person), miss=PersonUnknown):
        tie = await house.families.invite(_invitation(data, viewer, house, payments))
    return await _one(tie, viewer, house, payments)


def _invitation(data: InviteBody, viewer: Viewer, house: House, payments: Payments) -> Invitation:
    role = next(role for role, word in ROLE_WORDS.items() if word == data.role)
    numbers = {trade.kind: trade.number for trade in shareable(payments).values()}
    terms = Terms(
        kinds=tuple(numbers[one] for one in data.kinds if one in numbers),
        rights=Right(sum(right for right in Right if right.name and right.name.lower() in data.rights)),
        month_max=data.month_max,
        until=house.families.today() + timedelta(days=data.days) if role is Role.HELPER else FOREVER,
    )
    owner = child_id(data.child) if role is Role.GUARDIAN else viewer.person
    return Invitation(
        inviter=viewer.person, owner=owner, role=role, phone=data.phone, terms=terms, passcode=data.passcode
    )


@post(
    "/api/family/ties/{tie:str}/accept",
    guards=[signed_in],
    include_in_schema=True,
    status_code=200,
    summary="Accept an invitation",
    tags=["family"],
    security=SIGNED_IN,
    responses=problems(401, 403, 404, 409, 503),
)
async def accept(viewer: Viewer, house: Service[House], payments: Service[Payments], tie: str) -> TieAnswer:
    """Say yes to an invitation; twice is as once."""
    return await _one(await house.families.accept(viewer.person, tie_id(tie)), viewer, house, payments)


@delete(
    "/api/family/ties/{tie:str}",
    guards=[signed_in],
    include_in_schema=True,
    summary="End a tie",
    tags=["family"],
    security=SIGNED_IN,
    responses=problems(401, 404, 409, 503),
)
async def end(viewer: Viewer, house: Service[House], tie: str) -> None:
    """End a tie, decline an invitation or take it back; it holds at once."""
    await house.families.end(viewer.person, tie_id(tie))


async def _one(tie: Tie, viewer: Viewer, house: House, payments: Payments) -> TieAnswer:
    return _tie_answer(await house.families.seen(viewer.person, tie), _words(payments))


def _words(payments: Payments) -> dict[int, str]:
    """Give the words of the kinds of bills, by number."""
    return {number: trade.kind for number, trade in shareable(payments).items()}


def _tie_answer(seen: SeenTie, words: Mapping[int, str]) -> TieAnswer:
    terms = seen.tie.terms
    return TieAnswer(
        id=str(seen.tie.id),
        role=ROLE_WORDS[seen.tie.role],
        state=STATES[seen.tie.state],
        owner=seen.owner,
        member=seen.member,
        kinds=tuple(words[one] for one in terms.kinds if one in words),
        rights=tuple(right.name.lower() for right in Right if right in terms.rights and right.name),
        month_max=terms.month_max,
        until=None if terms.until == FOREVER else terms.until.isoformat(),
    )


HANDLERS: Final = (list_family, register_child, set_cap, lift_cap, invite, accept, end)
