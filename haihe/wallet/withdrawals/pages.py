"""Pages of withdrawals: how much to which card, and what became of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.database import TryAgain
from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translator
from haihe.base.money import NotMoneyError, fen_of_yuan
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.wallet.rules import read_id
from haihe.wallet.withdrawals import rules
from haihe.wallet.withdrawals.model import Withdrawal, WithdrawalWish
from haihe.wallet.withdrawals.service import Withdrawals
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]
KEY_BYTES: Final = 16
REASONS: Final[Mapping[str, str]] = {
    "account_closed": N_("The bank cannot pay to this card."),
    "card_unknown": N_("The bank does not know this card."),
    "called_off": N_("The bank did not answer in time, and the withdrawal was called off."),
    "payee_frozen": N_("Your wallet is frozen. The money is kept safe for you."),
    "payee_closed": N_("Your wallet is closed. The money is kept safe for you."),
    "": N_("The bank refused this withdrawal."),
}
"""What people read for a bank's reason; "" stands for any other."""


class WithdrawForm(msgspec.Struct, frozen=True):
    """What the page posts; `key` makes that pressing twice is once."""

    amount: str = ""
    card: str = ""
    passcode: str = ""
    confirmation: str = ""
    key: str = ""


@get("/withdraw")
async def withdraw_page(
    request: AnyRequest, renderer: Renderer, viewer: Viewer, withdrawals: Service[Withdrawals]
) -> Page:
    """Ask how much goes to which card."""
    return await _form_page(request, renderer, viewer, withdrawals, Form({"key": _new_key()}))


@post("/withdraw")
async def withdraw(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    withdrawals: Service[Withdrawals],
    limits: Service[Limits],
) -> Page:
    """Withdraw, and go on to what became of it."""
    form = await read_form(request, WithdrawForm)
    typed = form.data or WithdrawForm()
    try:
        limits.count("top_up", host_of(request), who=str(viewer.person))
        result = await withdrawals.withdraw(_wish(typed, viewer, withdrawals))
    except Refusal as refusal:
        kept = form.values if isinstance(refusal, TryAgain) else {**form.values, "key": _new_key()}
        placed, problem = place_refusal(Form(kept), refusal, lang)
        return await _form_page(
            request, renderer, viewer, withdrawals, placed, problem=problem, status_code=refusal.status
        )
    return Redirect(f"/withdraw/{result.id}", status_code=303)


@get("/withdraw/{withdrawal_id:str}")
async def withdrawal_state(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    withdrawals: Service[Withdrawals],
    withdrawal_id: str,
) -> Page:
    """Show what became of a withdrawal; while it is open the page looks again by itself."""
    found = await withdrawals.by_id(read_id(withdrawal_id) or 0, citizen=viewer.person, bucket=viewer.bucket)
    digits = {card.id: card.last_digits for card in await withdrawals.wallets.cards.of(viewer.person)}
    return renderer.page(
        request,
        "withdrawals/state.html",
        withdrawal=found,
        digits=digits.get(found.card, ""),
        reason=reason_text(found, lang),
    )


def _wish(typed: WithdrawForm, viewer: Viewer, withdrawals: Withdrawals) -> WithdrawalWish:
    """Read what was typed. Raises `WithdrawalAmountInvalid`."""
    try:
        amount = fen_of_yuan(typed.amount)
    except NotMoneyError as error:
        raise rules.amount_invalid(withdrawals.wallets.rules) from error
    return WithdrawalWish(
        citizen=viewer.person,
        bucket=viewer.bucket,
        amount=amount,
        card=read_id(typed.card) or 0,
        key=typed.key,
        passcode=typed.passcode,
        confirmation=typed.confirmation,
    )


async def _form_page(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    withdrawals: Withdrawals,
    form: Form[Any],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    balance = await withdrawals.wallets.balance(citizen=viewer.person, bucket=viewer.bucket)
    return renderer.page(
        request,
        "withdrawals/withdraw.html",
        status_code=status_code,
        form=form,
        problem=problem,
        balance=balance.amount,
        cards=await withdrawals.wallets.cards.of(viewer.person),
        recent=await withdrawals.recent(citizen=viewer.person, bucket=viewer.bucket),
    )


def reason_text(withdrawal: Withdrawal, lang: str) -> str:
    """Say why a withdrawal was refused or is held, in a language."""
    return translator(lang)(REASONS.get(withdrawal.reason, REASONS[""]))


def _new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


HANDLERS: Final = (withdraw_page, withdraw, withdrawal_state)
