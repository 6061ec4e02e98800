"""The console's pages of payments: find one, see what was given back, give it back whole or in part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.clock import service_day
from haihe.base.database import TryAgain
from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translator
from haihe.base.ids import ID_MAX
from haihe.base.money import YUAN_FEN, NotMoneyError, fen_of_yuan
from haihe.organisations.approvals import pages as approval_pages
from haihe.organisations.approvals.service import Approvals
from haihe.organisations.console import ConsolePage, has, may
from haihe.organisations.model import Right
from haihe.payments.errors import PaymentUnknown
from haihe.payments.model import Channel, Description, PaidPart, Payment, Status
from haihe.payments.pages import AMOUNT_WRONG, new_key
from haihe.payments.refunds.approval import REFUND
from haihe.payments.refunds.errors import RefundAboveRest
from haihe.payments.refunds.model import ALONE_FEN_MAX, REASON_CHARACTERS_MAX
from haihe.payments.refunds.search import FIRST_DAY, Line, Wish, search
from haihe.payments.refunds.service import Refunds, clean_reason
from haihe.payments.service import Payments
from haihe.people.service import People
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Staff
from haihe.web.part import Part, Service
from haihe.web.render import Renderer

PATH: Final = "/console/payments"
PAGE: Final = ConsolePage(
    PATH,
    N_("Payments and refunds"),
    N_("Find a payment by number, day or amount, and refund it"),
    "receipt-text",
    Right.SEE_MONEY,
)
NUMBER_WRONG: Final = N_("There is no payment of yours with this number")
KEY_CHARACTERS_MAX: Final = 200

ConsoleRequest = Request[Any, Any, Any]


class RefundForm(msgspec.Struct, frozen=True):
    """A refund as it is typed: the idempotency key made with the page, yuan, why; `do` is "refund" once it was looked at."""

    key: Annotated[str, says(N_("Please reload this page"), max_length=KEY_CHARACTERS_MAX)]
    amount: str
    reason: Annotated[str, says(N_("Please say why, in at most 200 characters."), max_length=REASON_CHARACTERS_MAX)]
    do: str = "preview"


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the list as the organisation may see it: of who paid no more than the first letter."""

    line: Line
    payer: str
    description: Description

    @property
    def is_refund(self) -> bool:
        """Tell whether it is one."""
        return self.line.payment.status is Status.REFUND

    @property
    def is_synthetic(self) -> bool:
        """Tell whether it belongs to the demo's past, which nobody lived."""
        return self.line.payment.channel is Channel.SYNTHETIC


@get(PATH, guards=[may(Right.SEE_MONEY)])
async def payments_page(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    payments: Service[Payments],
    refunds: Service[Refunds],
    people: Service[People],
    cursor: str | None = None,
) -> Response[Any]:
    """List the organisation's payments or refunds by day and amount; a number leads to its payment. Raises `CursorInvalid`."""
    asked = {
        name: str(request.query_params.get(name, "")).strip() for name in ("number", "since", "until", "amount", "what")
    }
    form = Form[RefundForm](asked)
    if asked["number"]:
        if await _is_own(asked["number"], staff, refunds):
            return Redirect(f"{PATH}/{asked['number']}", status_code=303)
        form = form.refused("number", NUMBER_WRONG)
    today = service_day(payments.clock.now())
    amount = _fen(asked["amount"])
    if asked["amount"] and not amount:
        form = form.refused("amount", AMOUNT_WRONG)
    since, until = _day(asked["since"], FIRST_DAY, today), _day(asked["until"], today, today)
    wish = Wish(staff.organisation, since, until, amount, refunds=asked["what"] == "refunds")
    page = await search(payments.database, wish, cursor=cursor)
    kept = {name: value for name, value in asked.items() if value and name != "number"}
    return renderer.page(
        request,
        "refunds/payments.html",
        status_code=422 if form.errors else 200,
        form=form,
        page=page,
        lines=await _tell(page.lines, payments, people, lang),
        today=today,
        refunds=wish.refunds,
        further=f"{PATH}?{urlencode({**kept, 'cursor': page.next_cursor})}" if page.next_cursor else "",
        cursor=cursor,
    )


async def _is_own(number: str, staff: Staff, refunds: Refunds) -> bool:
    """Tell whether a number is that of a payment or refund of the own organisation."""
    if not (number.isascii() and number.isdecimal() and len(number) <= len(str(ID_MAX)) and 0 < int(number) <= ID_MAX):
        return False
    try:
        await refunds.find(staff.organisation, int(number))
    except PaymentUnknown:
        return False
    return True


def _fen(text: str) -> int:
    try:
        return fen_of_yuan(text) if text else 0
    except NotMoneyError:
        return 0


def _day(text: str, otherwise: date, today: date) -> date:
    try:
        return min(max(date.fromisoformat(text), FIRST_DAY), today)
    except ValueError:
        return otherwise


async def _tell(lines: Sequence[Line], payments: Payments, people: People, lang: str) -> list[Told]:
    async with payments.database.connection() as connection:
        described = await payments.describe(connection, [line.payment for line in lines], lang)
    payers = await people.citizens([line.payment.payer for line in lines])
    return [
        Told(line, payers[line.payment.payer].name_for_others(lang), described[line.payment.id])
        for line in lines
        if line.payment.payer in payers
    ]


@dataclass(frozen=True)
class PaymentPage:
    """The page of one payment or refund of the organisation."""

    request: ConsoleRequest
    renderer: Renderer
    lang: str
    staff: Staff
    payments: Payments
    refunds: Refunds
    people: People

    async def show(
        self,
        identity: int,
        form: Form[RefundForm],
        *,
        refused: Refusal | None = None,
        preview: int = 0,
        done: str = "",
    ) -> Response[str]:
        """Show it; `preview` in fen asks once more before that is given back. Raises `PaymentUnknown`."""
        payment, rest = await self.refunds.find(self.staff.organisation, identity)
        async with self.payments.database.connection() as connection:
            described = await self.payments.describe(connection, [payment], self.lang)
        clerks = await self.payments.organisations.staff_of(self.staff.organisation) if rest.refunds else []
        payer = (await self.people.citizens([payment.payer])).get(payment.payer)
        return self.renderer.page(
            self.request,
            "refunds/payment.html",
            status_code=refused.status if refused else 422 if form.errors else 200,
            payment=payment,
            rest=rest,
            description=described[payment.id],
            clerks={one.id: one.name for one in clerks},
            payer=payer.name_for_others(self.lang) if payer else "",
            parts=self.payments.paid_parts(payment, self.lang),
            form=_filled(form, rest.left),
            is_refund=payment.status is Status.REFUND,
            is_synthetic=payment.channel is Channel.SYNTHETIC,
            may_refund=has(self.staff, Right.GIVE_REFUNDS) and payment.status is Status.PAID,
            preview=await self._preview(payment, preview) if preview else (),
            amount=preview,
            needs_second=payment.amount - rest.left + preview > ALONE_FEN_MAX,
            alone_max=ALONE_FEN_MAX,
            refusal=refused.message(translator(self.lang)) if refused else "",
            done=next((one for one in rest.refunds if str(one.refund.id) == done), None),
        )

    async def _preview(self, payment: Payment, amount: int) -> tuple[PaidPart, ...]:
        """Say where an amount would go, as things stand."""
        return self.payments.paid_parts(await self.refunds.preview(payment, amount), self.lang)


@get(f"{PATH}/{{payment_id:int}}", guards=[may(Right.SEE_MONEY)])
async def payment_page(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    payments: Service[Payments],
    refunds: Service[Refunds],
    people: Service[People],
    payment_id: int,
) -> Response[str]:
    """Show a payment or refund. Raises `PaymentUnknown`."""
    _insist_on_id(payment_id)
    page = PaymentPage(request, renderer, lang, staff, payments, refunds, people)
    return await page.show(payment_id, Form({"key": new_key()}), done=request.query_params.get("done", ""))


@post(f"{PATH}/{{payment_id:int}}/refunds", guards=[may(Right.GIVE_REFUNDS)])
async def refund(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    payments: Service[Payments],
    refunds: Service[Refunds],
    people: Service[People],
    payment_id: int,
) -> Response[Any]:
    """Show what a refund would do, then do it; a refusal is said where it can be mended."""
    _insist_on_id(payment_id)
    page = PaymentPage(request, renderer, lang, staff, payments, refunds, people)
    form = await read_form(request, RefundForm)
    if form.data is None:
        return await page.show(payment_id, form)
    try:
        amount = fen_of_yuan(form.data.amount)
    except NotMoneyError:
        return await page.show(payment_id, form.refused("amount", AMOUNT_WRONG))
    if form.data.do != "refund":
        return await _preview(page, payment_id, form, amount)
    try:
        given = await refunds.give_back(
            organisation=staff.organisation,
            staff=staff.person,
            payment=payment_id,
            amount=amount,
            reason=form.data.reason,
            key=form.data.key,
            alone_max=ALONE_FEN_MAX,
        )
    except PaymentUnknown:
        raise
    except Refusal as refusal:
        return await page.show(payment_id, _again(form, refusal), refused=refusal)
    return Redirect(f"{PATH}/{payment_id}?done={given.id}", status_code=303)


@post(f"{PATH}/{{payment_id:int}}/refunds/approval", guards=[may(Right.GIVE_REFUNDS)])
async def ask_for_approval(
    request: ConsoleRequest,
    staff: Staff,
    refunds: Service[Refunds],
    approvals: Service[Approvals],
    payment_id: int,
) -> Redirect:
    """Ask a colleague for a refund above the limit. Raises `PaymentUnknown`, `RefundAboveRest`, `ReasonMissing`."""
    _insist_on_id(payment_id)
    form = await read_form(request, RefundForm)
    _, rest = await refunds.find(staff.organisation, payment_id)
    amount = _fen(form.values.get("amount", ""))
    if not 0 < amount <= rest.left:
        raise RefundAboveRest(rest=rest.left)
    content = {
        "payment": str(payment_id),
        "amount": amount,
        "reason": clean_reason(form.values.get("reason", "")),
    }
    asked = await approvals.ask(staff, REFUND, content)
    return Redirect(f"{approval_pages.PATH}/{asked.id}", status_code=303)


async def _preview(page: PaymentPage, identity: int, form: Form[RefundForm], amount: int) -> Response[str]:
    _, rest = await page.refunds.find(page.staff.organisation, identity)
    if amount > rest.left:
        too_much = RefundAboveRest(rest=rest.left)
        return await page.show(identity, form.refused("amount", too_much.message(translator(page.lang))))
    return await page.show(identity, form, preview=amount)


def _filled(form: Form[RefundForm], left: int) -> Form[RefundForm]:
    """Offer all that is left, where nothing was typed yet."""
    if "amount" in form.values:
        return form
    return Form({**form.values, "amount": f"{left // YUAN_FEN}.{left % YUAN_FEN:02}"}, form.errors)


def _again(form: Form[RefundForm], refusal: Refusal) -> Form[RefundForm]:
    """Keep what was typed; the key stays only where its outcome is not known yet."""
    if isinstance(refusal, TryAgain):
        return form
    return Form({**form.values, "key": new_key()})


def _insist_on_id(identity: int) -> None:
    if not 0 < identity <= ID_MAX:
        raise PaymentUnknown


HANDLERS: Final = (payments_page, payment_page, refund, ask_for_approval)


def part(refunds: Refunds) -> Part:
    """Give the pages."""
    return Part(
        "refunds",
        handlers=HANDLERS,
        templates=Path(__file__).parent / "templates",
        dependencies={"refunds": refunds},
    )
