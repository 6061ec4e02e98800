"""The city's page: public, for a phone, a desk and a screen in an office. It fills itself while it stands open."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from litestar import MediaType, Request, Response, get
from markupsafe import Markup

from haihe.base.i18n import number, translate
from haihe.city.model import HOURS, Figures
from haihe.city.programme import MEASURES
from haihe.city.service import City
from haihe.web.part import Service
from haihe.web.piles import piled_bars, tone
from haihe.web.render import Renderer

TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"


@dataclass
class Drawn:
    """The page's live part as it was drawn last, by language: whoever asks within the second gets the same."""

    parts: dict[str, tuple[Figures, Markup]] = field(default_factory=dict)


@get("/city")
async def city_page(
    request: Request[Any, Any, Any], renderer: Renderer, lang: str, city: Service[City], drawn: Service[Drawn]
) -> Response[str]:
    """Show the city's figures to everybody."""
    figures = await city.figures()
    return renderer.page(
        request, "city/city.html", name=city.about.name(lang), live=_live(renderer, lang, figures, drawn)
    )


@get("/city/figures")
async def city_figures(renderer: Renderer, lang: str, city: Service[City], drawn: Service[Drawn]) -> Response[str]:
    """Give the page's live part alone, for the page itself."""
    html = _live(renderer, lang, await city.figures(), drawn)
    headers = {"Content-Language": lang, "Vary": "Accept-Language, Cookie", "Cache-Control": "no-cache"}
    return Response(str(html), media_type=MediaType.HTML, headers=headers)


def _live(renderer: Renderer, lang: str, figures: Figures, drawn: Drawn) -> Markup:
    known = drawn.parts.get(lang)
    if known is None or known[0] is not figures:
        known = drawn.parts[lang] = (figures, _draw(renderer, lang, figures))
    return known[1]


def _draw(renderer: Renderer, lang: str, figures: Figures) -> Markup:
    title = translate(lang, "Payments today, by sector and hour")
    piles = [(tone(one.number), one.hours) for one in figures.sectors]
    html = renderer.text(
        lang,
        "city/figures.html",
        figures=figures,
        city=figures.about.name(lang),
        chart=piled_bars(title, piles, lambda value: number(value, lang)),
        busy=[hour for hour in HOURS if any(one.hours[hour] for one in figures.sectors)],
        tone=tone,
        measures=MEASURES,
    )
    return Markup(html)  # noqa: S704 - a template of ours has just escaped it


HANDLERS: Final = (city_page, city_figures)
