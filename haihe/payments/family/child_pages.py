"""Pages of a child: registering it, its wallet in the guardian's hands, its own phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.throttle import Limits
from haihe.payments.family.page_parts import NOT_FOUND, House, child_id, fen_or_none, new_key, with_key, yuan
from haihe.payments.service import Payments
from haihe.people.api import host_of
from haihe.people.devices.visits import visit_of
from haihe.people.family.model import NewChild
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal, welcome
from haihe.people.service import People
from haihe.wallet.family.service import cap_invalid
from haihe.wallet.sending import rules as sending_rules
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer, signed_in
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]
HISTORY_LINES: Final = 20


class ChildForm(msgspec.Struct, frozen=True):
    """What registers a child."""

    name: str = ""
    id_number: str = ""


class MoneyForm(msgspec.Struct, frozen=True):
    """What tops a wallet up; `key` makes that pressing twice is once."""

    amount: str = ""
    passcode: str = ""
    key: str = ""


class CapForm(msgspec.Struct, frozen=True):
    """The most that a month may cost, in yuan; `lift` lifts it."""

    limit: str = ""
    lift: str = ""


class CodeForm(msgspec.Struct, frozen=True):
    """What a child types on its own phone."""

    code: str = ""


# --- registering


@get("/family/children/add", guards=[signed_in])
async def add_page(request: AnyRequest, renderer: Renderer, people: Service[People]) -> Page:
    """Ask who the child is."""
    return _add(request, renderer, people, Form())


@post("/family/children/add")
async def add(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    house: Service[House],
    people: Service[People],
    limits: Service[Limits],
) -> Page:
    """Register the child and go on to its page."""
    form = await read_form(request, ChildForm)
    typed = form.data or ChildForm()
    try:
        limits.count("register", host_of(request), who=str(viewer.person))
        child = await house.children.register(viewer.person, NewChild(typed.name, typed.id_number, lang))
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return _add(request, renderer, people, placed, problem=problem, status_code=refusal.status)
    return Redirect(f"/family/children/{child.id}", status_code=303)


def _add(
    request: AnyRequest,
    renderer: Renderer,
    people: People,
    form: Form[Any],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    context = {"form": form, "problem": problem, "is_demo": people.demo is not None}
    return renderer.page(request, "family/add_child.html", status_code=status_code, **context)


# --- the wallet


@dataclass(frozen=True)
class ChildPage:
    """The page of one child for one guardian."""

    request: AnyRequest
    renderer: Renderer
    lang: str
    viewer: Viewer
    house: House
    payments: Payments
    child: int

    async def show(
        self,
        *,
        top_up: Form[Any] | None = None,
        cap: Form[Any] | None = None,
        problem: Problem = NO_PROBLEM,
        status_code: int = 200,
    ) -> Page:
        """Show a child's wallet, what it spent, and what a guardian may do. Raises `ChildUnknown`."""
        wallet = await self.house.allowances.wallet(self.viewer.person, self.child)
        of_child = Viewer(wallet.child.id, wallet.child.bucket, 0)
        history = await self.payments.history(of_child, self.lang, limit=HISTORY_LINES, cursor=None)
        family = await self.house.families.family(self.viewer.person)
        return self.renderer.page(
            self.request,
            "family/child.html",
            status_code=status_code,
            wallet=wallet,
            entries=history.items,
            guardians=[one for one in family.guardians if one.tie.owner == self.child],
            tie=next(one.tie for one in family.children if one.tie.owner == self.child),
            top_up=top_up or Form({"key": new_key()}),
            cap=cap or Form({"limit": yuan(wallet.cap.amount)} if wallet.cap else {}),
            problem=problem,
            today=self.house.families.today(),
        )

    async def top_up(self, typed: MoneyForm) -> None:
        """Put own money into the child's wallet."""
        amount = fen_or_none(typed.amount)
        if amount is None:
            raise sending_rules.amount_invalid(self.house.allowances.sendings.rules)
        giver = await self.house.families.people.citizen(self.viewer.person)
        await self.house.allowances.top_up(giver, self.child, amount=amount, key=typed.key, passcode=typed.passcode)

    async def settle_cap(self, typed: CapForm) -> None:
        """Set or lift the monthly cap."""
        amount = fen_or_none(typed.limit)
        if typed.lift:
            await self.house.allowances.lift_cap(self.viewer.person, self.child)
        elif amount is None:
            raise cap_invalid()
        else:
            await self.house.allowances.set_cap(self.viewer.person, self.child, amount)

    def onward(self) -> Redirect:
        """Go on to the child's page."""
        return Redirect(f"/family/children/{self.child}", status_code=303)


@get("/family/children/{child:str}")
async def child_page(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    house: Service[House],
    payments: Service[Payments],
    child: str,
) -> Page:
    """Show a child's wallet, what it spent, and what a guardian may do."""
    return await ChildPage(request, renderer, lang, viewer, house, payments, child_id(child)).show()


@post("/family/children/{child:str}/top-up")
async def top_up(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    house: Service[House],
    payments: Service[Payments],
    limits: Service[Limits],
    child: str,
) -> Page:
    """Put own money into the child's wallet."""
    form, page = (
        await read_form(request, MoneyForm),
        ChildPage(request, renderer, lang, viewer, house, payments, child_id(child)),
    )
    try:
        limits.count("top_up", host_of(request), who=str(viewer.person))
        await page.top_up(form.data or MoneyForm())
    except Refusal as refusal:
        if refusal.status == NOT_FOUND:
            raise
        placed, problem = place_refusal(form, refusal, lang)
        return await page.show(top_up=with_key(placed), problem=problem, status_code=refusal.status)
    return page.onward()


@post("/family/children/{child:str}/cap")
async def set_cap(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    house: Service[House],
    payments: Service[Payments],
    child: str,
) -> Page:
    """Set or lift the monthly cap."""
    form, page = (
        await read_form(request, CapForm),
        ChildPage(request, renderer, lang, viewer, house, payments, child_id(child)),
    )
    try:
        await page.settle_cap(form.data or CapForm())
    except Refusal as refusal:
        if refusal.status == NOT_FOUND:
            raise
        placed, problem = place_refusal(form, refusal, lang)
        if "amount" in placed.errors:
            placed = form.refused("limit", placed.errors["amount"])
        return await page.show(cap=placed, problem=problem, status_code=refusal.status)
    return page.onward()


@post("/family/children/{child:str}/freeze")
async def freeze(viewer: Viewer, house: Service[House], child: str) -> Redirect:
    """Freeze the child's wallet."""
    await house.allowances.freeze(viewer.person, child_id(child))
    return Redirect(f"/family/children/{child_id(child)}", status_code=303)


@post("/family/children/{child:str}/release")
async def release(viewer: Viewer, house: Service[House], child: str) -> Redirect:
    """Let the child's wallet go again."""
    await house.allowances.release(viewer.person, child_id(child))
    return Redirect(f"/family/children/{child_id(child)}", status_code=303)


# --- a phone of its own


@post("/family/children/{child:str}/phone")
async def pair(
    request: AnyRequest, renderer: Renderer, viewer: Viewer, house: Service[House], people: Service[People], child: str
) -> Page:
    """Show the code with which the child signs in on its own phone."""
    pairing = await house.children.pair(viewer.person, child_id(child))
    found = await people.citizen(child_id(child))
    return renderer.page(request, "family/child_code.html", child=found, pairing=pairing)


@get("/sign-in/child")
async def child_door(request: AnyRequest, renderer: Renderer) -> Page:
    """Ask a child for the code that its guardian's app shows."""
    return renderer.page(request, "family/child_door.html", form=Form(), problem=NO_PROBLEM)


@post("/sign-in/child")
async def child_sign_in(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    house: Service[House],
    people: Service[People],
    limits: Service[Limits],
) -> Page:
    """Sign the child in on this phone."""
    form = await read_form(request, CodeForm)
    typed = form.data or CodeForm()
    try:
        limits.count("sign_in", host_of(request))
        signed = await house.children.sign_in(typed.code, visit_of(request))
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return renderer.page(
            request, "family/child_door.html", status_code=refusal.status, form=placed, problem=problem
        )
    return welcome(request, signed, target="/", clock=people.clock)


HANDLERS: Final = (add_page, add, child_page, top_up, set_cap, freeze, release, pair, child_door, child_sign_in)
