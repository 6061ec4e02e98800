"""Pages of paying straight from a bank card: what a code asks for and from which card, and what became of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.confirmations import ConfirmationInvalid
from haihe.base.database import TryAgain
from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translator
from haihe.base.money import NotMoneyError, fen_of_yuan
from haihe.base.throttle import Limits
from haihe.payments.card_payments.errors import CardConfirmationNeeded
from haihe.payments.card_payments.model import CardPayment, CardPaymentStatus, CardPaymentWish
from haihe.payments.card_payments.service import CardPayments
from haihe.payments.errors import AmountInvalid, InProgress
from haihe.payments.pages import UNASKABLE
from haihe.people.api import host_of
from haihe.people.errors import PasscodeMissing, PasscodeWrong
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.wallet.pages import REASONS as BANK_REASONS
from haihe.wallet.rules import read_id
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.problem import title_of
from haihe.web.render import Renderer

Page = Response[Any]
KEY_BYTES: Final = 16
CONFIRMABLE: Final = frozenset(
    one.code for one in (CardConfirmationNeeded, ConfirmationInvalid, PasscodeMissing, PasscodeWrong)
)
"""Refusals after which the page asks for the passcode."""
KEPT_REASONS: Final[Mapping[str, str]] = {
    "already_settled": N_("Somebody else has paid this in the meantime."),
    "no_longer_due": N_("This can no longer be paid: it was withdrawn, or its time is over."),
    "already_paid": N_("You have already paid here a moment ago."),
    "code_revoked": N_("This code is no longer valid."),
    "price_changed": N_("The price has changed in the meantime."),
    "payee_frozen": N_("Your wallet is frozen. The money is kept safe for you."),
    "payee_closed": N_("Your wallet is closed. The money is kept safe for you."),
    "": N_("It could not be paid any more."),
}
"""What people read for why money that came from a card was not paid; "" stands for any other."""


class CardForm(msgspec.Struct, frozen=True):
    """What the page posts; `key` makes that pressing twice pays once, the amount in yuan is typed where the code has no price."""

    card: str = ""
    amount: str = ""
    passcode: str = ""
    confirmation: str = ""
    key: str = ""


@dataclass(frozen=True)
class CardPage:
    """The page of one code for one citizen's cards."""

    request: AnyRequest
    renderer: Renderer
    lang: str
    viewer: Viewer
    card_payments: CardPayments
    code: str

    async def show(self, form: Form[Any], *, problem: Problem = NO_PROBLEM, status_code: int = 200) -> Page:
        """Show what the code asks for and the own cards. Raises `CodeUnknown`, `CodeRevoked`, `TryAgain`."""
        service = self.card_payments
        try:
            quote = await service.payments.quote(self.viewer, self.code, self.lang)
        except Refusal as unaskable:
            if unaskable.status not in UNASKABLE:
                raise
            return self._unaskable(unaskable)
        return self.renderer.page(
            self.request,
            "card_payments/pay.html",
            status_code=status_code,
            quote=quote,
            own=quote.amount if quote.own is None else quote.own,
            cards=await service.wallets.cards.of(self.viewer.person),
            form=form,
            problem=problem,
            asks_passcode=problem.code in CONFIRMABLE or bool(form.errors.get("passcode")),
        )

    def _unaskable(self, refusal: Refusal) -> Page:
        return self.renderer.page(
            self.request,
            "payments/refused.html",
            status_code=refusal.status,
            title=title_of(refusal, self.lang),
            text=refusal.message(translator(self.lang)),
            is_paid=False,
            receipt=refusal.details.get("payment"),
            back=f"/s/{self.code}",
        )

    async def wish(self, typed: CardForm) -> CardPaymentWish:
        """Read what was typed, and confirm by the passcode where one came. Raises `AmountInvalid` and the passcode's refusals."""
        people = self.card_payments.wallets.people
        confirmation = typed.confirmation
        if typed.passcode:
            confirmation = await people.confirm(self.viewer.person, key=typed.key, passcode=typed.passcode)
        try:
            amount = fen_of_yuan(typed.amount) if typed.amount else None
        except NotMoneyError as error:
            raise AmountInvalid(field="amount") from error
        return CardPaymentWish(
            citizen=self.viewer.person,
            bucket=self.viewer.bucket,
            code=self.code,
            card=read_id(typed.card) or 0,
            key=typed.key,
            amount=amount,
            confirmation=confirmation,
        )


@get("/s/{code:str}/card")
async def card_page(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    card_payments: Service[CardPayments],
    code: str,
) -> Page:
    """Show what a code asks for, and the cards that it can be paid from. Raises `CodeUnknown`, `CodeRevoked`."""
    page = CardPage(request, renderer, lang, viewer, card_payments, code)
    return await page.show(Form({"key": _new_key()}))


@post("/s/{code:str}/card")
async def pay_by_card(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    card_payments: Service[CardPayments],
    limits: Service[Limits],
    code: str,
) -> Page:
    """Pay from a card and go on to the paid page, or to the page that waits for the bank."""
    form = await read_form(request, CardForm)
    page = CardPage(request, renderer, lang, viewer, card_payments, code)
    try:
        limits.count("pay", host_of(request), who=str(viewer.person))
        result = await card_payments.pay(await page.wish(form.data or CardForm()))
    except Refusal as refusal:
        if refusal.status in {400, 404, 410} and "field" not in refusal.details:
            raise
        kept = form.values if isinstance(refusal, TryAgain | InProgress) else {**form.values, "key": _new_key()}
        placed, problem = place_refusal(Form(kept), refusal, lang)
        return await page.show(placed, problem=problem, status_code=refusal.status)
    if result.status is CardPaymentStatus.PAID:
        return Redirect(f"/payments/{result.payment}?fresh=1", status_code=303)
    return Redirect(f"/card-payments/{result.id}", status_code=303)


@get("/card-payments/{card_payment_id:str}")
async def card_payment_state(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    card_payments: Service[CardPayments],
    card_payment_id: str,
) -> Page:
    """Show what became of a payment by card; while it is open the page looks again by itself."""
    found = await card_payments.by_id(read_id(card_payment_id) or 0, citizen=viewer.person, bucket=viewer.bucket)
    return renderer.page(request, "card_payments/state.html", card_payment=found, reason=reason_text(found, lang))


def reason_text(row: CardPayment, lang: str) -> str:
    """Say why nothing was taken, or why what was taken could not be paid, in a language."""
    texts = KEPT_REASONS if row.status is CardPaymentStatus.KEPT else BANK_REASONS
    return translator(lang)(texts.get(row.reason, texts[""]))


def _new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


HANDLERS: Final = (card_page, pay_by_card, card_payment_state)
