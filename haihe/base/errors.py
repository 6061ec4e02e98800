"""Refusals: what a person is told when something cannot be done, with a code that programs rely on."""

from __future__ import annotations

from typing import ClassVar, Protocol


class Translate(Protocol):
    """Turns an English text with {placeholders} into a person's language."""

    def __call__(self, text: str, /, **values: object) -> str:
        """Give the translated text with its placeholders filled."""
        ...


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """An expected refusal: nothing was changed.

    Subclasses set the stable `code`, the HTTP `status` and the English `text` (a gettext msgid, placeholders in braces are
    filled from `details`). `details` also goes into the problem+json answer. `title` is a heading (a msgid) where that of the
    status does not fit.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    text: ClassVar[str]
    title: ClassVar[str] = ""

    def __init__(self, **details: object) -> None:
        """Keep what the text and the answer need."""
        super().__init__(self.code, details)
        self.details = details

    def message(self, translate: Translate) -> str:
        """Say it in the person's language."""
        return translate(self.text, **self.details)


class BrokenInvariantError(RuntimeError):
    """Something that can never be was found: a defect of ours or a tampered database. Never caught to go on."""
