"""Organisations and their staff: who they are, who may do what, how staff sign in, and what needs two of them.

Owns: organisations with a till in every bucket, staff with roles, sessions and second factors, the console's frame, approvals
(`approvals/`), the audit log's pages and seal (`audit_log/`). Never: sees a citizen, moves money; what stands in the console is the
sectors' own. Calls base, web and ledger.
"""

from __future__ import annotations

from pathlib import Path

from haihe.base.jobs import Periodic
from haihe.organisations import me_pages, pages, staff_pages
from haihe.organisations.console import Console
from haihe.organisations.me import OwnSignIn
from haihe.organisations.service import Organisations
from haihe.organisations.team import Team
from haihe.web.part import Part

__all__ = ["jobs", "part", "team_part"]

FORGET_CRON = "17 * * * *"
"""Every hour: sessions whose tokens have expired."""


def part(organisations: Organisations, console: Console) -> Part:
    """Give the console's frame and everybody's own sign-in; `limits` come from the part of people."""
    own = OwnSignIn(organisations.signing.base, organisations.signing)
    return Part(
        "organisations",
        handlers=(*pages.HANDLERS, *me_pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"organisations": organisations, "console": console, "own_sign_in": own},
    )


def team_part(team: Team) -> Part:
    """Give the administrator's pages; their templates stand among those of the console's frame."""
    return Part("team", handlers=staff_pages.HANDLERS, dependencies={"team": team})


def jobs(organisations: Organisations) -> list[Periodic]:
    """Give the work that runs beside the city."""
    return [Periodic("staff.forget", "staff", FORGET_CRON, organisations.signing.forget_expired)]
