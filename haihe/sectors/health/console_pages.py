"""A hospital's pages of the console: find a patient, issue a bill with its split, take it at the window, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translator
from haihe.base.ids import ID_MAX
from haihe.base.money import NotMoneyError, fen_of_yuan
from haihe.base.throttle import Limits
from haihe.organisations.console import require
from haihe.organisations.model import Right
from haihe.organisations.service import Organisations
from haihe.payments.dues.model import DueStatus
from haihe.payments.model import Charge
from haihe.payments.pages import AMOUNT_WRONG, new_key
from haihe.payments.service import Payments
from haihe.people.api import host_of
from haihe.sectors.health.errors import PatientUnknown, SplitChanged
from haihe.sectors.health.model import HOSPITAL, KIND, LEVEL_NAMES, Item, NewBill, Reckoning, Record, Split
from haihe.sectors.health.service import Clinics
from haihe.sectors.health.telling import explain, read_body
from haihe.web.forms import MISSING, Form, read_form, says
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer

ROWS: Final = 6
"""Items that fit on one form."""
NAME_CHARACTERS_MAX: Final = 40
START: Final = "/console/hospital"

ConsoleRequest = Request[Any, Any, Any]
_Name = Annotated[str, says(N_("That is too long"), max_length=NAME_CHARACTERS_MAX)]

STATUS_NAMES: Final[Mapping[DueStatus, str]] = {
    DueStatus.OPEN: N_("Open"),
    DueStatus.PAID: N_("Paid"),
    DueStatus.WITHDRAWN: N_("Withdrawn"),
}


class FindForm(msgspec.Struct, frozen=True):
    """Whom a clerk looks for."""

    number: Annotated[str, says(N_("An ID number or a phone number, please"), max_length=32)]


class BillForm(msgspec.Struct, frozen=True):
    """A bill as it is written: the visit's number made with the page, items, and the split that the clerk saw."""

    visit: Annotated[int, says(N_("Please reload this page"), gt=0, le=ID_MAX)]
    do: str = "preview"
    shown: str = ""
    name_1: _Name = ""
    name_2: _Name = ""
    name_3: _Name = ""
    name_4: _Name = ""
    name_5: _Name = ""
    name_6: _Name = ""
    amount_1: str = ""
    amount_2: str = ""
    amount_3: str = ""
    amount_4: str = ""
    amount_5: str = ""
    amount_6: str = ""


class ChargeForm(msgspec.Struct, frozen=True):
    """The payment code that a patient shows at the window."""

    key: Annotated[str, says(N_("Please reload this page"), max_length=200)]
    code: Annotated[str, says(N_("18 digits, please"), max_length=32)]


def at_hospital(staff: Staff, organisations: Organisations, right: Right = Right.TAKE_PAYMENTS) -> None:
    """Insist that someone with this right works for a hospital: nobody else's clerk may find patients."""
    require(staff, right)
    if organisations.by_id(staff.organisation).kind != HOSPITAL:
        raise NotFound


@get(START)
async def hospital_page(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    organisations: Service[Organisations],
    clinics: Service[Clinics],
) -> Response[str]:
    """Show a hospital's bills, and the form that finds a patient."""
    at_hospital(staff, organisations)
    return await _hospital(request, renderer, staff, clinics, Form())


@post(f"{START}/patients")
async def find_patient(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    organisations: Service[Organisations],
    clinics: Service[Clinics],
    limits: Service[Limits],
) -> Response[Any]:
    """Find a patient, and open the record: the look is written down. How often is limited, as numbers could be tried one by one."""
    at_hospital(staff, organisations)
    form = await read_form(request, FindForm)
    if form.data is None:
        return await _hospital(request, renderer, staff, clinics, form)
    try:
        with limits.looking_up("patient", host_of(request), who=str(staff.person), miss=PatientUnknown):
            look = await clinics.open_record(staff, form.data.number)
    except PatientUnknown as refusal:
        refused = form.refused("number", refusal.message(translator(lang)))
        return await _hospital(request, renderer, staff, clinics, refused, status_code=refusal.status)
    return Redirect(f"{START}/records/{look.id}", status_code=303)


async def _hospital(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    clinics: Clinics,
    form: Form[FindForm],
    *,
    status_code: int = 422,
) -> Response[str]:
    bills = await clinics.bills(staff.organisation)
    return renderer.page(
        request,
        "clinic/hospital.html",
        status_code=status_code if form.errors else 200,
        bills=[(due, read_body(due)) for due in bills],
        states=STATUS_NAMES,
        form=form,
    )


@get(f"{START}/records/{{look:int}}")
async def record_page(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    organisations: Service[Organisations],
    clinics: Service[Clinics],
    look: int,
) -> Response[str]:
    """Show a patient's record, and the form for a bill."""
    at_hospital(staff, organisations)
    record = await clinics.record(staff, _id(look))
    form = Form[BillForm]({"visit": str(clinics.ids.next())})
    return _record(request, renderer, lang, record, form)


@post(f"{START}/records/{{look:int}}")
async def write_bill(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    organisations: Service[Organisations],
    clinics: Service[Clinics],
    look: int,
) -> Response[Any]:
    """Show how a bill would be split, or issue it as it was shown."""
    at_hospital(staff, organisations)
    record = await clinics.record(staff, _id(look))
    form, items = read_items(await read_form(request, BillForm))
    if form.data is None:
        return _record(request, renderer, lang, record, _numbered(form, clinics), status_code=422)
    bill = NewBill(record.patient.id, record.patient.masked_name, form.data.visit, items)
    found = clinics.preview(staff.organisation, record, bill.amount)
    expected = _split(form.data.shown)
    if form.data.do != "issue" or expected is None:
        return _record(request, renderer, lang, record, form, found=found)
    try:
        due = await clinics.issue(staff.organisation, bill, clerk=staff.person, expected=expected)
    except SplitChanged as refusal:
        told = refusal.message(translator(lang))
        return _record(request, renderer, lang, record, form, found=found, told=told, status_code=refusal.status)
    return Redirect(f"{START}/bills/{due.id}", status_code=303)


def _numbered(form: Form[BillForm], clinics: Clinics) -> Form[BillForm]:
    """Number a visit anew where the form brought no number: it is hidden, so that nobody could mend it."""
    if "visit" not in form.errors:
        return form
    return Form({**form.values, "visit": str(clinics.ids.next())}, form.errors)


def read_items(form: Form[BillForm]) -> tuple[Form[BillForm], list[Item]]:
    """Read the items of a bill; a name without an amount, or an amount without a name, is said at its field."""
    items = []
    for row in range(1, ROWS + 1):
        name, typed = (form.values.get(f"{column}_{row}", "") for column in ("name", "amount"))
        if typed and not name:
            form = form.refused(f"name_{row}", MISSING)
        if not name and (typed or row > 1):
            continue
        if not name:
            form = form.refused("name_1", MISSING)
        try:
            items.append(Item(name, fen_of_yuan(typed)))
        except NotMoneyError:
            form = form.refused(f"amount_{row}", AMOUNT_WRONG)
    return form, items


def _split(shown: str) -> Split | None:
    """Read the split that the clerk saw: three amounts in fen."""
    parts = shown.split(" ")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        return None
    return Split(*map(int, parts))


def _record(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    record: Record,
    form: Form[BillForm],
    *,
    found: Reckoning | None = None,
    told: str = "",
    status_code: int = 200,
) -> Response[str]:
    return renderer.page(
        request,
        "clinic/record.html",
        status_code=status_code,
        record=record,
        form=form,
        found=found,
        why=explain(found, lang) if found else [],
        told=told,
        rows=range(1, ROWS + 1),
        states=STATUS_NAMES,
    )


@get(f"{START}/bills/{{due:int}}")
async def bill_page(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    organisations: Service[Organisations],
    clinics: Service[Clinics],
    due: int,
) -> Response[str]:
    """Show one bill; that it was opened is written down."""
    at_hospital(staff, organisations)
    return await _bill(request, renderer, lang, staff, clinics, due, Form({"key": new_key()}))


@post(f"{START}/bills/{{due:int}}/withdraw")
async def withdraw_bill(
    staff: Staff, organisations: Service[Organisations], clinics: Service[Clinics], due: int
) -> Redirect:
    """Withdraw an open bill."""
    at_hospital(staff, organisations)
    await clinics.withdraw(staff.organisation, _id(due))
    return Redirect(f"{START}/bills/{due}", status_code=303)


@post(f"{START}/bills/{{due:int}}/charge")
async def charge_bill(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    organisations: Service[Organisations],
    clinics: Service[Clinics],
    payments: Service[Payments],
    due: int,
) -> Response[Any]:
    """Take a bill at the window from the payment code that the patient shows."""
    at_hospital(staff, organisations)
    bill = await clinics.bill(staff.organisation, _id(due))
    form = await read_form(request, ChargeForm)
    if form.data is None:
        again = Form[ChargeForm]({**form.values, "key": new_key()}, form.errors)
        return await _bill(request, renderer, lang, staff, clinics, due, again, status_code=422)
    code = "".join(form.data.code.split())
    try:
        await payments.charge(Charge(KIND, bill.id, staff.organisation, code, form.data.key))
    except Refusal as refusal:
        refused = Form[ChargeForm]({"key": new_key()}, {"code": refusal.message(translator(lang))})
        return await _bill(request, renderer, lang, staff, clinics, due, refused, status_code=refusal.status)
    return Redirect(f"{START}/bills/{due}", status_code=303)


async def _bill(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    clinics: Clinics,
    due: int,
    form: Form[ChargeForm],
    *,
    status_code: int = 200,
) -> Response[str]:
    bill = await clinics.bill(staff.organisation, _id(due))
    await clinics.look_at(staff, bill.subject)
    body = read_body(bill)
    return renderer.page(
        request,
        "clinic/bill.html",
        status_code=status_code,
        bill=bill,
        body=body,
        why=explain(body.reckoning, lang),
        level=LEVEL_NAMES[body.reckoning.level],
        state=STATUS_NAMES[bill.status],
        is_open=bill.status is DueStatus.OPEN,
        form=form,
    )


@get(f"{START}/looks")
async def looks_page(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    organisations: Service[Organisations],
    clinics: Service[Clinics],
) -> Response[str]:
    """Show which clerk opened whose record."""
    at_hospital(staff, organisations, Right.SEE_LOOKS)
    members = {member.id: member.name for member in await organisations.staff_of(staff.organisation)}
    looks = await clinics.looks(staff.organisation, name_of=lambda patient: patient.masked_name)
    return renderer.page(request, "clinic/looks.html", looks=looks, members=members)


def _id(number: int) -> int:
    if not 0 < number <= ID_MAX:
        raise NotFound
    return number


HANDLERS: Final = (
    hospital_page,
    find_patient,
    record_page,
    write_bill,
    bill_page,
    withdraw_bill,
    charge_bill,
    looks_page,
)
