"""Pages of sending: to whom and how much, is this the right person, what became of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.database import TryAgain
from haihe.base.errors import Refusal
from haihe.base.money import NotMoneyError, fen_of_yuan
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.people.errors import PasscodeMissing, PasscodeWrong
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.people.rules import read_phone
from haihe.people.service import People
from haihe.wallet.rules import read_id
from haihe.wallet.sending import rules
from haihe.wallet.sending.errors import SendingNotConfirmed
from haihe.wallet.sending.model import NOTE_CHARACTERS_MAX, Recipient, SendRequest, Transfer
from haihe.wallet.sending.service import Sendings
from haihe.wallet.service import Wallets
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]
KEY_BYTES: Final = 16
CONFIRMABLE: Final = frozenset({SendingNotConfirmed.code, PasscodeMissing.code, PasscodeWrong.code})
"""Refusals after which the page asks for the passcode, whatever the amount."""
ON_THE_FIRST_STEP: Final = frozenset({"phone", "amount", "note"})
"""Fields of the first step: a refusal that names one leads back there."""


class SendForm(msgspec.Struct, frozen=True):
    """What both steps post; `to` is the masked name that was shown, `key` makes that pressing twice sends once."""

    phone: str = ""
    amount: str = ""
    note: str = ""
    passcode: str = ""
    to: str = ""
    key: str = ""
    edit: str = ""


@dataclass(frozen=True)
class SendPage:
    """The two steps for one citizen."""

    request: AnyRequest
    renderer: Renderer
    lang: str
    viewer: Viewer
    sendings: Sendings
    wallets: Wallets

    def asked(self, typed: SendForm, *, confirmed: bool = False) -> SendRequest:
        """Read what was typed. Raises `SendingAmountInvalid`."""
        try:
            amount = fen_of_yuan(typed.amount)
        except NotMoneyError as error:
            raise rules.amount_invalid(self.sendings.rules) from error
        return SendRequest(
            sender=self.viewer.person,
            bucket=self.viewer.bucket,
            phone=typed.phone,
            amount=amount,
            key=typed.key,
            note=typed.note,
            passcode=typed.passcode if confirmed else "",
            expects=typed.to if confirmed else "",
        )

    async def first(self, form: Form[Any], *, problem: Problem = NO_PROBLEM, status_code: int = 200) -> Page:
        """Ask to whom and how much."""
        balance = await self.wallets.balance(citizen=self.viewer.person, bucket=self.viewer.bucket)
        return self.renderer.page(
            self.request,
            "sending/send.html",
            status_code=status_code,
            form=form,
            problem=problem,
            balance=balance.amount,
            note_max=NOTE_CHARACTERS_MAX,
        )

    def second(
        self,
        form: Form[Any],
        recipient: Recipient,
        asked: SendRequest,
        *,
        problem: Problem = NO_PROBLEM,
        status_code: int = 200,
    ) -> Page:
        """Show whom it would reach, and ask for the passcode where the amount needs it."""
        values = {**form.values, "to": recipient.name, "key": form.values.get("key") or _new_key()}
        return self.renderer.page(
            self.request,
            "sending/confirm.html",
            status_code=status_code,
            form=Form(values, form.errors),
            problem=problem,
            recipient=recipient,
            phone=read_phone(asked.phone),
            amount=asked.amount,
            note=rules.read_note(asked.note),
            asks_passcode=self.sendings.asks_passcode(asked.amount) or problem.code in CONFIRMABLE,
            limits=self.sendings.rules,
        )

    async def refused(self, form: Form[Any], refusal: Refusal) -> Page:
        """Say a refusal where it can be mended: on the first step, or on the second where that still stands."""
        key = form.values.get("key", "") if isinstance(refusal, TryAgain) else _new_key()
        kept: Form[Any] = Form({**form.values, "key": key})
        placed, problem = place_refusal(kept, refusal, self.lang)
        if form.values.get("to") and refusal.details.get("field", "") not in ON_THE_FIRST_STEP:
            try:
                asked = self.asked(form.data or SendForm())
                recipient = await self.sendings.recipient(self.viewer.person, asked.phone)
            except Refusal as first:
                placed, problem = place_refusal(kept, first, self.lang)
            else:
                return self.second(placed, recipient, asked, problem=problem, status_code=refusal.status)
        return await self.first(placed, problem=problem, status_code=refusal.status)


@get("/send")
async def send_page(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    sendings: Service[Sendings],
    wallets: Service[Wallets],
) -> Page:
    """Ask to whom and how much."""
    return await SendPage(request, renderer, lang, viewer, sendings, wallets).first(Form())


@post("/send")
async def check(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    sendings: Service[Sendings],
    wallets: Service[Wallets],
    limits: Service[Limits],
) -> Page:
    """Look whose number it is and have that confirmed; `edit` leads back to what was typed."""
    form, page = await read_form(request, SendForm), SendPage(request, renderer, lang, viewer, sendings, wallets)
    typed = form.data or SendForm()
    fresh: Form[Any] = Form({name: form.values.get(name, "") for name in ("phone", "amount", "note")})
    if typed.edit:
        return await page.first(fresh)
    try:
        with rules.looking_up(limits, host_of(request), viewer.person):
            asked = page.asked(typed)
            return page.second(fresh, await sendings.check(asked), asked)
    except Refusal as refusal:
        return await page.refused(Form(fresh.values, data=typed), refusal)


@post("/send/confirm")
async def send(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    sendings: Service[Sendings],
    wallets: Service[Wallets],
    limits: Service[Limits],
) -> Page:
    """Send what was confirmed, and go on to what became of it."""
    form, page = await read_form(request, SendForm), SendPage(request, renderer, lang, viewer, sendings, wallets)
    typed = form.data or SendForm()
    if not typed.to:  # nobody was shown yet
        return await page.first(Form({**form.values, "key": ""}))
    try:
        with rules.looking_up(limits, host_of(request), viewer.person):
            transfer = await sendings.send(page.asked(typed, confirmed=True))
    except Refusal as refusal:
        return await page.refused(form, refusal)
    return Redirect(f"/transfers/{transfer.id}", status_code=303)


@get("/transfers/{transfer_id:str}")
async def transfer_page(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    sendings: Service[Sendings],
    people: Service[People],
    transfer_id: str,
) -> Page:
    """Show what became of a transfer to either of the two; while it is on its way the page looks again by itself."""
    found = await sendings.transfer(read_id(transfer_id) or 0, citizen=viewer.person, bucket=viewer.bucket)
    own = (await people.citizen(viewer.person)).name
    return renderer.page(request, "sending/transfer.html", transfer=found, own=own, word=_word(found))


def _word(transfer: Transfer) -> str:
    """Give the state that the page shows: received, or what became of what was sent."""
    return str(transfer.status) if transfer.is_outgoing else "received"


def _new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


HANDLERS: Final = (send_page, check, send, transfer_page)
