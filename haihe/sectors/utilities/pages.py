"""The citizen's bills: what is due, one's accounts, several bills paid at once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translator
from haihe.base.ids import ID_MAX
from haihe.base.throttle import Limits
from haihe.organisations.service import Organisations
from haihe.payments.dues.model import DueUnknown
from haihe.payments.errors import InsufficientFunds
from haihe.payments.service import Payments
from haihe.people.api import host_of
from haihe.sectors.utilities.bodies import period_name, quantity
from haihe.sectors.utilities.errors import AccountUnknown, CompanyUnknown, NothingChosen
from haihe.sectors.utilities.model import UNITS
from haihe.sectors.utilities.paying import Cashdesk, Choice
from haihe.sectors.utilities.supplies import Supplies
from haihe.wallet.service import Wallets
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Viewer, signed_in
from haihe.web.part import Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer

TEMPLATES: Final = Path(__file__).parent / "templates"
KEY_BYTES: Final = 16
KEY_CHARACTERS_MAX: Final = 100
PAID_LINES: Final = 10
ID_DIGITS_MAX: Final = 19

PageRequest = Request[Any, Any, Any]
Page = Response[Any]


class AccountForm(msgspec.Struct, frozen=True):
    """What names an account: company and customer number; `add` once it was seen."""

    company: Annotated[int, says(N_("Please choose a company."), ge=1, le=ID_MAX)]
    number: Annotated[str, says(N_("Please fill this in"), min_length=1, max_length=40)]
    add: bool = False


@get("/bills")
async def bills(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    organisations: Service[Organisations],
    supplies: Service[Supplies],
    cashdesk: Service[Cashdesk],
) -> Page:
    """Show what is due, the citizen's accounts and what they paid."""
    return renderer.page(
        request,
        "utilities/bills.html",
        owed=await cashdesk.bills(payments, viewer, lang),
        supplies=await supplies.mine(viewer.person),
        paid=(await supplies.paid_by(viewer.person))[:PAID_LINES],
        tell=lambda due: cashdesk.teller.tell(due, lang),
        names=organisations.names(lang),
    )


# --- paying several at once


@get("/bills/pay")
async def choose(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    wallets: Service[Wallets],
    cashdesk: Service[Cashdesk],
) -> Page:
    """Show the chosen bills and their sum. Raises `DueUnknown`."""
    try:
        choice = await cashdesk.choose(payments, viewer, lang, _ids(request.query_params.getall("bill", [])))
    except NothingChosen:
        return Redirect("/bills", status_code=303)
    return await _choice(request, renderer, viewer, wallets, choice, key=secrets.token_urlsafe(KEY_BYTES))


@post("/bills/pay")
async def pay_chosen(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    wallets: Service[Wallets],
    limits: Service[Limits],
    cashdesk: Service[Cashdesk],
) -> Page:
    """Pay the chosen bills and say what became of each; what the balance does not cover is refused before anything is paid."""
    limits.count("pay", host_of(request), who=str(viewer.person))
    posted = await request.form()
    key = str(posted.get("key", ""))
    choice = await cashdesk.choose(payments, viewer, lang, _ids(str(one) for one in posted.getall("bill", [])))
    if not 0 < len(key) <= KEY_CHARACTERS_MAX:
        return await _choice(request, renderer, viewer, wallets, choice, key=secrets.token_urlsafe(KEY_BYTES))
    if choice.amount > await _balance(wallets, viewer):
        return await _choice(request, renderer, viewer, wallets, choice, key=key, status_code=InsufficientFunds.status)
    outcomes = await cashdesk.pay(payments, viewer, choice, key)
    return renderer.page(
        request,
        "utilities/outcome.html",
        outcomes=outcomes,
        amount=sum(one.due.amount for one in outcomes if one.payment),
        reasons={one.due.id: one.refusal.message(translator(lang)) for one in outcomes if one.refusal},
        key=key,
        balance=await _balance(wallets, viewer),
    )


async def _choice(
    request: PageRequest,
    renderer: Renderer,
    viewer: Viewer,
    wallets: Wallets,
    choice: Choice,
    *,
    key: str,
    status_code: int = 200,
) -> Page:
    chosen = [("bill", str(owed.due.id)) for owed in choice.open]
    return renderer.page(
        request,
        "utilities/choice.html",
        status_code=status_code,
        choice=choice,
        balance=await _balance(wallets, viewer),
        key=key,
        here=f"/bills/pay?{urlencode(chosen)}",
    )


async def _balance(wallets: Wallets, viewer: Viewer) -> int:
    return (await wallets.balance(citizen=viewer.person, bucket=viewer.bucket)).amount


def _ids(texts: Iterable[str]) -> list[int]:
    """Read ids of bills. Raises `DueUnknown` for what cannot be one."""
    found = [_id(text) for text in texts]
    if None in found:
        raise DueUnknown
    return [one for one in found if one is not None]


def _id(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX
    return int(text) if is_number and 0 < int(text) <= ID_MAX else None


# --- accounts


@get("/bills/add", guards=[signed_in])
async def account_form(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    organisations: Service[Organisations],
    supplies: Service[Supplies],
) -> Page:
    """Ask for company and customer number."""
    return _ask(request, renderer, lang, organisations, supplies, Form())


@post("/bills/add")
async def add_account(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    limits: Service[Limits],
    organisations: Service[Organisations],
    supplies: Service[Supplies],
) -> Page:
    """Look an account up and show whose it is, masked, and what is due; with `add`, add it. What fits no pattern is refused first."""
    form = await read_form(request, AccountForm)
    if form.data is None:
        return _ask(request, renderer, lang, organisations, supplies, form)
    wish = form.data
    try:
        supplies.check(wish.company, wish.number)
        with limits.looking_up("look_up", host_of(request), who=str(viewer.person), miss=AccountUnknown):
            if wish.add:
                await supplies.follow(viewer.person, wish.company, wish.number)
                return Redirect("/bills", status_code=303)
            supply = await supplies.find(wish.company, wish.number)
    except Refusal as refusal:
        if refusal.status not in {404, 409, 422}:
            raise
        name = "company" if isinstance(refusal, CompanyUnknown) else "number"
        refused = form.refused(name, refusal.message(translator(lang)))
        return _ask(request, renderer, lang, organisations, supplies, refused, status_code=refusal.status)
    return renderer.page(
        request, "utilities/found.html", supply=supply, form=form, company=organisations.by_id(wish.company).name(lang)
    )


def _ask(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    organisations: Organisations,
    supplies: Supplies,
    form: Form[AccountForm],
    *,
    status_code: int = 422,
) -> Page:
    companies = [(str(one), organisations.by_id(one).name(lang)) for one in supplies.plans.companies()]
    examples = [(name, supplies.plans.of(int(one))[0].example) for one, name in companies]
    return renderer.page(
        request,
        "utilities/add.html",
        status_code=status_code if form.errors else 200,
        form=form,
        companies=companies,
        examples=examples,
    )


@get("/bills/accounts/{account:str}")
async def account_page(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    organisations: Service[Organisations],
    supplies: Service[Supplies],
    cashdesk: Service[Cashdesk],
    account: str,
) -> Page:
    """Show one of the citizen's accounts: what is due, what they paid, what a unit costs."""
    identity = _id(account)
    if identity is None:
        raise NotFound
    supply, price = await supplies.one(viewer.person, identity)
    return renderer.page(
        request,
        "utilities/account.html",
        supply=supply,
        price=price,
        rule=type(price).__name__ if price else "",
        units=UNITS,
        company=organisations.by_id(supply.account.organisation).name(lang),
        paid=await supplies.paid_by(viewer.person, account=identity),
        tell=lambda due: cashdesk.teller.tell(due, lang),
        period_name=lambda period: period_name(period, lang),
        quantity=lambda milli: quantity(milli, lang),
    )


@post("/bills/accounts/{account:str}/remove")
async def remove_account(viewer: Viewer, supplies: Service[Supplies], account: str) -> Page:
    """Take an account out of the citizen's."""
    identity = _id(account)
    if identity is None:
        raise NotFound
    await supplies.leave(viewer.person, identity)
    return Redirect("/bills", status_code=303)


HANDLERS: Final = (bills, choose, pay_chosen, account_form, add_account, account_page, remove_account)
