"""The console's service counter: find a person, prove who it is, and do what the person came for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.clock import service_day
from haihe.base.database import TryAgain
from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.base.ids import ID_MAX
from haihe.base.throttle import Limits
from haihe.organisations.approvals import pages as approval_pages
from haihe.organisations.approvals.service import Approvals
from haihe.organisations.console import ConsolePage, may
from haihe.organisations.model import Right
from haihe.organisations.service import Organisations
from haihe.payments.desk.cash import check_amount
from haihe.payments.desk.errors import CashInUnknown, PersonUnknown, PrintedTooLate, VisitOver
from haihe.payments.desk.model import PRINTED, REVERSAL, SERVICE_HALL
from haihe.payments.desk.reversals import NAME as CASH_REVERSAL
from haihe.payments.desk.service import Desk
from haihe.payments.desk.serving import ACTIONS, PATH, ServeForm, Serving, read_amount
from haihe.payments.pages import new_key
from haihe.payments.paper.model import DAILY_FEN_MAX
from haihe.payments.paper.pages import with_daily
from haihe.payments.paper.printing import printed
from haihe.people.api import host_of
from haihe.people.model import CodeAsked
from haihe.people.page_parts import NO_PROBLEM, Problem, place_refusal
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Staff
from haihe.web.part import Part, Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer

CASH: Final = f"{PATH}/cash"
PAGES: Final = (
    ConsolePage(
        PATH,
        N_("Service counter"),
        N_("Help a person who comes in person: cash, paper card, passcode"),
        "concierge-bell",
        Right.SERVE_CITIZENS,
        frozenset({SERVICE_HALL}),
    ),
    ConsolePage(
        CASH,
        N_("Cash taken"),
        N_("What each clerk's drawer should hold"),
        "banknote",
        Right.SEE_MONEY,
        frozenset({SERVICE_HALL}),
    ),
)
NUMBER_CHARACTERS_MAX: Final = 32

ConsoleRequest = Request[Any, Any, Any]
Page = Response[Any]


class FindForm(msgspec.Struct, frozen=True):
    """Whom a clerk looks for."""

    number: Annotated[str, says(N_("An ID number or a phone number, please"), max_length=NUMBER_CHARACTERS_MAX)]


def at_counter(staff: Staff, organisations: Organisations) -> None:
    """Raise `NotFound` for whoever does not work at a service counter: no other office may find people."""
    if organisations.by_id(staff.organisation).kind != SERVICE_HALL:
        raise NotFound


@dataclass(frozen=True)
class VisitPage:
    """The page of one visit."""

    request: ConsoleRequest
    renderer: Renderer
    lang: str
    serving: Serving

    async def show(
        self,
        form: Form[ServeForm],
        *,
        problem: Problem = NO_PROBLEM,
        status_code: int = 200,
        preview: int = 0,
        asked: CodeAsked | None = None,
    ) -> Response[str]:
        """Show what was proved and what can be done; `preview` in fen asks once more before that is taken."""
        served = self.serving.served
        holding = await self.serving.desk.papers.holding(served.visit.citizen, served.visit.bucket)
        values = {**with_daily(form, holding).values}
        values["key"] = values.get("key") or new_key()
        return self.renderer.page(
            self.request,
            "desk/visit.html",
            status_code=status_code,
            visit=served.visit,
            citizen=served.citizen,
            holding=holding,
            frozen=await self.serving.desk.freezing.frozen(served.visit.citizen),
            form=Form(values, form.errors),
            problem=problem,
            preview=preview,
            asked=asked,
            daily_max=DAILY_FEN_MAX,
            done=self.request.query_params.get("done", ""),
        )

    async def refused(self, form: Form[ServeForm], refusal: Refusal) -> Response[str]:
        """Say a refusal where it can be mended; the form's key stays only where the outcome is not known yet."""
        key = form.values.get("key", "") if isinstance(refusal, TryAgain) else ""
        placed, problem = place_refusal(Form({**form.values, "key": key}, form.errors), refusal, self.lang)
        return await self.show(placed, problem=problem, status_code=refusal.status)


@get(PATH, guards=[may(Right.SERVE_CITIZENS)])
async def counter_page(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    organisations: Service[Organisations],
    desk: Service[Desk],
) -> Response[str]:
    """Show the form that finds a person, and what the clerk has taken today."""
    at_counter(staff, organisations)
    return await _counter(request, renderer, staff, desk, Form())


async def _counter(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    desk: Desk,
    form: Form[FindForm],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Response[str]:
    today = service_day(desk.cash.base.clock.now())
    taken = await desk.cash.day(staff.organisation, today, clerk=staff.person)
    sums = await desk.cash.sums(staff.organisation, today)
    return renderer.page(
        request,
        "desk/counter.html",
        status_code=status_code,
        form=form,
        problem=problem,
        taken=taken,
        drawer=sums.get(staff.person, (0, 0)),
    )


@post(f"{PATH}/visits", guards=[may(Right.SERVE_CITIZENS)])
async def find_person(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    organisations: Service[Organisations],
    desk: Service[Desk],
    limits: Service[Limits],
) -> Page:
    """Find a person and open a visit. How often is limited, as numbers could be tried one by one."""
    at_counter(staff, organisations)
    form = await read_form(request, FindForm)
    if form.data is None:
        return await _counter(request, renderer, staff, desk, form, status_code=422)
    try:
        with limits.looking_up("person", host_of(request), who=str(staff.person), miss=PersonUnknown):
            visit = await desk.find(staff, form.data.number)
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return await _counter(request, renderer, staff, desk, placed, problem=problem, status_code=refusal.status)
    return Redirect(f"{PATH}/visits/{visit.id}", status_code=303)


@get(f"{PATH}/visits/{{visit:int}}", guards=[may(Right.SERVE_CITIZENS)])
async def visit_page(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    desk: Service[Desk],
    visit: int,
) -> Response[str]:
    """Show a visit. Raises `VisitOver`."""
    serving = await _serving(staff, visit, desk)
    return await VisitPage(request, renderer, lang, serving).show(Form())


async def _serving(staff: Staff, visit: int, desk: Desk) -> Serving:
    if not 0 < visit <= ID_MAX:
        raise VisitOver
    return Serving(staff, await desk.served(staff, visit), desk)


@post(f"{PATH}/visits/{{visit:int}}", guards=[may(Right.SERVE_CITIZENS)])
async def serve(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    desk: Service[Desk],
    limits: Service[Limits],
    visit: int,
) -> Page:
    """Do one thing for the person; a refusal is said on the page."""
    limits.count("person", host_of(request), who=str(staff.person))
    serving = await _serving(staff, visit, desk)
    page = VisitPage(request, renderer, lang, serving)
    form = await read_form(request, ServeForm)
    typed = form.data or ServeForm()
    try:
        if typed.do == "cash":
            amount = read_amount(typed.amount)
            check_amount(amount)
            return await page.show(form, preview=amount)
        if typed.do == "send":
            return await page.show(form, asked=await desk.ask_code(serving.served))
        if typed.do in ACTIONS:
            return Redirect(await ACTIONS[typed.do](serving, typed), status_code=303)
    except Refusal as refusal:
        return await page.refused(form, refusal)
    return Redirect(serving.path, status_code=303)


@get(f"{PATH}/visits/{{visit:int}}/paper-card", guards=[may(Right.SERVE_CITIZENS)])
async def print_card(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    desk: Service[Desk],
    visit: int,
) -> Response[str]:
    """Show a card as it is printed, to the clerk who has just issued it. Raises `VisitOver`, `PrintedTooLate`, `NoPaperCard`."""
    served = (await _serving(staff, visit, desk)).served
    holding = await desk.papers.holding(served.visit.citizen, served.visit.bucket)
    card = holding.living
    if card is None or card.issued_by != staff.person or desk.papers.clock.now() - card.issued_at > PRINTED:
        raise PrintedTooLate
    drawn = printed(await desk.papers.code(card), served.citizen, holding, served.citizen.language)
    return renderer.page(request, "desk/paper_card.html", visit=served.visit, printed=drawn)


@get(f"{CASH}/{{cash_in:int}}", guards=[may(Right.SERVE_CITIZENS)])
async def cash_receipt(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    organisations: Service[Organisations],
    desk: Service[Desk],
    cash_in: int,
) -> Response[str]:
    """Show the receipt of a cash-in, to be printed. Raises `CashInUnknown`."""
    if not 0 < cash_in <= ID_MAX:
        raise CashInUnknown
    found = await desk.cash.receipt(staff, cash_in)
    age = desk.base.clock.now() - found.taken_at
    return renderer.page(
        request,
        "desk/receipt.html",
        cash=found,
        may_reverse=found.clerk == staff.person and not found.is_reversed and age <= REVERSAL,
        organisation=organisations.by_id(found.organisation).name(lang),
        citizen=(await desk.people.citizen(found.citizen)).masked_name,
        clerk=await _clerk_names(organisations, staff.organisation, {found.clerk}),
    )


@post(f"{CASH}/{{cash_in:int}}/reversal", guards=[may(Right.SERVE_CITIZENS)])
async def ask_back(staff: Staff, desk: Service[Desk], approvals: Service[Approvals], cash_in: int) -> Redirect:
    """Ask a colleague to have a cash-in taken back. Raises `CashInUnknown`, `NotYourCash`, `ReversedTooLate`."""
    if not 0 < cash_in <= ID_MAX:
        raise CashInUnknown
    desk.reversals.check(staff, await desk.cash.receipt(staff, cash_in))
    asked = await approvals.ask(staff, CASH_REVERSAL, {"cash_in": str(cash_in)})
    return Redirect(f"{approval_pages.PATH}/{asked.id}", status_code=303)


@get(CASH, guards=[may(Right.SEE_MONEY)])
async def cash_page(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    organisations: Service[Organisations],
    desk: Service[Desk],
    day: str = "",
) -> Response[str]:
    """Show what all clerks took on a day, with the sum of each drawer."""
    at_counter(staff, organisations)
    today = service_day(desk.cash.base.clock.now())
    shown = _day(day, today)
    taken = await desk.cash.day(staff.organisation, shown)
    sums = await desk.cash.sums(staff.organisation, shown)
    people = await desk.people.citizens([one.citizen for one in taken])
    return renderer.page(
        request,
        "desk/cash.html",
        day=shown,
        today=today,
        taken=taken,
        sums=sums,
        clerks=await _clerk_names(organisations, staff.organisation, set(sums)),
        citizens={identity: one.masked_name for identity, one in people.items()},
    )


async def _clerk_names(organisations: Organisations, organisation: int, wanted: set[int]) -> dict[int, str]:
    """Give clerks' names by id; who has left has none."""
    return {one.id: one.name for one in await organisations.staff_of(organisation) if one.id in wanted}


def _day(text: str, today: date) -> date:
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        return today


HANDLERS: Final = (
    counter_page,
    find_person,
    visit_page,
    serve,
    print_card,
    cash_receipt,
    ask_back,
    cash_page,
)


def part(desk: Desk) -> Part:
    """Give the pages; paper cards and rate limits come from other parts."""
    return Part(
        "desk",
        handlers=HANDLERS,
        templates=Path(__file__).parent / "templates",
        dependencies={"desk": desk},
    )
