"""Charging at a terminal: a till or a validator takes the payment of whoever shows it a payment code."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, post

from haihe.base.audit import Actor, Deed
from haihe.base.i18n import money
from haihe.base.money import CURRENCY
from haihe.base.throttle import Limits
from haihe.counter.model import Counter, Face, Terminal
from haihe.counter.pages import opened_terminal
from haihe.counter.screen import Screens
from haihe.counter.service import Terminals
from haihe.payments.api import checked_key
from haihe.payments.errors import AmountInvalid
from haihe.payments.model import Charge, PaidPart, Payment
from haihe.payments.paper.errors import PaperCardRevoked, PaperCardUnknown
from haihe.payments.paper.model import is_paper_code
from haihe.payments.service import Payments
from haihe.web.json_api import IDEMPOTENCY_HEADER
from haihe.web.part import Service
from haihe.web.problem import BodyInvalid, BodyMalformed, NotFound

CODE_CHARACTERS_MAX: Final = 200


class ChargeBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a terminal sends: what it read, and the amount in fen where a cashier types one."""

    code: str
    amount: int | float | None = None


class ChargedPart(msgspec.Struct, frozen=True):
    """Where a part of the money came from, named in the terminal's language; `amount` in fen, `told` as people read it."""

    source: str
    name: str
    amount: int
    told: str


class ChargeAnswer(msgspec.Struct, frozen=True):
    """A charge that was paid: `amount` in fen, `payer` the masked name, `told` the amount as people read it."""

    id: str
    status: str
    amount: int
    currency: str
    paid_by: tuple[ChargedPart, ...]
    payer: str
    told: str


@post("/terminal/{terminal:str}/charge", status_code=201)
async def charge(
    request: Request[Any, Any, Any],
    terminal: str,
    terminals: Service[Terminals],
    screens: Service[Screens],
    payments: Service[Payments],
    limits: Service[Limits],
    lang: str,
) -> ChargeAnswer:
    """Charge whoever showed the code; the same key gets the same answer.

    Raises, in this order: `TerminalUnknown`, `TerminalNotPaired`, `NotFound` where nothing is charged, `TooMany`, `BodyMalformed`,
    `BodyInvalid`, `KeyMissing`, `AmountInvalid`, and as `Payments.charge` does.
    """
    opened = await opened_terminal(request, terminal, terminals)
    counter = _charging(screens, opened)
    host = request.client.host if request.client else ""
    limits.count("charge", host, who=str(opened.id))
    body = _read(await request.body())
    key = checked_key(request.headers.get(IDEMPOTENCY_HEADER))
    wish = _charge(opened, counter, body, key)
    if is_paper_code(wish.code):
        with limits.looking_up("paper_card", host, who=str(opened.id), miss=PaperCardUnknown):
            paid = await _charge_paper(payments, wish, opened)
    else:
        paid = await payments.charge(wish)
    (payer,) = await screens.surnames.of([paid.payer])
    return _answer(paid, payments.paid_parts(paid, lang), payer, lang)


async def _charge_paper(payments: Payments, wish: Charge, terminal: Terminal) -> Payment:
    """Charge a paper card; that somebody held an unknown or revoked one before the terminal is a deed."""
    try:
        return await payments.charge(wish)
    except (PaperCardUnknown, PaperCardRevoked) as refusal:
        deed = Deed(
            action="paper_card_charged",
            actor=Actor.TERMINAL,
            actor_id=terminal.id,
            organisation=terminal.organisation,
            outcome=refusal.code,
        )
        await payments.papers.audit.note(deed)
        raise


def _charging(screens: Screens, terminal: Terminal) -> Counter:
    counter = screens.counter(terminal)
    if counter.face is Face.SCREEN:
        raise NotFound
    return counter


def _read(raw: bytes) -> ChargeBody:
    try:
        body = msgspec.json.decode(raw, type=ChargeBody)
    except msgspec.ValidationError as error:
        raise BodyInvalid(fields=[{"field": "", "reason": str(error)}]) from error
    except msgspec.DecodeError as error:
        raise BodyMalformed from error
    if len(body.code) > CODE_CHARACTERS_MAX:
        raise BodyInvalid(fields=[{"field": "code", "reason": f"at most {CODE_CHARACTERS_MAX} characters"}])
    return body


def _charge(terminal: Terminal, counter: Counter, body: ChargeBody, key: str) -> Charge:
    if isinstance(body.amount, float):
        raise AmountInvalid
    return Charge(
        kind=counter.trade,
        point=terminal.point,
        payee=terminal.organisation,
        code=body.code.strip(),
        key=key,
        amount=body.amount,
    )


def _answer(paid: Payment, parts: tuple[PaidPart, ...], payer: str, lang: str) -> ChargeAnswer:
    return ChargeAnswer(
        id=str(paid.id),
        status="paid",
        amount=paid.amount,
        currency=CURRENCY,
        paid_by=tuple(ChargedPart(one.source, one.name, one.amount, money(one.amount, lang)) for one in parts),
        payer=payer,
        told=money(paid.amount, lang),
    )
