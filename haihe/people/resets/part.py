"""What forgotten passcodes add to the web app."""

from __future__ import annotations

from haihe.people.resets import pages
from haihe.people.resets.service import Resets
from haihe.web.part import Part


def part(resets: Resets) -> Part:
    """Give the page; /me leads to it."""
    return Part("resets", handlers=pages.HANDLERS, templates=pages.TEMPLATES, dependencies={"resets": resets})
