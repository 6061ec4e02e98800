"""How a person sees the city: the choice on /me/display, kept in the browser and in the person's row."""

from __future__ import annotations

from pathlib import Path

from haihe.base.i18n import N_
from haihe.people.display import pages
from haihe.web.part import Link, Part

__all__ = ["part"]


def part() -> Part:
    """Give the page; `people` comes from the part of people."""
    return Part(
        "display",
        handlers=pages.HANDLERS,
        templates=Path(__file__).parent / "templates",
        settings=(Link("/me/display", "a-large-small", N_("Large type and simple mode")),),
    )
