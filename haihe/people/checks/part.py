"""What the checks of identity add to the web application."""

from __future__ import annotations

from pathlib import Path

from haihe.base.i18n import N_
from haihe.people.checks import api, pages
from haihe.people.checks.service import Identities
from haihe.web.part import Link, Part


def part(identities: Identities) -> Part:
    """Give the page and the API of the class."""
    return Part(
        "checks",
        handlers=(*api.HANDLERS, *pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"identities": identities},
        settings=(Link(pages.PATH, "badge-check", N_("Account class")),),
    )
