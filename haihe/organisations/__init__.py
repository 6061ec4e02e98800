"""Organisations and their staff: who they are, who may do what, how staff sign in.

Owns: organisations with a till in every bucket, staff with roles, the console's frame. Never: sees a citizen, moves money; what
stands in the console is the sectors' own. Calls base, web and ledger.
"""

from __future__ import annotations

from pathlib import Path

from haihe.organisations import pages
from haihe.organisations.console import Console
from haihe.organisations.service import Organisations
from haihe.web.part import Part

__all__ = ["part"]


def part(organisations: Organisations, console: Console) -> Part:
    """Give the console's frame; `limits` come from the part of people."""
    return Part(
        "organisations",
        handlers=pages.HANDLERS,
        templates=Path(__file__).parent / "templates",
        dependencies={"organisations": organisations, "console": console},
    )
