"""The biller's pages of the console: bills by period, readings typed in or as a list, one account, a bill to withdraw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.clock import day_start
from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translator
from haihe.base.ids import ID_MAX
from haihe.organisations.console import has, may
from haihe.organisations.model import Right
from haihe.payments.dues.model import DueStatus
from haihe.sectors.utilities import store
from haihe.sectors.utilities.billing import Billing
from haihe.sectors.utilities.bodies import Teller, period_name, quantity
from haihe.sectors.utilities.errors import AccountUnknown, ListTooLong
from haihe.sectors.utilities.listing import clean_number, read_day, read_list, read_value
from haihe.sectors.utilities.model import NUMBER, AccountPage, Measure, Row, Taken
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer

PERIODS_SHOWN: Final = 24
SHOWN_FOR: Final = timedelta(days=800)
LISTED: Final = 36
LINES_MAX: Final = 2_000
"""More lines than a body may hold; a longer file is sent in parts by the page."""
REASON_CHARACTERS_MAX: Final = 200
LINE_DIGITS_MAX: Final = 9
ISSUE_BILLS: Final = Right.CHANGE_CATALOGUE
"""Whoever sets prices also says what is owed."""

ConsoleRequest = Request[Any, Any, Any]
Page = Response[Any]


class ReadingForm(msgspec.Struct, frozen=True):
    """A reading as it is typed."""

    number: str
    read_on: str
    value: str


class ReasonForm(msgspec.Struct, frozen=True):
    """Why something is withdrawn, and that it is meant."""

    reason: Annotated[str, says(N_("Please say why, in a few words"), min_length=3, max_length=REASON_CHARACTERS_MAX)]
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What was just done, to be said above the overview."""

    taken: Taken | None = None
    issued: int | None = None


@dataclass(frozen=True)
class Desk:
    """What the biller's pages read."""

    billing: Billing
    teller: Teller

    async def page_of(self, organisation: int, account: int) -> AccountPage:
        """Read one account of a company. Raises `NotFound`, also for another's."""
        async with self.billing.database.connection() as connection:
            found = (await store.by_ids(connection, [account])).get(account)
            if found is None or found.organisation != organisation:
                raise NotFound
            readings = await store.newest_readings(connection, account, limit=LISTED)
        bills = await self.billing.dues.of_subjects(NUMBER, [account], limit=LISTED)
        return AccountPage(found, self.billing.plans.of_account(found), readings, bills)


@get("/console/utility", guards=[may(Right.SEE_OPERATIONS)])
async def overview(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, utility: Service[Desk]
) -> Page:
    """Show a company's bills by period; `number` leads to an account."""
    number = clean_number(request.query_params.get("number", ""))
    if not number:
        return await _overview(request, renderer, staff, lang, utility, Form())
    async with utility.billing.database.connection() as connection:
        account = (await store.by_numbers(connection, staff.organisation, [number])).get(number)
    if account is None:
        form = Form[ReadingForm]({"search": number}, {"search": AccountUnknown.text})
        return await _overview(request, renderer, staff, lang, utility, form, status_code=404)
    return Redirect(f"/console/utility/accounts/{account.id}", status_code=303)


async def _overview(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    desk: Desk,
    form: Form[ReadingForm],
    *,
    said: Said | None = None,
    status_code: int = 200,
) -> Page:
    billing = desk.billing
    since = day_start(billing.today() - SHOWN_FOR)
    async with billing.database.connection() as connection:
        periods = await store.periods(connection, staff.organisation, since=since, limit=PERIODS_SHOWN)
        accounts = await store.account_count(connection, staff.organisation)
    measures = {plan.measure for plan in billing.plans.of(staff.organisation)}
    return renderer.page(
        request,
        "utilities/overview.html",
        status_code=status_code,
        periods=periods,
        accounts=accounts,
        period_name=lambda period: period_name(period, lang),
        money=has(staff, Right.SEE_MONEY),
        changes=has(staff, ISSUE_BILLS),
        meters=Measure.METER in measures,
        flat=bool(measures - {Measure.METER}),
        today=billing.today(),
        form=form,
        taken=said.taken if said else None,
        issued=said.issued if said else None,
    )


@post("/console/utility/readings", guards=[may(ISSUE_BILLS)])
async def enter_reading(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, utility: Service[Desk]
) -> Page:
    """Take one reading, and issue the bill that comes of it."""
    form = await read_form(request, ReadingForm)
    if form.data is None:
        return await _overview(request, renderer, staff, lang, utility, form, status_code=422)
    field = "read_on"
    try:
        day = read_day(form.data.read_on)
        field = "value"
        row = Row(1, clean_number(form.data.number), day, read_value(form.data.value))
    except Refusal as refusal:
        refused = form.refused(field, refusal.message(translator(lang)))
        return await _overview(request, renderer, staff, lang, utility, refused, status_code=refusal.status)
    taken = await utility.billing.take(staff.organisation, [row], staff=staff.person)
    if taken.faults:
        why = taken.faults[0].refusal
        refused = form.refused(_field_of(why), why.message(translator(lang)))
        return await _overview(request, renderer, staff, lang, utility, refused, status_code=why.status)
    return await _overview(request, renderer, staff, lang, utility, Form(), said=Said(taken=taken))


FIELDS: Final = {
    "date_in_future": "read_on",
    "date_not_after_last": "read_on",
    "month_billed": "read_on",
    "not_offered": "read_on",
    "value_lower": "value",
    "value_wrong": "value",
}


def _field_of(refusal: Refusal) -> str:
    return FIELDS.get(refusal.code, "number")


@get("/console/utility/import", guards=[may(ISSUE_BILLS)])
async def list_form(request: ConsoleRequest, renderer: Renderer) -> Page:
    """Ask for a list of readings."""
    return renderer.page(request, "utilities/import.html", typed="", taken=None, reasons=())


@post("/console/utility/import", guards=[may(ISSUE_BILLS)])
async def take_list(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, utility: Service[Desk]
) -> Page:
    """Take a list of readings: the good lines, and name what is wrong with the others. `first_line` counts on in a file's parts."""
    posted = await request.form()
    text, begins = str(posted.get("list", "")), str(posted.get("first_line", "1"))
    if len(text.splitlines()) > LINES_MAX:
        raise ListTooLong(most=LINES_MAX)
    is_number = begins.isascii() and begins.isdigit() and len(begins) <= LINE_DIGITS_MAX
    rows, faults = read_list(text, first_line=int(begins) if is_number else 1)
    taken = (await utility.billing.take(staff.organisation, rows, staff=staff.person)).plus(Taken(faults=faults))
    reasons = [
        (fault.line, fault.number, fault.refusal.message(translator(lang)))
        for fault in sorted(taken.faults, key=lambda one: one.line)
    ]
    return renderer.page(request, "utilities/import.html", typed=text if reasons else "", taken=taken, reasons=reasons)


@post("/console/utility/issue", guards=[may(ISSUE_BILLS)])
async def issue(request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, utility: Service[Desk]) -> Page:
    """Issue the bills that come of no readings: this season's or this month's. Twice is as once."""
    issued = await utility.billing.issue(staff.organisation)
    return await _overview(request, renderer, staff, lang, utility, Form(), said=Said(issued=issued))


@get("/console/utility/accounts/{account:str}", guards=[may(Right.SEE_OPERATIONS)])
async def account(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, utility: Service[Desk], account: str
) -> Page:
    """Show one account: its readings and bills."""
    return await _account(request, renderer, staff, lang, utility, _id(account), Form())


@post("/console/utility/accounts/{account:str}/withdraw", guards=[may(ISSUE_BILLS)])
async def withdraw_reading(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, utility: Service[Desk], account: str
) -> Page:
    """Withdraw the newest reading, of which no bill came."""
    form = await _reason(request)
    if form.data is None:
        return await _account(request, renderer, staff, lang, utility, _id(account), form)
    await utility.billing.withdraw_reading(
        staff.organisation, _id(account), staff=staff.person, reason=form.data.reason
    )
    return Redirect(f"/console/utility/accounts/{account}", status_code=303)


async def _account(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    desk: Desk,
    account: int,
    form: Form[ReasonForm],
) -> Page:
    page = await desk.page_of(staff.organisation, account)
    return renderer.page(
        request,
        "utilities/console_account.html",
        status_code=422 if form.errors else 200,
        page=page,
        service=desk.billing.catalogue.by_id(page.account.service),
        period_name=lambda period: period_name(period, lang),
        quantity=lambda milli: quantity(milli, lang),
        status=DueStatus,
        money=has(staff, Right.SEE_MONEY),
        changes=has(staff, ISSUE_BILLS),
        form=form,
    )


@get("/console/utility/bills/{bill:str}", guards=[may(Right.SEE_MONEY)])
async def bill_page(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, utility: Service[Desk], bill: str
) -> Page:
    """Show a bill, and the form that withdraws it."""
    return await _bill(request, renderer, staff, lang, utility, _id(bill), Form())


@post("/console/utility/bills/{bill:str}", guards=[may(ISSUE_BILLS)])
async def withdraw(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, lang: str, utility: Service[Desk], bill: str
) -> Page:
    """Withdraw an open bill; what cannot be withdrawn is said on its page."""
    form = await _reason(request)
    if form.data is None:
        return await _bill(request, renderer, staff, lang, utility, _id(bill), form)
    try:
        await utility.billing.withdraw(staff.organisation, _id(bill), staff=staff.person, reason=form.data.reason)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        refused = form.refused("sure", refusal.message(translator(lang)))
        return await _bill(request, renderer, staff, lang, utility, _id(bill), refused)
    return Redirect(f"/console/utility/bills/{bill}", status_code=303)


async def _bill(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    desk: Desk,
    bill: int,
    form: Form[ReasonForm],
) -> Page:
    async with desk.billing.database.connection() as connection:
        due = (await desk.billing.dues.by_ids(connection, [bill])).get(bill)
        withdrawn = (await store.reasons(connection, [bill])).get(bill)
    if due is None or due.kind != NUMBER or due.organisation != staff.organisation:
        raise NotFound
    return renderer.page(
        request,
        "utilities/console_bill.html",
        status_code=422 if form.errors else 200,
        due=due,
        told=desk.teller.tell(due, lang),
        withdrawn=withdrawn,
        status=DueStatus,
        changes=has(staff, ISSUE_BILLS),
        form=form,
    )


async def _reason(request: ConsoleRequest) -> Form[ReasonForm]:
    form = await read_form(request, ReasonForm)
    if form.data is not None and not form.data.sure:
        return form.refused("sure", N_("Please confirm that it is meant"))
    return form


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20) or not 0 < int(text) <= ID_MAX:
        raise NotFound
    return int(text)


HANDLERS: Final = (
    overview,
    enter_reading,
    list_form,
    take_list,
    issue,
    account,
    withdraw_reading,
    bill_page,
    withdraw,
)
