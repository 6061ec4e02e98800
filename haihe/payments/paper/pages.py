"""A citizen's own paper card: have one, print it, agree on its day, revoke it.

It goes on paying when every phone is signed out, so issuing one and letting it pay more needs the payment passcode.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.audit import Actor, Deed
from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.base.money import YUAN_FEN, NotMoneyError, fen_of_yuan
from haihe.base.throttle import Limits
from haihe.payments.paper.errors import NoPaperCard
from haihe.payments.paper.model import DAILY_FEN_MAX, Issuer
from haihe.payments.paper.printing import printed
from haihe.payments.paper.service import PaperCards, check_daily, daily_invalid
from haihe.people.api import host_of
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal
from haihe.people.service import People
from haihe.web.forms import Form, read_form
from haihe.web.guards import Viewer
from haihe.web.part import Link, Part, Service
from haihe.web.render import Renderer

if TYPE_CHECKING:
    from haihe.payments.paper.model import Holding

PATH: Final = "/me/paper-card"
SETTING: Final = Link(PATH, "id-card", N_("Paper card"))

Page = Response[Any]


class CardForm(msgspec.Struct, frozen=True):
    """What the page posts: `do` is "issue", "daily" or "revoke"; `daily` in yuan."""

    do: str = ""
    daily: str = ""
    passcode: str = ""


@get(PATH)
async def card_page(
    request: AnyRequest, renderer: Renderer, viewer: Viewer, papers: Service[PaperCards]
) -> Response[str]:
    """Show whether there is a card and what it may."""
    return await _page(request, renderer, viewer, papers, Form())


@post(PATH)
async def change_card(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    papers: Service[PaperCards],
    people: Service[People],
    limits: Service[Limits],
) -> Page:
    """Issue a card, let it pay another amount a day, or revoke it."""
    form = await read_form(request, CardForm)
    typed, by = form.data or CardForm(), Issuer(viewer.person)
    deed = Deed(action="paper_card_changed", actor=Actor.CITIZEN, actor_id=viewer.person, subject=viewer.person)
    try:
        limits.count("paper_change", host_of(request), who=str(viewer.person))
        async with papers.audit.attempt(deed):
            if typed.do == "revoke":
                await papers.revoke(viewer.person, viewer.bucket, by=by)
            else:
                daily = read_daily(typed.daily)
                await people.check_passcode(viewer.person, typed.passcode)
                change = papers.issue if typed.do == "issue" else papers.set_daily
                await change(viewer.person, viewer.bucket, by=by, daily=daily)
    except Refusal as refusal:
        placed, problem = place_refusal(form, refusal, lang)
        return await _page(request, renderer, viewer, papers, placed, problem=problem, status_code=refusal.status)
    return Redirect(f"{PATH}?done={typed.do}", status_code=303)


@get(f"{PATH}/print")
async def print_page(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    papers: Service[PaperCards],
    people: Service[People],
) -> Response[str]:
    """Show the living card as it is printed. Raises `NoPaperCard`."""
    holding = await papers.holding(viewer.person, viewer.bucket)
    if holding.living is None:
        raise NoPaperCard
    code = await papers.code(holding.living)
    drawn = printed(code, await people.citizen(viewer.person), holding, lang)
    return renderer.page(request, "paper/print.html", printed=drawn)


async def _page(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    papers: PaperCards,
    form: Form[CardForm],
    *,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Response[str]:
    holding = await papers.holding(viewer.person, viewer.bucket)
    return renderer.page(
        request,
        "paper/card.html",
        status_code=status_code,
        holding=holding,
        form=with_daily(form, holding),
        problem=problem,
        daily_max=DAILY_FEN_MAX,
        done=request.query_params.get("done", ""),
    )


def read_daily(text: str) -> int:
    """Read a daily cap typed in yuan, as fen. Raises `DailyCapInvalid`."""
    try:
        daily = fen_of_yuan(text)
    except NotMoneyError as error:
        raise daily_invalid() from error
    check_daily(daily)
    return daily


def with_daily(form: Form[Any], holding: Holding) -> Form[Any]:
    """Offer what holds, where nothing was typed yet."""
    if "daily" in form.values:
        return form
    yuan, fen = divmod(holding.daily, YUAN_FEN)
    return Form({**form.values, "daily": f"{yuan}.{fen:02}" if fen else str(yuan)}, form.errors)


HANDLERS: Final = (card_page, change_card, print_page)


def part(papers: PaperCards) -> Part:
    """Give the pages."""
    return Part(
        "paper",
        handlers=HANDLERS,
        templates=Path(__file__).parent / "templates",
        dependencies={"papers": papers},
        settings=(SETTING,),
    )
