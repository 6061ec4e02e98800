"""The console's pages of what needs a second person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translator
from haihe.base.ids import ID_MAX
from haihe.organisations.approvals.errors import ApprovalUnknown
from haihe.organisations.approvals.model import STATUS_NAMES, Approval, Change, Kind, Status
from haihe.organisations.approvals.service import Approvals
from haihe.organisations.console import ConsolePage, has, may
from haihe.organisations.model import Right
from haihe.organisations.service import Organisations
from haihe.web.forms import read_form
from haihe.web.guards import Staff
from haihe.web.part import Part, Service
from haihe.web.render import Renderer

PATH: Final = "/console/approvals"
PAGE: Final = ConsolePage(
    PATH,
    N_("Second person"),
    N_("What a colleague asked for and somebody else has to decide"),
    "users",
    Right.SEE_APPROVALS,
)
DECISIONS: Final[Mapping[str, Status]] = {
    "approve": Status.APPROVED,
    "refuse": Status.REFUSED,
    "withdraw": Status.WITHDRAWN,
}

AnyRequest = Request[Any, Any, Any]


class DecisionForm(msgspec.Struct, frozen=True):
    """What is decided about what was shown."""

    do: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A request as its reader may see it: `may_decide` and `may_withdraw` tell which buttons there are."""

    approval: Approval
    kind: Kind
    status: Status
    asker: str
    decider: str
    changes: Sequence[Change]
    may_decide: bool
    may_withdraw: bool

    @property
    def state(self) -> str:
        """Say what became of it (a msgid)."""
        return STATUS_NAMES[self.status]


@get(PATH, guards=[may(Right.SEE_APPROVALS)])
async def approvals_page(
    request: AnyRequest,
    renderer: Renderer,
    staff: Staff,
    approvals: Service[Approvals],
    organisations: Service[Organisations],
) -> Response[str]:
    """List what waits and what was decided."""
    found = [one for one in await approvals.of_organisation(staff.organisation) if one.kind in approvals.kinds]
    names = await organisations.staff_names(staff.organisation)
    told = [_told(one, approvals, staff, names) for one in found]
    return renderer.page(request, "approvals/list.html", told=told, Status=Status)


@get(PATH + "/{approval:int}", guards=[may(Right.SEE_APPROVALS)])
async def approval_page(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    approvals: Service[Approvals],
    organisations: Service[Organisations],
    approval: int,
) -> Response[str]:
    """Show one, with how it is and how it would be."""
    return await _show(request, renderer, lang, staff, approvals, organisations, approval)


@post(PATH + "/{approval:int}", guards=[may(Right.SEE_APPROVALS)])
async def decide(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    approvals: Service[Approvals],
    organisations: Service[Organisations],
    approval: int,
) -> Response[Any]:
    """Approve, refuse or withdraw; a refusal is said on the page."""
    form = (await read_form(request, DecisionForm)).data or DecisionForm()
    status = DECISIONS.get(form.do, Status.OPEN)
    if status is Status.OPEN:
        one = await approvals.find(staff.organisation, _id(approval))
        return Redirect(f"{PATH}/{one.id}", status_code=303)
    try:
        await approvals.decide(staff, _id(approval), shown=form.shown, status=status)
    except ApprovalUnknown:
        raise
    except Refusal as refusal:
        return await _show(request, renderer, lang, staff, approvals, organisations, approval, refused=refusal)
    return Redirect(f"{PATH}/{approval}", status_code=303)


async def _show(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    approvals: Approvals,
    organisations: Organisations,
    identity: int,
    *,
    refused: Refusal | None = None,
) -> Response[str]:
    one = await approvals.find(staff.organisation, _id(identity))
    names = await organisations.staff_names(staff.organisation)
    changes = await approvals.kinds[one.kind].show(one, lang)
    return renderer.page(
        request,
        "approvals/one.html",
        status_code=refused.status if refused else 200,
        one=_told(one, approvals, staff, names, changes),
        refusal=refused.message(translator(lang)) if refused else "",
        Status=Status,
    )


def _told(
    one: Approval, approvals: Approvals, staff: Staff, names: Mapping[int, str], changes: Sequence[Change] = ()
) -> Told:
    kind, status = approvals.kinds[one.kind], one.status_at(approvals.base.clock.now())
    is_open, is_own = status is Status.OPEN, one.asked_by == staff.person
    return Told(
        one,
        kind,
        status,
        names.get(one.asked_by, ""),
        names.get(one.decided_by, ""),
        changes,
        may_decide=is_open and not is_own and has(staff, kind.decides),
        may_withdraw=is_open and is_own,
    )


def _id(identity: int) -> int:
    if not 0 < identity <= ID_MAX:
        raise ApprovalUnknown
    return identity


HANDLERS: Final = (approvals_page, approval_page, decide)


def part(approvals: Approvals) -> Part:
    """Give the pages."""
    return Part(
        "approvals",
        handlers=HANDLERS,
        templates=Path(__file__).parent / "templates",
        dependencies={"approvals": approvals},
    )
