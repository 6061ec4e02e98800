"""Who is asking: the interface that `people` and `organisations` fill, and what handlers use of it.

A handler that takes `viewer: Viewer` (or `staff: Staff`) is only reached by someone who is signed in; `viewer_or_none` lets
everyone in. Handlers of the JSON API that read a body also carry `guards=[signed_in]`, so that a missing token is said
before a faulty body.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, runtime_checkable

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.base.tokens import TokenMissing

SESSION_COOKIE: Final = "haihe_session"
STAFF_COOKIE: Final = "haihe_staff"
API_PREFIX: Final = "/api/"
CONSOLE: Final = "/console"
OPEN_TO_BARRED: Final = ("/console/me", "/console/sign-out")
"""Where staff come who have to settle something first; and to the first page, which says so."""

Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Viewer:
    """A citizen who is signed in."""

    person: int
    bucket: int
    session: int
    name: str = ""
    language: str = ""
    is_aging: bool = False
    """More than half of the session's life is over: a browser's cookie is renewed then."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """A token with which a session goes on, made at a moment."""

    token: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of an organisation's staff who is signed in to the console."""

    person: int
    organisation: int
    session: int
    role: str
    name: str = ""
    organisation_name: str = ""
    is_barred: bool = False
    """Something has to be settled first, on the page about oneself: a temporary password, or a second factor that is required."""


class SettleFirst(Refusal):
    """A member of staff whose password is temporary, or whose organisation requires a second factor that is not set up."""

    code = "settle_first"
    status = 403
    text = N_("Please open “My sign-in” in the console first: your password or your second factor has to be set.")


@runtime_checkable
class Doorkeeper(Protocol):
    """Knows whose a token is; raises `TokenInvalid` or `TokenExpired`."""

    async def viewer(self, token: str) -> Viewer:
        """Tell which citizen a token belongs to."""
        ...

    async def renewed(self, token: str) -> Renewal | None:
        """Let a citizen's aging session go on; None where it cannot."""
        ...

    async def staff(self, token: str) -> Staff:
        """Tell which member of staff a token belongs to."""
        ...


async def viewer(request: Request[Any, Any, Any]) -> Viewer:
    """Dependency `viewer`: the citizen who asks. Raises `TokenMissing`, `TokenInvalid`, `TokenExpired`."""
    return await _viewer_of(request)


async def viewer_or_none(request: Request[Any, Any, Any]) -> Viewer | None:
    """Dependency `viewer_or_none`: the citizen who asks, or None for someone whose token is missing or no good."""
    try:
        return await _viewer_of(request)
    except Refusal as refusal:
        if refusal.status != 401:
            raise
        return None


async def staff(request: Request[Any, Any, Any]) -> Staff:
    """Dependency `staff`: the member of staff who asks. Raises like `viewer`."""
    return await _staff_of(request)


async def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: let only a citizen who is signed in come as far as the body."""
    await _viewer_of(connection)


async def staff_signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: let only a member of staff who is signed in come as far as the body."""
    await _staff_of(connection)


def seems_signed_in(connection: Connection) -> bool:
    """Tell, without asking anyone, whether a page should be drawn for a citizen: error pages are drawn before it is known."""
    kept = SESSION_COOKIE in connection.cookies and not connection.state.get("token_refused")
    return connection.state.get("viewer") is not None or kept


async def _viewer_of(connection: Connection) -> Viewer:
    known: Viewer | None = connection.state.get("viewer")
    if known is None:
        doorkeeper: Doorkeeper = connection.app.state.doorkeeper
        connection.state.token_refused = True
        token = _token(connection, SESSION_COOKIE)
        known = connection.state.viewer = await doorkeeper.viewer(token)
        if known.is_aging and connection.cookies.get(SESSION_COOKIE) == token:
            connection.state.renewal = await doorkeeper.renewed(token)
    return known


async def _staff_of(connection: Connection) -> Staff:
    known: Staff | None = connection.state.get("staff")
    if known is None:
        doorkeeper: Doorkeeper = connection.app.state.doorkeeper
        known = connection.state.staff = await doorkeeper.staff(_token(connection, STAFF_COOKIE))
        path = connection.url.path
        if known.is_barred and path.rstrip("/") != CONSOLE and not path.startswith(OPEN_TO_BARRED):
            raise SettleFirst
    return known


def _token(connection: Connection, cookie: str) -> str:
    """Find the token: the API takes bearer tokens only, which no foreign page can send; pages take the cookie."""
    scheme, _, bearer = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip():
        return bearer.strip()
    if not connection.url.path.startswith(API_PREFIX) and (kept := connection.cookies.get(cookie)):
        return kept
    raise TokenMissing


def keep_session(
    request: Request[Any, Any, Any],
    response: Response[Any],
    cookie: str,
    *,
    token: str,
    expires: datetime,
    now: datetime,
) -> None:
    """Put a token into the browser's cookie; scripts cannot read it, other sites cannot post with it."""
    response.set_cookie(
        cookie,
        token,
        max_age=max(0, int((expires - now).total_seconds())),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def renew_session(request: Request[Any, Any, Any], response: Response[Any]) -> None:
    """Put the token of a session that goes on into the browser, where the doorkeeper gave one with this request."""
    renewal: Renewal | None = request.state.get("renewal")
    if renewal:
        keep_session(
            request, response, SESSION_COOKIE, token=renewal.token, expires=renewal.expires_at, now=renewal.made_at
        )


def end_session(response: Response[Any], cookie: str) -> None:
    """Take the token out of the browser."""
    response.delete_cookie(cookie)


def own_path(wish: str | None, *, otherwise: str = "/") -> str:
    """Accept an address to go on to only if it is a path of this city, so that nobody is led elsewhere."""
    if not wish or not wish.startswith("/") or wish.startswith("//") or not wish.isprintable() or "\\" in wish:
        return otherwise
    return wish
