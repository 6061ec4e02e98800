"""The page of the automatic top-up: what is agreed, changing it, ending it."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.money import YUAN_FEN, NotMoneyError, fen_of_yuan
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.wallet.auto.model import MONTH_FEN_MAX, AutoRule
from haihe.wallet.auto.service import AutoTopUps, RuleWish
from haihe.wallet.rules import read_id
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]
PATH: Final = "/top-up/automatic"
USUAL: Final = {"below": "20", "amount": "50", "month_max": "500"}
"""What the form offers to who has no rule, in yuan."""


class RuleForm(msgspec.Struct, frozen=True):
    """What the page posts; amounts in yuan."""

    card: str = ""
    below: str = ""
    amount: str = ""
    month_max: str = ""
    passcode: str = ""


@get(PATH)
async def rule_page(request: AnyRequest, renderer: Renderer, viewer: Viewer, auto_top_ups: Service[AutoTopUps]) -> Page:
    """Show what is agreed, and let it be changed."""
    rule = await auto_top_ups.of(citizen=viewer.person, bucket=viewer.bucket)
    return await _page(request, renderer, viewer, auto_top_ups, Form(_values(rule)))


@post(PATH)
async def set_rule(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    auto_top_ups: Service[AutoTopUps],
    limits: Service[Limits],
) -> Page:
    """Set the rule."""
    form = await read_form(request, RuleForm)
    typed = form.data or RuleForm()
    wish = RuleWish(
        card=read_id(typed.card) or 0,
        below=_fen(typed.below),
        amount=_fen(typed.amount),
        month_max=_fen(typed.month_max),
    )
    try:
        limits.count("top_up", host_of(request), who=str(viewer.person))
        await auto_top_ups.set(wish, citizen=viewer.person, bucket=viewer.bucket, passcode=typed.passcode)
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return await _page(request, renderer, viewer, auto_top_ups, placed, problem=problem, status_code=refusal.status)
    return Redirect(PATH, status_code=303)


@post(PATH + "/remove")
async def remove_rule(viewer: Viewer, auto_top_ups: Service[AutoTopUps]) -> Redirect:
    """End the rule. Raises `AutoRuleUnknown`."""
    await auto_top_ups.remove(citizen=viewer.person, bucket=viewer.bucket)
    return Redirect(PATH, status_code=303)


async def _page(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    auto_top_ups: AutoTopUps,
    form: Form[Any],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    cards = await auto_top_ups.wallets.cards.of(viewer.person)
    return renderer.page(
        request,
        "auto/rule.html",
        status_code=status_code,
        form=form,
        problem=problem,
        rule=await auto_top_ups.of(citizen=viewer.person, bucket=viewer.bucket),
        cards=cards,
        digits={card.id: card.last_digits for card in cards},
        amount_max=auto_top_ups.amount_max(),
        month_max=MONTH_FEN_MAX,
    )


def _values(rule: AutoRule | None) -> dict[str, str]:
    if rule is None:
        return dict(USUAL)
    amounts = {"below": rule.below, "amount": rule.amount, "month_max": rule.month_max}
    return {"card": str(rule.card)} | {name: f"{fen / YUAN_FEN:.2f}" for name, fen in amounts.items()}


def _fen(text: str) -> int:
    """Read an amount; what is none is refused as too little."""
    try:
        return fen_of_yuan(text)
    except NotMoneyError:
        return 0


HANDLERS: Final = (rule_page, set_rule, remove_rule)
