"""The search for services: a few words, in any language of the city, over all names and keys in memory. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from haihe.catalogue.model import Service

TEXT_CHARACTERS_MAX: Final = 100
"""What is longer is cut: nobody types it, and every character costs."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A service with everything it can be found by, folded: names by language, and all of them with the key in one text.

    Before every word of `everything` there is a space.
    """

    service: Service
    names: dict[str, str]
    everything: str


def entry(service: Service) -> Entry:
    """Prepare a service to be found."""
    names = {language: fold(name) for language, name in service.names.items()}
    return Entry(service, names, "\n".join(f" {text}" for text in (*names.values(), fold(service.key))))


def fold(text: str) -> str:
    """Make upper and lower case, full and half width alike."""
    return unicodedata.normalize("NFKC", text).casefold()


def find(entries: Iterable[Entry], text: str, language: str) -> list[Service]:
    """Find the services in which every word occurs, the best first.

    First those whose name in the language begins so, then those of which any name does, then those in which every word begins a
    word, then the rest.

    Chinese has no spaces: a word is any run of characters, and may be a part of a name. A blank text finds nothing.
    """
    words = fold(text[:TEXT_CHARACTERS_MAX]).split()
    if not words:
        return []
    found = [one for one in entries if all(word in one.everything for word in words)]
    found.sort(key=lambda one: (_rank(one, words, language), fold(one.service.name(language)), one.service.id))
    return [one.service for one in found]


def _rank(one: Entry, words: Sequence[str], language: str) -> int:
    beginning = " ".join(words)
    if one.names.get(language, "").startswith(beginning):
        return 0
    if any(name.startswith(beginning) for name in one.names.values()):
        return 1
    return 2 if all(f" {word}" in one.everything for word in words) else 3
