"""Turns a template and its context into a page in the person's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.template.base import csrf_token
from markupsafe import Markup

from haihe.base.i18n import FORMATS, LANGUAGES, catalogue, translate
from haihe.web import svg
from haihe.web.display import display_of
from haihe.web.guards import Staff, renew_session, seems_signed_in
from haihe.web.language import LANGUAGE_COOKIE, LANGUAGE_COOKIE_S, asked_language, language_links, language_of
from haihe.web.part import Link, Part
from haihe.web.static_files import StaticFiles

TEMPLATES: Final = Path(__file__).parent / "templates"
CSRF_FIELD: Final = "_csrf_token"
"""Litestar's name of the form field."""


@dataclass(frozen=True)
class Renderer:
    """One compiled set of templates per language."""

    environments: Mapping[str, Environment]

    def page(
        self, request: Request[Any, Any, Any], template: str, *, status_code: int = 200, **context: object
    ) -> Response[str]:
        """Render "<part>/<file>.html" for this request.

        The context also has `path`, `viewer` and `staff` (or None), `signed_in`, `csrf` (the hidden field of every form that posts),
        `language_links` and `display`. Pages are private and never stored without asking again.
        """
        lang = language_of(request)
        html = self.text(lang, template, **_of_request(request), **context)
        headers = {"Content-Language": lang, "Vary": "Accept-Language, Cookie", "Cache-Control": "private, no-cache"}
        response = Response(html, media_type=MediaType.HTML, status_code=status_code, headers=headers)
        renew_session(request, response)
        if asked_language(request):
            response.set_cookie(LANGUAGE_COOKIE, lang, max_age=LANGUAGE_COOKIE_S, samesite="lax")
        return response

    def text(self, lang: str, template: str, **context: object) -> str:
        """Render a template outside a request, for example a row that goes out over an event stream."""
        return self.environments[lang].get_template(template).render(context)


def _of_request(request: Request[Any, Any, Any]) -> dict[str, object]:
    token = csrf_token({"request": request})
    return {
        "path": request.url.path,
        "viewer": request.state.get("viewer"),
        "signed_in": seems_signed_in(request),
        "staff": request.state.get("staff"),
        "csrf": Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token),
        "language_links": language_links(request),
        "display": display_of(request),
    }


ConsoleMenu = Callable[[Staff], Sequence[Link]]
"""Says what a member of staff finds in the console's menu."""


def build_renderer(parts: Sequence[Part], static: StaticFiles, console_menu: ConsoleMenu) -> Renderer:
    """Make the templates of the kit and of all parts ready in every language."""
    folders = {"web": TEMPLATES, **{part.name: part.templates for part in parts if part.templates}}
    loader = PrefixLoader({name: FileSystemLoader(folder) for name, folder in folders.items()})
    settings_links = [link for part in parts for link in part.settings]
    shared = {"console_menu": console_menu, "static": static.url, "settings_links": settings_links}
    return Renderer({lang: _environment(lang, loader, **shared) for lang in LANGUAGES})


def _environment(lang: str, loader: PrefixLoader, **shared: object) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    texts = catalogue(lang)
    environment.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update({name: _in_language(write, lang) for name, write in FORMATS.items()})
    environment.globals.update(
        shared, lang=lang, languages=LANGUAGES, icon=svg.icon, sparkline=svg.sparkline, say=partial(translate, lang)
    )
    return environment


def _in_language(write: Callable[[Any, str], str], lang: str) -> Callable[[Any], str]:
    return lambda value: write(value, lang)
