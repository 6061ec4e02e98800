"""What a citizen sees of payments: the page behind a code, the paid page, the receipt, the history."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.clock import service_day
from haihe.base.confirmations import ConfirmationInvalid
from haihe.base.database import TryAgain
from haihe.base.errors import Refusal
from haihe.base.i18n import N_, long_day, translate, translator
from haihe.base.ids import ID_MAX
from haihe.base.money import NotMoneyError, fen_of_yuan
from haihe.base.throttle import Limits
from haihe.payments.books.own_pages import OwnPostings
from haihe.payments.confirming import Asked, confirmed, passkey_offer
from haihe.payments.errors import (
    AccountFrozen,
    AlreadyPaid,
    ConfirmationNeeded,
    InProgress,
    InsufficientFunds,
    LimitReached,
    PaymentUnknown,
    Settled,
)
from haihe.payments.model import Channel, Entry, PaymentRequest, Receipt, Source, Status
from haihe.payments.service import Payments
from haihe.people.errors import PasscodeMissing, PasscodeWrong
from haihe.people.passkeys.errors import ANSWER_REFUSALS
from haihe.people.passkeys.service import Passkeys
from haihe.people.service import People
from haihe.wallet.service import Wallets
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.problem import title_of
from haihe.web.render import Renderer

TEMPLATES: Final = Path(__file__).parent / "templates"
HISTORY_LINES: Final = 30
FRESH_S_MAX: Final = 15 * 60
"""For how long a payment has its moving page; afterwards it is a receipt."""
KEY_BYTES: Final = 16
KEY_CHARACTERS_MAX: Final = 200
SHOWN_ON_THE_PAGE: Final = frozenset({402, 403, 409, 422, 503})
"""Refusals that are said on the code's own page, where one can go on; the others have an error page."""
UNASKABLE: Final = frozenset({403, 409, 422})
"""Refusals with which a code says that it cannot be paid (now): they have a page that leads back."""
CONFIRMABLE: Final = (ConfirmationNeeded, ConfirmationInvalid, PasscodeMissing, PasscodeWrong, *ANSWER_REFUSALS)
"""Refusals after which the page asks for the passcode, or a passkey."""
SECRET: Final = frozenset({"passcode", "confirmation"})
"""Fields that are never shown again."""
BACK_CHARACTERS_MAX: Final = 300
OWN_DIGITS_MAX: Final = 18
NEVER_BACK: Final = ("/s/", "/sign-in", "/register", "/top-up", "/cards", "//", "/\\")
"""Beginnings of addresses to which no page leads back: steps of paying itself, and what a browser takes for another site."""
AMOUNT_WRONG: Final = N_("Please enter an amount like 12.50")

PageRequest = Request[Any, Any, Any]


class PayForm(msgspec.Struct, frozen=True):
    """What the page of a code posts: the idempotency key made with the page, the amount in yuan if the code has no price.

    `own_max` is the payer's own part as the page showed it, in fen. `passcode`, or a `confirmation` by passkey, comes where one is asked for.
    """

    key: Annotated[str, says(N_("Please reload this page"), max_length=KEY_CHARACTERS_MAX)]
    amount: str = ""
    companion: bool = False
    own_max: str = ""
    back: str = ""
    passcode: str = ""
    confirmation: str = ""


def new_key() -> str:
    """Make the idempotency key of one page: pressing its button twice pays once."""
    return secrets.token_urlsafe(KEY_BYTES)


@dataclass(frozen=True)
class PayPage:
    """The page of one code for one citizen."""

    request: PageRequest
    renderer: Renderer
    lang: str
    viewer: Viewer
    payments: Payments
    wallets: Wallets
    code: str
    back: str
    passkeys: Passkeys | None = None
    """Where a payment was sent, and may have to be confirmed."""

    async def show(self, form: Form[PayForm], refused: Refusal | None = None) -> Response[str]:
        """Show what the code asks for, or why it cannot be paid. Raises `CodeUnknown`, `CodeRevoked`, `TryAgain`."""
        try:
            quote = await self.payments.quote(self.viewer, self.code, self.lang)
        except Refusal as unaskable:
            if unaskable.status not in UNASKABLE:
                raise
            return self._unaskable(unaskable)
        balance = await self.wallets.balance(citizen=self.viewer.person, bucket=self.viewer.bucket)
        return self.renderer.page(
            self.request,
            "payments/sticker.html",
            status_code=refused.status if refused else 422 if form.errors else 200,
            quote=quote,
            own=quote.amount if quote.own is None else quote.own,
            balance=balance.amount,
            form=form,
            refusal=_told(refused, self.lang),
            back=self.back,
            passkey=await self._offer(form) if isinstance(refused, CONFIRMABLE) else "",
        )

    async def _offer(self, form: Form[PayForm]) -> str:
        """Give what to ask the browser, so that a passkey of the payer confirms what this page shows."""
        if self.passkeys is None:
            return ""
        asked = Asked(form.values["key"], self.code, form.values.get("amount", ""))
        return await passkey_offer(self.request, self.viewer, asked, self.passkeys)

    def _unaskable(self, refusal: Refusal) -> Response[str]:
        return self.renderer.page(
            self.request,
            "payments/refused.html",
            status_code=refusal.status,
            title=title_of(refusal, self.lang),
            text=refusal.message(translator(self.lang)),
            is_paid=isinstance(refusal, Settled),
            receipt=refusal.details.get("payment"),
            back=self.back,
        )


@get("/s/{code:str}")
async def sticker(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    wallets: Service[Wallets],
    code: str,
) -> Response[str]:
    """Show what a code asks for. Raises `CodeUnknown`, `CodeRevoked`."""
    page = PayPage(request, renderer, lang, viewer, payments, wallets, code, came_from(request, usually="/"))
    return await page.show(Form({"key": new_key()}))


@post("/s/{code:str}")
async def pay_sticker(  # noqa: PLR0913, PLR0917 - what the framework gives
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    wallets: Service[Wallets],
    passkeys: Service[Passkeys],
    limits: Service[Limits],
    code: str,
) -> Response[Any]:
    """Pay what the page showed and go on to the paid page; a refusal is said where it can be mended."""
    limits.count("pay", request.client.host if request.client else "", who=str(viewer.person))
    form = await read_form(request, PayForm)
    back = _sound_back(form.values.get("back", "")) or "/"
    page = PayPage(request, renderer, lang, viewer, payments, wallets, code, back, passkeys)
    if form.data is None:
        return await page.show(_again(form, None))
    try:
        asked = Asked(form.data.key, code, form.data.amount, form.data.passcode, form.data.confirmation)
        confirmation = await confirmed(request, viewer, asked, passkeys)
        payment = await payments.pay(_wanted(form.data, viewer, code, confirmation))
    except AlreadyPaid as refusal:
        return await _already_paid(request, renderer, lang, viewer, payments, code=code, refusal=refusal)
    except NotMoneyError:
        return await page.show(_again(form.refused("amount", AMOUNT_WRONG), None))
    except Refusal as refusal:
        if refusal.status not in SHOWN_ON_THE_PAGE and not isinstance(refusal, CONFIRMABLE):
            raise
        return await page.show(_again(form, refusal), refusal)
    return Redirect(f"/payments/{payment.id}?fresh=1", status_code=303)


def came_from(request: PageRequest, *, usually: str) -> str:
    """Give the page of ours from which someone came, for the way back; `usually` where that is not known or no good."""
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return usually
    address = f"{came.path}?{came.query}" if came.query else came.path
    is_here = came.netloc == request.url.netloc and came.path != request.url.path
    return (_sound_back(address) if is_here else "") or usually


def _sound_back(address: str) -> str:
    """Give an address within the city to which a page may lead back, "" for any other."""
    is_sound = address.startswith("/") and not address.startswith(NEVER_BACK) and address.isprintable()
    return address if is_sound and len(address) <= BACK_CHARACTERS_MAX else ""


def _wanted(data: PayForm, viewer: Viewer, code: str, confirmation: str) -> PaymentRequest:
    return PaymentRequest(
        payer=viewer.person,
        bucket=viewer.bucket,
        code=code,
        key=data.key,
        amount=fen_of_yuan(data.amount) if data.amount else None,
        companion=data.companion,
        own_max=_shown(data.own_max),
        confirmation=confirmation,
    )


def _shown(text: str) -> int | None:
    """Read what the page showed as the payer's own part; None where it showed none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= OWN_DIGITS_MAX else None


def _again(form: Form[PayForm], refused: Refusal | None) -> Form[PayForm]:
    """Keep what was typed; the key stays only where its outcome is not known yet."""
    if isinstance(refused, TryAgain | InProgress):
        return form
    kept = {name: value for name, value in form.values.items() if name not in SECRET}
    return Form({**kept, "key": new_key()}, form.errors)


def _told(refused: Refusal | None, lang: str) -> dict[str, object] | None:
    if refused is None:
        return None
    return {
        "text": refused.message(translator(lang)),
        "poor": isinstance(refused, InsufficientFunds),
        "again": isinstance(refused, TryAgain | InProgress),
        "confirm": isinstance(refused, CONFIRMABLE),
        "limit": type(refused) is LimitReached,
        "frozen": isinstance(refused, AccountFrozen),
    }


async def _already_paid(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Payments,
    *,
    code: str,
    refusal: AlreadyPaid,
) -> Response[str]:
    first = await payments.receipt(viewer, int(str(refusal.details["payment"])), lang)
    form = Form[PayForm]({"key": new_key()})
    return renderer.page(
        request, "payments/already_paid.html", status_code=refusal.status, first=first, code=code, form=form
    )


@get("/payments/{payment_id:int}")
async def receipt(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    people: Service[People],
    postings: Service[OwnPostings],
    payment_id: int,
) -> Response[str]:
    """Show a payment or refund: a payment moves while it is fresh, so that a screenshot is recognised; a receipt afterwards."""
    if not 0 < payment_id <= ID_MAX:
        raise PaymentUnknown
    found = await payments.receipt(viewer, payment_id, lang)
    age_s = max(0, int((payments.clock.now() - found.payment.paid_at).total_seconds()))
    is_fresh = bool(request.query_params.get("fresh"))
    if is_fresh and age_s <= FRESH_S_MAX and not found.refunds:
        return renderer.page(request, "payments/paid.html", receipt=found, age_s=age_s, is_shared=_is_shared(found))
    posting, reader = await postings.read(viewer, payment_id, lang)
    return renderer.page(
        request,
        "payments/receipt.html",
        receipt=found,
        posting=posting,
        reader=reader,
        payer=(await people.citizen(viewer.person)).name,
        is_shared=_is_shared(found),
        is_synthetic=found.payment.channel is Channel.SYNTHETIC,
        is_refund=found.payment.status is Status.REFUND,
        back=came_from(request, usually="/history"),
    )


def _is_shared(receipt: Receipt) -> bool:
    """Tell whether anything but the wallet paid."""
    return [part.source for part in receipt.parts] != [Source.BALANCE]


@get("/history")
async def history(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    cursor: str | None = None,
) -> Response[str]:
    """Show what moved the citizen's money, day by day. Raises `CursorInvalid`."""
    page = await payments.history(viewer, lang, limit=HISTORY_LINES, cursor=cursor)
    days = _by_day(page.items, today=service_day(payments.clock.now()), lang=lang)
    return renderer.page(request, "payments/history.html", days=days, next_cursor=page.next_cursor, cursor=cursor)


def _by_day(entries: tuple[Entry, ...], *, today: date, lang: str) -> list[tuple[str, list[Entry]]]:
    days = groupby(entries, key=lambda entry: service_day(entry.at))
    return [(_day_name(day, today=today, lang=lang), list(group)) for day, group in days]


def _day_name(day: date, *, today: date, lang: str) -> str:
    if day == today:
        return translate(lang, N_("Today"))
    if day == today - timedelta(days=1):
        return translate(lang, N_("Yesterday"))
    return long_day(day, lang)


HANDLERS: Final = (sticker, pay_sticker, receipt, history)
