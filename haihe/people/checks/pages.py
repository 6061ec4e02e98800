"""The page of the account's class: what it may, which checks are made, and the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.i18n import translator
from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.people.checks.api import CHECK
from haihe.people.checks.channels import ONLINE, SHOWN_OF, Shown
from haihe.people.checks.model import Channel, KnownCard, Standing
from haihe.people.checks.service import Identities
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem
from haihe.web.forms import read_form
from haihe.web.guards import Viewer, own_path
from haihe.web.part import Service
from haihe.web.render import Renderer

PATH: Final = "/me/class"
CARD_DIGITS_MAX: Final = 18
CHANNEL_OF: Final = {one.word: one.channel for one in ONLINE}


class CheckForm(msgspec.Struct, frozen=True):
    """Which channel is to be asked, about which card, and where to go on afterwards."""

    channel: str = ""
    card: str = ""
    next: str = ""

    def read(self) -> tuple[Channel, int] | None:
        """Give the channel and the card; None for what the page never posts."""
        is_card = self.card.isascii() and self.card.isdigit() and len(self.card) <= CARD_DIGITS_MAX
        channel = CHANNEL_OF.get(self.channel)
        return (channel, int(self.card) if is_card else 0) if channel else None


@get(PATH)
async def class_page(
    request: AnyRequest, renderer: Renderer, viewer: Viewer, identities: Service[Identities]
) -> Response[Any]:
    """Show the citizen's class and the way to the next; `?next=` is where to go on."""
    return await _page(request, renderer, viewer, identities, next_path=request.query_params.get("next", ""))


@post(PATH)
async def raise_class(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    identities: Service[Identities],
    limits: Service[Limits],
) -> Response[Any]:
    """Have one source asked; come back to the page, which tells what followed."""
    form = await read_form(request, CheckForm)
    typed = form.data or CheckForm()
    wish = typed.read()
    if wish is None:
        return await _page(request, renderer, viewer, identities, next_path=typed.next)
    try:
        limits.count(CHECK, host_of(request), who=str(viewer.person))
        await identities.check(viewer.person, wish[0], card=wish[1])
    except Refusal as refusal:
        return await _page(
            request,
            renderer,
            viewer,
            identities,
            next_path=typed.next,
            problem=Problem(refusal.code, refusal.message(translator(lang))),
            status_code=refusal.status,
        )
    query = {"checked": typed.channel, **({"next": typed.next} if own_path(typed.next, otherwise="") else {})}
    return Redirect(f"{PATH}?{urlencode(query)}", status_code=303)


async def _page(
    request: AnyRequest,
    renderer: Renderer,
    viewer: Viewer,
    identities: Identities,
    *,
    next_path: str,
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Response[Any]:
    standing = await identities.standing(viewer.person)
    cards = await identities.cards_of(viewer.person)
    return renderer.page(
        request,
        "checks/class.html",
        status_code=status_code,
        standing=standing,
        rules=identities.rules(),
        made=[(SHOWN_OF[one.said.channel], one) for one in standing.checks if one.said.is_match],
        open=_open(standing, cards),
        cards=cards,
        problem=problem,
        is_checked=request.query_params.get("checked", "") in CHANNEL_OF,
        next=own_path(next_path, otherwise=""),
    )


def _open(standing: Standing, cards: Sequence[KnownCard]) -> list[tuple[Shown, KnownCard | None]]:
    """List what can still be asked: channels that do not know the citizen yet, and the bank of every card, which may be another one."""
    channels: list[tuple[Shown, KnownCard | None]] = [
        (one, None) for one in ONLINE if one.channel is not Channel.BANK and not standing.has(one.channel)
    ]
    return [*channels, *((SHOWN_OF[Channel.BANK], card) for card in cards)]


HANDLERS = (class_page, raise_class)
