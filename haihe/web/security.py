"""The outermost layer: security headers on every answer, a limit for bodies, texts that can be stored, bare routes.

It wraps the whole application because a framework's own hooks miss its error answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Send

from haihe.base.errors import Refusal
from haihe.base.i18n import choose_language
from haihe.web.problem import (
    PROBLEM_JSON,
    BodyMalformed,
    BodyTooLarge,
    HostInvalid,
    InternalError,
    MediaTypeUnknown,
    TextInvalid,
    problem_body,
    problem_headers,
    report_defect,
)

BODY_BYTES_MAX: Final = 64 * 1024

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "media-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Content security policy: everything from this city, nothing inline."""

HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), screen-wake-lock=(self), microphone=(), geolocation=(), payment=(), usb=()",
}
TRANSPORT_HEADER: Final = (b"strict-transport-security", b"max-age=31536000")
"""Only said over https: a home-made certificate on a local network must not lock the plain address."""

WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
READABLE: Final = frozenset({b"application/json", b"application/x-www-form-urlencoded"})
PORT_MAX: Final = 65_535
_HOST: Final = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(:(?P<port>[0-9]{1,5}))?")
_ENCODED: Final = tuple((name.encode(), value.encode()) for name, value in HEADERS.items())
_SURROGATE_PAIR: Final = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..")
_BAD_ESCAPE: Final = re.compile(rb"\\u(0000|[dD][89a-fA-F]..)")


def secured(app: ASGIApp, routes: Mapping[tuple[str, str], ASGIApp]) -> ASGIApp:
    """Wrap the application; `routes` are bare handlers by method and path, asked before it; a slash at the end does not matter."""

    async def handle(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        answer = _Answer(send, (*_ENCODED, TRANSPORT_HEADER) if scope["scheme"] == "https" else _ENCODED)
        if scope["method"] == "HEAD":
            scope, answer.is_head = {**scope, "method": "GET"}, True
        refusal = _out_of_order(scope)
        if refusal is not None:
            await send_problem(scope, answer, refusal)
            return
        target = routes.get((scope["method"], scope["raw_path"].decode("latin-1").rstrip("/")), app)
        try:
            await target(scope, _limited(scope, receive), answer)
        except Exception as error:
            if answer.started:
                raise
            await send_problem(scope, answer, _refusal_of(error, scope))

    return handle


def _out_of_order(scope: Any) -> Refusal | None:
    """Refuse what no part of the city can read: a host that is none, a body that is neither JSON nor a plain form."""
    headers = dict(scope["headers"])
    host = _HOST.fullmatch(headers.get(b"host", b""))
    if host is None or int(host["port"] or 0) > PORT_MAX:
        return HostInvalid()
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if scope["method"] in WITH_BODY and kind and kind not in READABLE:
        return MediaTypeUnknown()
    return None


def _refusal_of(error: Exception, scope: Any) -> Refusal:
    """Say what a person is told when even the application could not answer."""
    if isinstance(error, Refusal):
        return error
    report_defect(error, method=scope["method"], path=scope["path"])
    return InternalError()


class _Answer:
    """Sends an answer with the headers of the house, and remembers whether it began. To HEAD it sends no body."""

    def __init__(self, send: Send, headers: tuple[tuple[bytes, bytes], ...]) -> None:
        self._send = send
        self._headers = headers
        self.started = False
        self.is_head = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = [*message.get("headers", ()), *self._headers]
        elif self.is_head and message["type"] == "http.response.body":
            message["body"] = b""
        await self._send(message)


def _limited(scope: Any, receive: Receive) -> Receive:
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    too_long = declared.isdigit() and int(declared) > BODY_BYTES_MAX
    received = 0

    async def receive_limited() -> Any:
        nonlocal received
        message = await receive()
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if too_long or received > BODY_BYTES_MAX:
                raise BodyTooLarge
        return message

    return receive_limited


async def send_problem(scope: Any, send: Send, refusal: Refusal) -> None:
    """Answer a bare route with a problem."""
    accept = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"), "")
    lang = choose_language(accept=accept)
    body = problem_body(refusal, lang)
    headers = {"content-type": PROBLEM_JSON, "content-language": lang, **problem_headers(refusal)}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def read_body(receive: Receive) -> bytes:
    """Read the body of a bare route's request; `BodyTooLarge` beyond the limit, `BodyMalformed` if it never came whole."""
    body: bytes = b""
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise BodyMalformed
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def has_bad_text(body: bytes, *, form: bool) -> bool:
    """Tell whether a JSON or form body holds NUL, a lone surrogate or bytes that are no UTF-8."""
    raw = unquote_to_bytes(body) if form else body
    if b"\0" in raw or not _is_utf8(raw):
        return True
    if form or b"\\u" not in raw:
        return False
    without_backslashes = raw.replace(rb"\\", b"")
    return _BAD_ESCAPE.search(_SURROGATE_PAIR.sub(b"", without_backslashes)) is not None


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


async def refuse_bad_text(request: Request[Any, Any, Any]) -> None:
    """Refuse texts that cannot be stored, in the address or in the body, before any handler sees them."""
    address = request.scope["raw_path"] + b"?" + request.scope["query_string"]
    if has_bad_text(address, form=True):
        raise TextInvalid
    if request.method in {"POST", "PUT", "PATCH"}:
        form = "urlencoded" in request.headers.get("content-type", "")
        if has_bad_text(await request.body(), form=form):
            raise TextInvalid
