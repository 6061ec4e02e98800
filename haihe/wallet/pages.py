"""Pages of the wallet: top up, see what became of it, bank cards."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translator
from haihe.base.money import YUAN_FEN, NotMoneyError, fen_of_yuan
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.wallet import errors, rules
from haihe.wallet.model import TopUp, TopUpStatus
from haihe.wallet.service import Wallets
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer, own_path
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]
AMOUNTS_YUAN: Final = (20, 50, 100, 200, 500)
AMOUNT_CHARACTERS_MAX: Final = 12
NEEDS_CARD: Final = ("/withdraw", "/top-up/automatic", "/card")
"""Endings of addresses whose pages need a card themselves: who comes from there goes back at once."""
REASONS: Final[Mapping[str, str]] = {
    "no_funds": N_("There is not enough money on the card."),
    "card_unknown": N_("The bank does not know this card."),
    "card_blocked": N_("The bank has blocked this card."),
    "called_off": N_("The bank did not answer in time. Nothing was taken from your card."),
    "payee_frozen": N_("Your wallet is frozen. The money is kept safe for you."),
    "payee_closed": N_("Your wallet is closed. The money is kept safe for you."),
    "": N_("The bank refused this top-up."),
}
"""What people read for a bank's reason; "" stands for any other."""


class TopUpForm(msgspec.Struct, frozen=True):
    """What the top-up page posts; `key` makes that pressing twice is once."""

    amount: str = ""
    card: str = ""
    passcode: str = ""
    key: str = ""
    next: str = ""


class CardForm(msgspec.Struct, frozen=True):
    """What the page of cards posts."""

    card: str = ""
    passcode: str = ""
    next: str = ""


@get(["/top-up", "/wallet/top-up"])
async def top_up_page(request: AnyRequest, renderer: Renderer, viewer: Viewer, wallets: Service[Wallets]) -> Page:
    """Ask how much to top up from which card; `?amount=` in yuan fills the amount, `?next=` is where to go on."""
    amount = request.query_params.get("amount", "")[:AMOUNT_CHARACTERS_MAX]
    form: Form[TopUpForm] = Form({"amount": amount, "key": _new_key(), "next": _next_of(request)})
    return await _form_page(request, renderer, viewer, wallets, form)


@post("/top-up")
async def top_up(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    wallets: Service[Wallets],
    limits: Service[Limits],
) -> Page:
    """Top up; go on to `next` at once when the money has come, else to the page that waits for it."""
    limits.count("top_up", host_of(request), who=str(viewer.person))
    form = await read_form(request, TopUpForm)
    typed = form.data or TopUpForm()
    try:
        result = await wallets.top_up(
            citizen=viewer.person,
            bucket=viewer.bucket,
            amount=_fen(typed.amount, wallets),
            card=rules.read_id(typed.card) or 0,
            key=typed.key,
            passcode=typed.passcode,
        )
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return await _form_page(request, renderer, viewer, wallets, placed, problem=problem, status_code=refusal.status)
    if result.status is TopUpStatus.REFUSED:
        problem = Problem("refused", reason_text(result, lang))
        fresh: Form[TopUpForm] = Form({**form.values, "key": _new_key()})
        return await _form_page(request, renderer, viewer, wallets, fresh, problem=problem, status_code=409)
    target = own_path(typed.next, otherwise="")
    if result.status is TopUpStatus.DONE and target:
        return Redirect(target, status_code=303)
    return Redirect(f"/top-up/{result.id}{_query(target)}", status_code=303)


@get("/top-up/{top_up_id:str}")
async def top_up_state(
    request: AnyRequest, renderer: Renderer, lang: str, viewer: Viewer, wallets: Service[Wallets], top_up_id: str
) -> Page:
    """Show what became of a top-up; while it is open the page looks again by itself."""
    found = await wallets.top_up_by_id(rules.read_id(top_up_id) or 0, citizen=viewer.person, bucket=viewer.bucket)
    return renderer.page(
        request, "wallet/top_up_state.html", top_up=found, next=_next_of(request), reason=reason_text(found, lang)
    )


@get("/cards")
async def cards_page(
    request: AnyRequest, renderer: Renderer, lang: str, viewer: Viewer, wallets: Service[Wallets]
) -> Page:
    """Show the citizen's cards and add one; `?made-up` fills in a made-up card, in a demo only."""
    form, problem = Form[CardForm]({"next": _next_of(request)}), NO_PROBLEM
    if "made-up" in request.query_params:
        try:
            form = Form({**form.values, "card": await wallets.cards.made_up(viewer.person) or ""})
        except errors.BankUnavailable as refusal:
            form, problem = place_refusal(form, refusal, lang)
    return await _cards_page(request, renderer, viewer, wallets, form, problem=problem)


@post("/cards")
async def add_card(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    wallets: Service[Wallets],
    limits: Service[Limits],
) -> Page:
    """Add a card and go on to where someone came from with no card yet, else to top up."""
    form = await read_form(request, CardForm)
    typed = form.data or CardForm()
    try:
        limits.count("card", host_of(request), who=str(viewer.person))
        await wallets.cards.add_confirmed(viewer.person, typed.card, typed.passcode)
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return await _cards_page(
            request, renderer, viewer, wallets, placed, problem=problem, status_code=refusal.status
        )
    target = own_path(typed.next, otherwise="")
    return Redirect(target if target.endswith(NEEDS_CARD) else "/top-up" + _query(target), status_code=303)


@post("/cards/{card:str}/remove")
async def remove_card(viewer: Viewer, wallets: Service[Wallets], card: str) -> Redirect:
    """Forget a card."""
    await wallets.cards.remove(viewer.person, rules.read_id(card) or 0)
    return Redirect("/cards", status_code=303)


async def _form_page(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    wallets: Wallets,
    form: Form[Any],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    balance = await wallets.balance(citizen=viewer.person, bucket=viewer.bucket)
    return renderer.page(
        request,
        "wallet/top_up.html",
        status_code=status_code,
        form=form,
        problem=problem,
        balance=balance.amount,
        cards=await wallets.cards.of(viewer.person),
        amounts=AMOUNTS_YUAN,
        limits=wallets.rules,
        asks_passcode=_asks_passcode(form, wallets),
        next=form.values.get("next", ""),
    )


async def _cards_page(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    wallets: Wallets,
    form: Form[Any],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    return renderer.page(
        request,
        "wallet/cards.html",
        status_code=status_code,
        form=form,
        problem=problem,
        cards=await wallets.cards.of(viewer.person),
        is_demo=wallets.cards.demo is not None,
        asks_passcode=(await wallets.people.citizen(viewer.person)).has_passcode,
        next=form.values.get("next", ""),
    )


def _asks_passcode(form: Form[Any], wallets: Wallets) -> bool:
    """Tell whether the amount typed so far needs the passcode; the page asks for it only then."""
    try:
        return fen_of_yuan(form.values.get("amount", "")) > wallets.rules.passcode_above_fen
    except NotMoneyError:
        return False


def _fen(text: str, wallets: Wallets) -> int:
    try:
        return fen_of_yuan(text)
    except NotMoneyError as error:
        raise rules.amount_invalid(wallets.rules) from error


def reason_text(top_up: TopUp, lang: str) -> str:
    """Say why a top-up was refused or is held, in a language."""
    return translator(lang)(REASONS.get(top_up.reason, REASONS[""]))


def suggested_yuan(missing_fen: int) -> int:
    """Give the smallest usual amount in yuan that covers what is missing, else the missing yuan rounded up."""
    missing_yuan = -(-missing_fen // YUAN_FEN)
    return next((amount for amount in AMOUNTS_YUAN if amount >= missing_yuan), missing_yuan)


def _next_of(request: AnyRequest) -> str:
    return own_path(request.query_params.get("next"), otherwise="")


def _query(target: str) -> str:
    return "?" + urlencode({"next": target}) if target else ""


def _new_key() -> str:
    return secrets.token_urlsafe(16)


HANDLERS = (top_up_page, top_up, top_up_state, cards_page, add_card, remove_card)
