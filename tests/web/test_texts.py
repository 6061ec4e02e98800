"""Every text that people see exists in every language, with the same placeholders."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from haihe.base.i18n import LANGUAGES, LOCALES, SOURCE_LANGUAGE
from haihe.base.settings import PROJECT
from haihe.web.svg import icon

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "translate": (2,), "translate_plural": (2, 3)}
TRANSLATED = sorted(set(LANGUAGES) - {SOURCE_LANGUAGE})
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|\{\w+(?::\w+)?\}")


@cache
def extracted() -> list[Message]:
    with (PROJECT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog()
    for file_name, line, text, _, context in extract_from_dir(str(PROJECT / "haihe"), methods, options, KEYWORDS):
        found.add(text, None, [(file_name, line)], context=context)
    return [message for message in found if message.id]


@cache
def translations(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ("",))


def first(text: str | tuple[str, ...] | list[str] | None) -> str:
    return forms(text)[0]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language):
    known = translations(language)
    missing = [
        f"{message.locations[0][0]}: {first(message.id)}"
        for message in extracted()
        if (there := known.get(message.id)) is None or there.fuzzy or not all(forms(there.string))
    ]
    assert not missing


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_placeholders_of_their_text(language):
    differing = [
        first(message.id)
        for message in translations(language)
        if message.id
        for form in forms(message.string)
        if sorted(PLACEHOLDER.findall(form)) != sorted(PLACEHOLDER.findall(forms(message.id)[-1]))
    ]
    assert not differing


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language):
    used = {first(message.id) for message in extracted()}
    assert not [first(message.id) for message in translations(language) if message.id and first(message.id) not in used]


def test_extraction_finds_texts_of_code_and_templates():
    texts = {first(message.id) for message in extracted()}
    assert {"There is no page at this address.", "Skip to content", "Today"} <= texts


def templates() -> list[Path]:
    return sorted((PROJECT / "haihe").rglob("templates/**/*.html"))


def test_templates_have_no_inline_style_or_script():
    pattern = re.compile(r"\sstyle=|<style|<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)
    assert not [path.name for path in templates() if pattern.search(path.read_text())]


def modules() -> list[Path]:
    return sorted((PROJECT / "haihe").rglob("static/**/*.js"))


def test_modules_are_short_and_say_what_they_do():
    assert modules()
    assert not [path.name for path in modules() if len(path.read_text().splitlines()) >= 60]
    assert not [path.name for path in modules() if not path.read_text().startswith("// ")]


def test_modules_speak_through_their_page():
    """A sentence in a module would not be translated: words with a space between quotes."""
    sentence = re.compile(r"""["'`][A-Z][a-z]+ [a-z]+ [^"'`]*["'`]""")
    assert not [path.name for path in modules() if sentence.search(path.read_text())]


def test_icons_of_templates_exist():
    named = {name for path in templates() for name in re.findall(r'icon\("([a-z0-9-]+)"', path.read_text())}
    assert named
    assert all(icon(name) for name in named)
