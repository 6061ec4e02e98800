"""The JSON API of notices: what somebody was told, and that it was read."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from litestar import get, post
from litestar.params import JSONBody, QueryParameter

from haihe.base.ids import ID_MAX
from haihe.notices.model import Notice
from haihe.notices.service import PAGE_MAX, Notices
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, problems
from haihe.web.part import Service

ID_PATTERN: Final = "^[0-9]{1,18}$"
IdText = Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]


class NoticeAnswer(msgspec.Struct, frozen=True):
    """One notice, told in the language that was asked for; `href` is empty where nothing can be opened."""

    id: str
    kind: str
    title: str
    text: str
    href: str
    at: str
    read: bool


class NoticeList(msgspec.Struct, frozen=True):
    """Notices, newest first; `next_cursor` null on the last page; `unread` counts all that were not read."""

    items: tuple[NoticeAnswer, ...]
    next_cursor: str | None
    unread: int


class ReadBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The newest notice that was read; older ones count as read with it."""

    up_to: IdText


class ReadAnswer(msgspec.Struct, frozen=True):
    """How much is still unread."""

    unread: int


def answer_of(notice: Notice) -> NoticeAnswer:
    """Write a notice as the API tells it."""
    return NoticeAnswer(
        id=str(notice.id),
        kind=notice.kind,
        title=notice.title,
        text=notice.text,
        href=notice.href,
        at=notice.at.isoformat(timespec="seconds"),
        read=notice.is_read,
    )


@get(
    "/api/notices",
    guards=[signed_in],
    include_in_schema=True,
    summary="List notices",
    tags=["notices"],
    security=SIGNED_IN,
    responses=problems(400, 401, 503),
)
async def list_notices(
    viewer: Viewer,
    lang: str,
    notices: Service[Notices],
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = PAGE_MAX,
    cursor: Annotated[str | None, QueryParameter(pattern=ID_PATTERN)] = None,
) -> NoticeList:
    """Give what the citizen was told, newest first."""
    before = int(cursor) if cursor else ID_MAX
    page = await notices.inbox(viewer.person, lang=lang, before=before, limit=limit)
    return NoticeList(
        items=tuple(map(answer_of, page)),
        next_cursor=str(page[-1].id) if len(page) == limit else None,
        unread=await notices.unread(viewer.person),
    )


@post(
    "/api/notices/read",
    status_code=200,
    guards=[signed_in],
    include_in_schema=True,
    summary="Mark notices as read",
    tags=["notices"],
    security=SIGNED_IN,
    responses=problems(400, 401, 413, 503),
)
async def mark_read(data: JSONBody[ReadBody], viewer: Viewer, notices: Service[Notices]) -> ReadAnswer:
    """Mark a notice and all older ones as read; repeating it changes nothing."""
    await notices.read(viewer.person, up_to=int(data.up_to))
    return ReadAnswer(await notices.unread(viewer.person))


HANDLERS: Final = (list_notices, mark_read)
