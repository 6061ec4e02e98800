"""The pages on which a helper acts for somebody: whose wallet it is stands above everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.audit import UNAVAILABLE
from haihe.base.errors import Refusal
from haihe.base.throttle import Limits
from haihe.payments.family.page_parts import NOT_FOUND, House, fen_or_none, new_key, tie_id, with_key
from haihe.payments.service import Payments
from haihe.people.api import host_of
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.wallet.sending import rules as sending_rules
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]


class PayForm(msgspec.Struct, frozen=True):
    """Which bill is paid; the helper's own passcode confirms it."""

    bill: str = ""
    passcode: str = ""
    key: str = ""


class TopUpForm(msgspec.Struct, frozen=True):
    """How much of the helper's own money goes into the owner's wallet."""

    amount: str = ""
    own_passcode: str = ""
    key: str = ""


@dataclass(frozen=True)
class ActingPage:
    """The page of one mandate for its helper."""

    request: AnyRequest
    renderer: Renderer
    lang: str
    viewer: Viewer
    house: House
    payments: Payments
    tie: int

    async def show(
        self,
        *,
        pay: Form[Any] | None = None,
        top_up: Form[Any] | None = None,
        problem: Problem = NO_PROBLEM,
        status_code: int = 200,
    ) -> Page:
        """Show what the helper may do, and the owner's bills. Raises `TieUnknown`."""
        return self.renderer.page(
            self.request,
            "family/acting.html",
            status_code=status_code,
            desk=await self.house.acting.desk(self.payments, self.viewer.person, self.tie, self.lang),
            pay=pay or Form({"key": new_key()}),
            top_up=top_up or Form({"key": new_key()}),
            problem=problem,
            is_done=self.request.query_params.get("done") == "1",
        )

    async def top_up(self, typed: TopUpForm) -> None:
        """Put own money into the owner's wallet."""
        amount = fen_or_none(typed.amount)
        if amount is None:
            raise sending_rules.amount_invalid(self.house.allowances.sendings.rules)
        helper = await self.house.families.people.citizen(self.viewer.person)
        await self.house.allowances.top_up_for(
            helper, self.tie, amount=amount, key=typed.key, passcode=typed.own_passcode
        )

    def onward(self) -> Redirect:
        """Go on to the same page, which says that it was done."""
        return Redirect(f"/family/for/{self.tie}?done=1", status_code=303)


@get("/family/for/{tie:str}")
async def acting_page(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    house: Service[House],
    payments: Service[Payments],
    tie: str,
) -> Page:
    """Show what the helper may do, and the owner's bills."""
    return await ActingPage(request, renderer, lang, viewer, house, payments, tie_id(tie)).show()


@post("/family/for/{tie:str}/pay")
async def pay(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    house: Service[House],
    payments: Service[Payments],
    limits: Service[Limits],
    tie: str,
) -> Page:
    """Pay a bill from the owner's wallet."""
    form, page = (
        await read_form(request, PayForm),
        ActingPage(request, renderer, lang, viewer, house, payments, tie_id(tie)),
    )
    typed = form.data or PayForm()
    try:
        limits.count("pay", host_of(request), who=str(viewer.person))
        await house.acting.pay(
            payments, viewer.person, page.tie, code=typed.bill, key=typed.key, passcode=typed.passcode
        )
    except Refusal as refusal:
        if refusal.status == NOT_FOUND:
            raise
        placed, problem = place_refusal(form, refusal, lang)
        again = placed if refusal.status == UNAVAILABLE else with_key(placed)
        return await page.show(pay=again, problem=problem, status_code=refusal.status)
    return page.onward()


@post("/family/for/{tie:str}/top-up")
async def top_up_for(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    house: Service[House],
    payments: Service[Payments],
    limits: Service[Limits],
    tie: str,
) -> Page:
    """Put own money into the owner's wallet."""
    form, page = (
        await read_form(request, TopUpForm),
        ActingPage(request, renderer, lang, viewer, house, payments, tie_id(tie)),
    )
    try:
        limits.count("top_up", host_of(request), who=str(viewer.person))
        await page.top_up(form.data or TopUpForm())
    except Refusal as refusal:
        if refusal.status == NOT_FOUND:
            raise
        placed, problem = place_refusal(form, refusal, lang)
        if "passcode" in placed.errors:
            placed = form.refused("own_passcode", placed.errors["passcode"])
        return await page.show(top_up=with_key(placed), problem=problem, status_code=refusal.status)
    return page.onward()


HANDLERS: Final = (acting_page, pay, top_up_for)
