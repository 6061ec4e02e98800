"""Organisations and their staff: who they are, who may do what, how staff sign in.

Owns: organisations with a till in every bucket, staff with roles, the console's frame. Never: sees a citizen, moves money; what
stands in the console is the sectors' own. Calls base, web and ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from haihe.base.i18n import N_
from haihe.organisations import pages
from haihe.organisations.console import Console, ConsolePage
from haihe.organisations.service import Organisations
from haihe.web.part import Link, Part

__all__ = ["part"]


def part(organisations: Organisations, *, console_pages: Sequence[ConsolePage] = ()) -> Part:
    """Give the console's frame with the pages that sectors add; `limits` come from the part of people."""
    return Part(
        "organisations",
        handlers=pages.HANDLERS,
        templates=Path(__file__).parent / "templates",
        dependencies={"organisations": organisations, "console": Console(tuple(console_pages))},
        console=(Link(pages.FIRST_PAGE, "layout-dashboard", N_("Overview")),),
    )
