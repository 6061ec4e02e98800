"""The page of a person's family, and how others are invited to it: by phone number, then with the masked name seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.base.throttle import Limits
from haihe.payments.family.page_parts import RIGHTS, House, child_id, fen_or_none, kind_titles, numbers, tie_id
from haihe.payments.service import Payments
from haihe.people.api import host_of
from haihe.people.family.errors import PersonUnknown
from haihe.people.family.model import FOREVER, MANDATE_FEN_MAX, Invitation, Invitee, Right, Role, Terms
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.people.rules import read_phone
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer, own_path
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]
ROLES: Final = {"guardian": Role.GUARDIAN, "relative": Role.RELATIVE, "helper": Role.HELPER}
DAYS: Final = ((30, N_("30 days")), (90, N_("90 days")), (180, N_("180 days")), (365, N_("One year")))
"""How long a mandate may last."""
ON_THE_FIRST_STEP: Final = frozenset({"phone", "kinds", "rights", "month_max", "until"})


class InviteForm(msgspec.Struct, frozen=True):
    """What both steps post; lists travel as numbers with commas between, `to` is the masked name that was shown."""

    role: str = "relative"
    child: str = ""
    phone: str = ""
    kinds: str = ""
    rights: str = ""
    month_max: str = ""
    days: str = "90"
    passcode: str = ""
    to: str = ""
    edit: str = ""


@dataclass(frozen=True)
class InvitePage:
    """The two steps for one citizen."""

    request: AnyRequest
    renderer: Renderer
    lang: str
    viewer: Viewer
    house: House
    payments: Payments

    def asked(self, typed: InviteForm) -> Invitation:
        """Read what was typed."""
        role = ROLES.get(typed.role, Role.RELATIVE)
        days = numbers([typed.days])
        ticked = set(numbers(typed.rights.split(",")))
        terms = Terms(
            kinds=tuple(one for one in numbers(typed.kinds.split(",")) if one in dict(kind_titles(self.payments))),
            rights=Right(sum(right for right, _ in RIGHTS if right in ticked)),
            month_max=fen_or_none(typed.month_max) or 0,
            until=self.house.families.today() + timedelta(days=days[0]) if role is Role.HELPER and days else FOREVER,
        )
        return Invitation(
            inviter=self.viewer.person,
            owner=child_id(typed.child) if role is Role.GUARDIAN else self.viewer.person,
            role=role,
            phone=typed.phone,
            terms=terms,
            passcode=typed.passcode,
            expects=typed.to,
        )

    def first(self, form: Form[Any], *, problem: Problem = NO_PROBLEM, status_code: int = 200) -> Page:
        """Ask whom to invite, and to what."""
        return self.renderer.page(
            self.request,
            "family/invite.html",
            status_code=status_code,
            form=form,
            problem=problem,
            role=form.values.get("role", "relative"),
            kinds=kind_titles(self.payments),
            rights=RIGHTS,
            days=DAYS,
            chosen={name: set(numbers(form.values.get(name, "").split(","))) for name in ("kinds", "rights")},
            month_fen_max=MANDATE_FEN_MAX,
        )

    def second(
        self,
        form: Form[Any],
        asked: Invitation,
        invitee: Invitee,
        *,
        problem: Problem = NO_PROBLEM,
        status_code: int = 200,
    ) -> Page:
        """Show whom it would reach and what that person could do, and have it confirmed."""
        return self.renderer.page(
            self.request,
            "family/confirm.html",
            status_code=status_code,
            form=Form({**form.values, "to": invitee.name}, form.errors),
            problem=problem,
            role=form.values.get("role", "relative"),
            invitee=invitee,
            phone=read_phone(asked.phone),
            terms=asked.terms,
            kinds=[title for number, title in kind_titles(self.payments) if number in asked.terms.kinds],
            rights=[text for right, text in RIGHTS if right in asked.terms.rights],
        )

    async def refused(self, form: Form[Any], refusal: Refusal) -> Page:
        """Say a refusal where it can be mended."""
        placed, problem = place_refusal(form, refusal, self.lang)
        if form.values.get("to") and refusal.details.get("field", "") not in ON_THE_FIRST_STEP:
            try:
                asked = self.asked(form.data or InviteForm())
                invitee = await self.house.families.invitee(self.viewer.person, asked.phone)
            except Refusal as first:
                placed, problem = place_refusal(form, first, self.lang)
            else:
                return self.second(placed, asked, invitee, problem=problem, status_code=refusal.status)
        return self.first(placed, problem=problem, status_code=refusal.status)


async def _typed(request: AnyRequest) -> Form[InviteForm]:
    """Read the form; what was ticked on the first step becomes a list with commas."""
    form = await read_form(request, InviteForm)
    posted = await request.form()
    ticked = {
        name: ",".join(map(str, numbers(str(one) for one in posted.getall(box, []))))
        for name, box in (("kinds", "kind"), ("rights", "right"))
        if box in posted
    }
    if not ticked:
        return form
    return Form({**form.values, **ticked}, form.errors, msgspec.structs.replace(form.data or InviteForm(), **ticked))


@get("/family")
async def family_page(
    request: AnyRequest, renderer: Renderer, viewer: Viewer, house: Service[House], payments: Service[Payments]
) -> Page:
    """Show children, who helps me, whom I help, and what waits for an answer."""
    found = await house.families.family(viewer.person)
    return renderer.page(
        request,
        "family/family.html",
        family=found,
        wallets=await house.wallets(viewer.person, found),
        me=viewer.person,
        titles=dict(kind_titles(payments)),
        rights=RIGHTS,
        today=house.families.today(),
    )


@get("/family/invite")
async def invite_page(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    house: Service[House],
    payments: Service[Payments],
) -> Page:
    """Ask whom to invite; `?role=` relative, helper, or guardian with `?child=`."""
    role = request.query_params.get("role", "relative")
    values = {"role": role if role in ROLES else "relative", "child": request.query_params.get("child", "")[:19]}
    return InvitePage(request, renderer, lang, viewer, house, payments).first(Form({**values, "days": "90"}))


@post("/family/invite")
async def check_invite(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    house: Service[House],
    payments: Service[Payments],
    limits: Service[Limits],
) -> Page:
    """Look whose number it is and have that confirmed; `edit` leads back to what was typed."""
    form = await _typed(request)
    page = InvitePage(request, renderer, lang, viewer, house, payments)
    if form.data is None or form.data.edit:
        return page.first(Form({name: value for name, value in form.values.items() if name not in {"to", "edit"}}))
    fresh: Form[Any] = Form({**form.values, "to": ""}, data=msgspec.structs.replace(form.data, to=""))
    try:
        with limits.looking_up("relative", host_of(request), who=str(viewer.person), miss=PersonUnknown):
            asked = page.asked(form.data)
            return page.second(fresh, asked, await house.families.check(asked))
    except Refusal as refusal:
        return await page.refused(fresh, refusal)


@post("/family/invite/confirm")
async def invite(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    house: Service[House],
    payments: Service[Payments],
    limits: Service[Limits],
) -> Page:
    """Send the invitation that was confirmed."""
    form = await _typed(request)
    page = InvitePage(request, renderer, lang, viewer, house, payments)
    if form.data is None or not form.data.to:
        return page.first(Form({name: value for name, value in form.values.items() if name != "to"}))
    try:
        with limits.looking_up("relative", host_of(request), who=str(viewer.person), miss=PersonUnknown):
            asked = page.asked(form.data)
            await house.families.invite(asked)
    except Refusal as refusal:
        return await page.refused(form, refusal)
    return Redirect(f"/family/children/{asked.owner}" if asked.role is Role.GUARDIAN else "/family", status_code=303)


@post("/family/ties/{tie:str}/accept")
async def accept(viewer: Viewer, house: Service[House], tie: str) -> Redirect:
    """Say yes to an invitation."""
    await house.families.accept(viewer.person, tie_id(tie))
    return Redirect("/family", status_code=303)


class EndForm(msgspec.Struct, frozen=True):
    """Where to go on afterwards."""

    next: str = ""


@post("/family/ties/{tie:str}/end")
async def end(request: AnyRequest, viewer: Viewer, house: Service[House], tie: str) -> Redirect:
    """End a tie, decline an invitation or take it back."""
    form = await read_form(request, EndForm)
    await house.families.end(viewer.person, tie_id(tie))
    return Redirect(own_path(form.values.get("next"), otherwise="/family"), status_code=303)


HANDLERS: Final = (family_page, invite_page, check_invite, invite, accept, end)
