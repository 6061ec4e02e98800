"""Puts the parts together into one web application."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import LitestarDeprecationWarning
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components
from litestar.types import ASGIApp

from haihe.web import guards, language, problem, static_files
from haihe.web.guards import Doorkeeper
from haihe.web.json_api import SECURITY
from haihe.web.part import Part
from haihe.web.render import ConsoleMenu, build_renderer
from haihe.web.security import refuse_bad_text, secured

CSRF_COOKIE: Final = "haihe_form"
STATIC: Final = ("^/static/", *(f"^/{name}$" for name in static_files.ROOT_FILES))
CSRF_FREE: Final = (
    *STATIC,
    "^/api/",
    "^/terminal/[0-9]+/charge$",
    "^/healthz$",
    "^/readyz$",
    "^/metrics$",
    "^/gateway.do$",
    "^/v3/",
)
"""Addresses that no form posts to: they carry their own proof of who asks (a till's charge a header that no foreign page may send),
or change nothing."""
COMPRESSED_ELSEWHERE: Final = (*STATIC, "/events$")
"""Files are packed once at the start; event streams would wait for more to pack."""
COMPRESS_BYTES_MIN: Final = 600
OPENAPI_ADDRESS: Final = "/api/openapi.json"
"""Litestar answers unknown addresses below its path with a page of its own: so its path is this very file, not /api."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def assemble(
    parts: Sequence[Part],
    *,
    doorkeeper: Doorkeeper,
    form_key: str,
    leaving: asyncio.Event,
    console_menu: ConsoleMenu = lambda _: (),
    https: bool = False,
    lifespan: Sequence[Lifespan] = (),
) -> ASGIApp:
    """Build the application that a server runs.

    `form_key` signs the tokens of forms; `console_menu` says what staff find in the console; `leaving` is set when the server wants to stop, so that streams end; `https` says
    whether the city is reached over https. Everything in a part's `dependencies` can be asked for by name.
    """
    static = static_files.gather(parts)
    renderer = build_renderer(parts, static, console_menu)
    shared = {"renderer": renderer, "static": static, "leaving": leaving}
    app = _by_name(
        [*static_files.HANDLERS, *(_router(part) for part in parts if part.handlers)],
        dependencies={**_people(), **_given(shared), **_given(_services(parts))},
        exception_handlers=problem.HANDLERS,
        before_request=refuse_bad_text,
        csrf_config=CSRFConfig(
            secret=form_key, cookie_name=CSRF_COOKIE, cookie_httponly=True, cookie_secure=https, exclude=list(CSRF_FREE)
        ),
        compression_config=CompressionConfig(
            backend="brotli",
            minimum_size=COMPRESS_BYTES_MIN,
            brotli_quality=5,
            brotli_gzip_fallback=True,
            exclude=list(COMPRESSED_ELSEWHERE),
        ),
        openapi_config=_openapi(),
        include_in_schema=False,
        request_max_body_size=None,
        lifespan=list(lifespan),
        state=State({"renderer": renderer, "doorkeeper": doorkeeper}),
        logging_config=None,
        debug=False,
    )
    return secured(app, {place: handler for part in parts for place, handler in part.routes.items()})


def _by_name(*args: Any, **options: Any) -> Litestar:
    """Build a Litestar whose handlers get their path parameters and dependencies by name alone.

    Litestar 2 warns that its next major version wants a marker at each of them; the version is pinned.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*inferred", category=LitestarDeprecationWarning)
        return Litestar(*args, **options)


def _router(part: Part) -> Router:
    return Router(path="/", route_handlers=list(part.handlers))


def _people() -> dict[str, Provide]:
    found = {
        "viewer": guards.viewer,
        "viewer_or_none": guards.viewer_or_none,
        "staff": guards.staff,
        "lang": language.lang,
    }
    return {name: Provide(dependency) for name, dependency in found.items()}


def _services(parts: Sequence[Part]) -> dict[str, object]:
    return {name: service for part in parts for name, service in part.dependencies.items()}


def _given(services: Mapping[str, object]) -> dict[str, Provide]:
    return {name: Provide(_giver(service), sync_to_thread=False) for name, service in services.items()}


def _giver(service: object) -> Callable[[], Any]:
    return lambda: service


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Haihe",
        version="1",
        description="The JSON API of a city without cash. Amounts are integers in fen, ids are strings.",
        path=OPENAPI_ADDRESS,
        components=Components(security_schemes=dict(SECURITY)),
        render_plugins=[JsonRenderPlugin(path="/")],
    )
