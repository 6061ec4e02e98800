"""Which language a request is answered in."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from litestar import Request

from haihe.base.i18n import LANGUAGES, choose_language

LANGUAGE_COOKIE: Final = "lang"
LANGUAGE_COOKIE_S: Final = 31_536_000


def language_of(request: Request[Any, Any, Any]) -> str:
    """Tell the language: asked for with ?lang=, kept in the cookie, the person's own, the browser's, else English."""
    viewer = request.state.get("viewer")
    return choose_language(
        asked_language(request),
        request.cookies.get(LANGUAGE_COOKIE),
        viewer.language if viewer else None,
        accept=request.headers.get("accept-language", ""),
    )


def asked_language(request: Request[Any, Any, Any]) -> str | None:
    """Tell the language that the address itself asks for, if it is one of ours."""
    asked = dict(parse_qsl(request.url.query)).get("lang")
    return asked if asked in LANGUAGES else None


def language_links(request: Request[Any, Any, Any]) -> list[tuple[str, str, str]]:
    """Give code, name and address of this same page in every language."""
    kept = [(name, value) for name, value in parse_qsl(request.url.query, keep_blank_values=True) if name != "lang"]
    return [(code, name, "?" + urlencode([*kept, ("lang", code)])) for code, name in LANGUAGES.items()]


async def lang(request: Request[Any, Any, Any]) -> str:
    """Dependency `lang`: the language of this request."""
    return language_of(request)
