"""What freezing adds to the web app."""

from __future__ import annotations

from haihe.base.i18n import N_
from haihe.people.freezing import api, pages
from haihe.people.freezing.service import Freezing
from haihe.web.part import Link, Part


def part(freezing: Freezing) -> Part:
    """Give the page and the API of freezing."""
    return Part(
        "freezing",
        handlers=(*pages.HANDLERS, *api.HANDLERS),
        templates=pages.TEMPLATES,
        dependencies={"freezing": freezing},
        settings=[Link(pages.ADDRESS, "snowflake", N_("Freeze my wallet"))],
    )
