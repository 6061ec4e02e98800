"""The inbox, its live stream, and the choices of how to be told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect, Stream

from haihe.base.ids import ID_MAX
from haihe.notices.api import ID_PATTERN
from haihe.notices.model import GROUP_HINTS, GROUP_NAMES, Choice, Group
from haihe.notices.service import PAGE_MAX, Heard, Notices
from haihe.web.forms import read_form
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer
from haihe.web.sse import Event, event_stream

AnyRequest = Request[Any, Any, Any]


class ReadForm(msgspec.Struct, frozen=True):
    """The newest notice that the page showed."""

    up_to: Annotated[int, msgspec.Meta(ge=0, le=ID_MAX)] = 0


class ChoicesForm(msgspec.Struct, frozen=True):
    """What is ticked, by group; what is not sent is not ticked."""

    live_money: bool = False
    live_family: bool = False
    live_city: bool = False
    sms_money: bool = False
    sms_family: bool = False
    sms_city: bool = False

    def choice(self, group: Group) -> Choice:
        """Give the choice for a group; for one that cannot be switched off what always holds."""
        word = group.name.lower()
        return Choice(group, getattr(self, f"live_{word}", True), getattr(self, f"sms_{word}", False))


@get("/notices")
async def inbox(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    notices: Service[Notices],
    before: Annotated[str | None, QueryParameter(pattern=ID_PATTERN)] = None,
) -> Response[str]:
    """Show what the citizen was told, newest first."""
    page = await notices.inbox(viewer.person, lang=lang, before=int(before) if before else ID_MAX)
    return renderer.page(
        request,
        "notices/inbox.html",
        notices=page,
        unread=await notices.unread(viewer.person),
        earlier=page[-1].id if len(page) == PAGE_MAX else None,
        before=before,
    )


@post("/notices/read")
async def mark_read(request: AnyRequest, viewer: Viewer, notices: Service[Notices]) -> Redirect:
    """Mark everything that the page showed, and what is older, as read."""
    form = await read_form(request, ReadForm)
    if form.data:
        await notices.read(viewer.person, up_to=form.data.up_to)
    return Redirect("/notices", status_code=303)


@get("/notices/events")
async def events(viewer: Viewer, notices: Service[Notices], lang: str, leaving: asyncio.Event) -> Stream:
    """Stream how much is unread, and what comes."""
    return event_stream(_events(notices, viewer.person, lang), leaving=leaving)


async def _events(notices: Notices, citizen: int, lang: str) -> AsyncIterator[Event]:
    async for heard in notices.listen(citizen, lang):
        yield Event(_said(heard), name="notice")


def _said(heard: Heard) -> dict[str, object]:
    """Say what the page shows: the count, and the newest notice where it is told live."""
    said: dict[str, object] = {"unread": heard.unread}
    if heard.notice:
        said |= {"title": heard.notice.title, "text": heard.notice.text}
    return said


@get("/me/notices")
async def choices(
    request: AnyRequest, renderer: Renderer, viewer: Viewer, notices: Service[Notices], kept: bool = False
) -> Response[str]:
    """Show how the citizen is told of what."""
    return renderer.page(
        request,
        "notices/choices.html",
        choices=await notices.choices(viewer.person),
        names=GROUP_NAMES,
        hints=GROUP_HINTS,
        kept=kept,
    )


@post("/me/notices")
async def choose(request: AnyRequest, viewer: Viewer, notices: Service[Notices]) -> Redirect:
    """Keep how the citizen wants to be told."""
    form = await read_form(request, ChoicesForm)
    chosen = form.data or ChoicesForm()
    await notices.choose(viewer.person, [chosen.choice(group) for group in Group])
    return Redirect("/me/notices?kept=true", status_code=303)


HANDLERS: Final = (inbox, mark_read, events, choices, choose)
