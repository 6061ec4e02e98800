"""Stickers as they are printed: the code drawn, what to do with it in the city's languages, and what it is fixed to.

Drawn in templates by `sticker` of "counter/labels.html".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from haihe.base.i18n import LANGUAGES, translate
from haihe.codes.model import Sticker
from haihe.codes.service import Stickers


@dataclass(frozen=True, slots=True)
class Label:
    """One sticker on paper: texts with their languages, the code drawn, the code itself, the name of the place."""

    texts: Sequence[tuple[str, str]]
    drawn: Markup
    code: str
    place: str


def label(stickers: Stickers, sticker: Sticker, *, place: str, text: str) -> Label:
    """Draw a sticker; `text` is a msgid ("Scan to pay"), said in every language."""
    texts = [(language, translate(language, text)) for language in LANGUAGES]
    return Label(texts, stickers.draw(sticker.code, place), sticker.code, place)
