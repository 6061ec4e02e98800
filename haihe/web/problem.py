"""How the city says no: RFC 9457 problem+json for programs, a page for people, both in the person's language."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    PermissionDeniedException,
    SerializationException,
    ValidationException,
)
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translate, translator
from haihe.web.guards import API_PREFIX
from haihe.web.language import language_of

PROBLEM_JSON: Final = "application/problem+json"
RETRY_AFTER_S: Final = 2

TITLES: Final[Mapping[int, str]] = {
    400: N_("We could not read that"),
    401: N_("Please sign in"),
    402: N_("Not enough money"),
    403: N_("This is not allowed"),
    404: N_("Nothing here"),
    405: N_("This does not work here"),
    409: N_("This cannot be done"),
    410: N_("No longer valid"),
    413: N_("Too large"),
    415: N_("We could not read that"),
    422: N_("Please check your entries"),
    429: N_("Too many tries"),
    500: N_("Something went wrong on our side"),
    503: N_("Back in a moment"),
}
"""Headings by HTTP status; a refusal may bring its own."""


@dataclass(frozen=True)
class Face:
    """Where refusals lead in one face: by the beginning of its addresses the layout, the start page, the page to sign in."""

    beginning: str
    layout: str
    start: str
    sign_in: str


FACES: Final = (
    Face("/console", "web/door.html", "/console", "/console/sign-in"),
    Face("/city", "web/door.html", "/city", "/console/sign-in"),
    Face("/terminal", "web/door.html", "", "/console/sign-in"),
    Face("", "web/citizen.html", "/", "/sign-in"),
)
"""The first that fits; the citizen's is everywhere else."""

log = structlog.get_logger("haihe.web")


class NotFound(Refusal):
    """No such address."""

    code = "not_found"
    status = 404
    text = N_("There is no page at this address.")


class MethodNotAllowed(Refusal):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    status = 405
    text = N_("This address cannot be used in this way.")


class BodyMalformed(Refusal):
    """The body is not the JSON or form that it says it is."""

    code = "body_malformed"
    status = 400
    text = N_("What was sent could not be read.")


class BodyInvalid(Refusal):
    """The body can be read, but fields are missing or of the wrong kind."""

    code = "body_invalid"
    status = 400
    text = N_("Something in what was sent is missing or wrong.")


class TextInvalid(Refusal):
    """A text contains characters that no text may contain (NUL, lone surrogates)."""

    code = "text_invalid"
    status = 400
    text = N_("The text contains characters that cannot be stored.")


class BodyTooLarge(Refusal):
    """More was sent than is ever needed."""

    code = "body_too_large"
    status = 413
    text = N_("What was sent is too large.")


class MediaTypeUnknown(Refusal):
    """What was sent is neither JSON nor a plain form."""

    code = "media_type_unknown"
    status = 415
    text = N_("What was sent could not be read.")


class HostInvalid(Refusal):
    """The Host header names nothing that could be a host."""

    code = "host_invalid"
    status = 400
    text = N_("This request cannot be answered.")


class FormExpired(Refusal):
    """The form's CSRF token is missing or not this browser's."""

    code = "form_expired"
    status = 403
    text = N_("This page was open for too long. Please go back, reload it and try again.")


class NotAllowed(Refusal):
    """Signed in, but not for this."""

    code = "not_allowed"
    status = 403
    text = N_("Your role does not allow this.")


class InternalError(Refusal):
    """A defect of ours; what happened stands in the log, not in the answer."""

    code = "internal_error"
    status = 500
    text = N_("We are sorry. The fault has been recorded. Please try again later.")


class OtherProblem(Refusal):
    """Whatever else the web framework refuses, under its own status."""

    code = "request_refused"
    status = 400
    text = N_("This request cannot be answered.")


def title_of(refusal: Refusal, lang: str) -> str:
    """Give a refusal's heading in a language."""
    return translate(lang, refusal.title or TITLES.get(refusal.status, TITLES[400]))


def problem_body(refusal: Refusal, lang: str) -> bytes:
    """Write a refusal as problem+json: `code`, `title`, `status`, `detail`, and the refusal's own details."""
    members = {name: value for name, value in refusal.details.items() if not name.startswith("_")}
    return msgspec.json.encode(
        {
            **members,
            "type": "about:blank",
            "code": refusal.code,
            "status": refusal.status,
            "title": title_of(refusal, lang),
            "detail": refusal.message(translator(lang)),
        }
    )


def problem_headers(refusal: Refusal) -> dict[str, str]:
    """Give the headers that belong to a refusal, whatever form it takes."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.status in {429, 503}:
        headers["Retry-After"] = str(refusal.details.get("retry_after_s", RETRY_AFTER_S))
    return headers


def wants_json(request: Request[Any, Any, Any]) -> bool:
    """Tell whether the answer goes to a program: the API and who sends JSON always, elsewhere what the Accept header prefers."""
    accept = request.headers.get("accept", "")
    sends_json = "json" in request.headers.get("content-type", "")
    return sends_json or request.url.path.startswith(API_PREFIX) or ("json" in accept and "text/html" not in accept)


def answer_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    """Answer with a problem: JSON, the sign-in page, or an error page."""
    lang = language_of(request)
    headers = problem_headers(refusal)
    if wants_json(request):
        headers["Content-Language"] = lang
        body = problem_body(refusal, lang)
        return Response(body, status_code=refusal.status, media_type=PROBLEM_JSON, headers=headers)
    if refusal.status == 401:
        return Redirect(sign_in_address(request), status_code=303, headers={"Cache-Control": "no-store"})
    page = request.app.state.renderer.page(
        request,
        "web/problem.html",
        status_code=refusal.status,
        title=title_of(refusal, lang),
        detail=refusal.message(translator(lang)),
        refusal=refusal,
        face=_face(request),
    )
    page.headers.update(headers)
    return page  # type: ignore[no-any-return]


def sign_in_address(request: Request[Any, Any, Any]) -> str:
    """Give the sign-in page that leads back to this request's address."""
    path, query = request.url.path, request.url.query
    back = f"{path}?{query}" if query and request.method == "GET" else path
    return f"{_face(request).sign_in}?{urlencode({'next': back})}"


def _face(request: Request[Any, Any, Any]) -> Face:
    return next(face for face in FACES if request.url.path.startswith(face.beginning))


def _from_framework(error: HTTPException) -> Refusal:
    match error:
        case ValidationException():
            return BodyInvalid(fields=_faulty_fields(error.extra))
        case NotFoundException():
            return NotFound()
        case MethodNotAllowedException():
            return MethodNotAllowed()
        case PermissionDeniedException():
            return FormExpired()
        case ClientException() if isinstance(error.__cause__, SerializationException):
            return BodyMalformed()
    return InternalError() if error.status_code >= 500 else OtherProblem()


def _faulty_fields(extra: object) -> list[dict[str, str]]:
    rows = extra if isinstance(extra, list) else []
    return [{"field": str(row.get("key", "")), "reason": str(row.get("message", ""))} for row in rows]


def answer_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer what Litestar itself refuses."""
    if error.status_code >= 500:
        return answer_defect(request, error)
    answer = answer_refusal(request, _from_framework(error))
    answer.headers.update({name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"})
    return answer


def answer_defect(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer anything unexpected: recorded in the log, nothing shown."""
    report_defect(error, method=request.method, path=request.url.path)
    return answer_refusal(request, InternalError())


def report_defect(error: Exception, *, method: str, path: str) -> None:
    """Record a defect with its trace, without the values of variables: they may be secret."""
    log.error("request failed", method=method, path=path, trace="".join(traceback.format_exception(error)))


def answer_nesting(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
    """Answer JSON that is nested deeper than anyone can mean."""
    return answer_refusal(request, BodyMalformed())


HANDLERS: Final[ExceptionHandlersMap] = {
    RecursionError: answer_nesting,
    Refusal: answer_refusal,
    HTTPException: answer_framework,
    Exception: answer_defect,
}
