"""What a citizen sees of payments: the page behind a sticker, the paid page, the receipt, the history."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.clock import service_day
from haihe.base.database import TryAgain
from haihe.base.errors import Refusal
from haihe.base.i18n import N_, long_day, translate, translator
from haihe.base.ids import ID_MAX
from haihe.base.money import NotMoneyError, fen_of_yuan
from haihe.base.throttle import Limits
from haihe.payments.errors import AlreadyPaid, InProgress, InsufficientFunds, PaymentUnknown
from haihe.payments.model import Entry, PaymentRequest
from haihe.payments.service import Payments
from haihe.people.service import People
from haihe.wallet.service import Wallets
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

TEMPLATES: Final = Path(__file__).parent / "templates"
HISTORY_LINES: Final = 30
FRESH_S_MAX: Final = 15 * 60
"""For how long a payment has its moving page; afterwards it is a receipt."""
KEY_BYTES: Final = 16
KEY_CHARACTERS_MAX: Final = 200
SHOWN_ON_THE_PAGE: Final = frozenset({402, 403, 409, 422, 503})
"""Refusals that are said on the sticker's own page, where one can go on; the others have an error page."""
AMOUNT_WRONG: Final = N_("Please enter an amount like 12.50")

PageRequest = Request[Any, Any, Any]


class PayForm(msgspec.Struct, frozen=True):
    """What the sticker's page posts: the idempotency key made with the page, the amount in yuan if the code has no price."""

    key: Annotated[str, says(N_("Please reload this page"), max_length=KEY_CHARACTERS_MAX)]
    amount: str = ""
    companion: bool = False


def new_key() -> str:
    """Make the idempotency key of one page: pressing its button twice pays once."""
    return secrets.token_urlsafe(KEY_BYTES)


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
    """Show what a sticker asks for. Raises `CodeUnknown`, `CodeRevoked`."""
    quote = await payments.quote(viewer, code, lang)
    balance = await _balance(wallets, viewer)
    form = Form[PayForm]({"key": new_key()})
    return renderer.page(request, "payments/sticker.html", quote=quote, balance=balance, form=form, refusal=None)


@post("/s/{code:str}")
async def pay_sticker(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    wallets: Service[Wallets],
    limits: Service[Limits],
    code: str,
) -> Response[Any]:
    """Pay what the page showed and go on to the paid page; a refusal is said where it can be mended."""
    limits.count("pay", request.client.host if request.client else "", who=str(viewer.person))
    form = await read_form(request, PayForm)
    try:
        payment = await payments.pay(_wanted(form, viewer, code))
    except AlreadyPaid as refusal:
        return await _already_paid(request, renderer, lang, viewer, payments, code=code, refusal=refusal)
    except NotMoneyError:
        form, refused = form.refused("amount", AMOUNT_WRONG), None
    except Refusal as refusal:
        if refusal.status not in SHOWN_ON_THE_PAGE:
            raise
        refused = refusal
    else:
        return Redirect(f"/payments/{payment.id}?fresh=1", status_code=303)
    quote = await payments.quote(viewer, code, lang)
    return renderer.page(
        request,
        "payments/sticker.html",
        status_code=refused.status if refused else 422,
        quote=quote,
        balance=await _balance(wallets, viewer),
        form=_again(form, refused),
        refusal=_told(refused, lang),
    )


async def _balance(wallets: Wallets, viewer: Viewer) -> int:
    return (await wallets.balance(citizen=viewer.person, bucket=viewer.bucket)).amount


def _wanted(form: Form[PayForm], viewer: Viewer, code: str) -> PaymentRequest:
    data = form.data or PayForm(key=new_key())
    return PaymentRequest(
        payer=viewer.person,
        bucket=viewer.bucket,
        code=code,
        key=data.key,
        amount=fen_of_yuan(data.amount) if data.amount else None,
        companion=data.companion,
    )


def _again(form: Form[PayForm], refused: Refusal | None) -> Form[PayForm]:
    """Keep what was typed; the key stays only where its outcome is not known yet."""
    if isinstance(refused, TryAgain | InProgress):
        return form
    return Form({**form.values, "key": new_key()}, form.errors)


def _told(refused: Refusal | None, lang: str) -> dict[str, object] | None:
    if refused is None:
        return None
    return {
        "text": refused.message(translator(lang)),
        "poor": isinstance(refused, InsufficientFunds),
        "again": isinstance(refused, TryAgain | InProgress),
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
    payment_id: int,
    fresh: str | None = None,
) -> Response[str]:
    """Show a payment: moving while it is fresh, so that a screenshot is recognised; as a receipt afterwards."""
    if not 0 < payment_id <= ID_MAX:
        raise PaymentUnknown
    found = await payments.receipt(viewer, payment_id, lang)
    age_s = max(0, int((payments.clock.now() - found.payment.paid_at).total_seconds()))
    if fresh and age_s <= FRESH_S_MAX:
        return renderer.page(request, "payments/paid.html", receipt=found, age_s=age_s)
    payer = (await people.citizen(viewer.person)).name
    return renderer.page(request, "payments/receipt.html", receipt=found, payer=payer)


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
