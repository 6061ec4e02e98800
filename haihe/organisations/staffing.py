"""What a city has for its staff beside their sign-in: the team, approvals, the audit log with its seal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base.foundation import Foundation
from haihe.base.notes import Signer
from haihe.organisations import staff_pages, team_part
from haihe.organisations.approvals import pages as approval_pages
from haihe.organisations.approvals.model import Kind
from haihe.organisations.approvals.service import Approvals
from haihe.organisations.audit_log import pages as audit_pages
from haihe.organisations.audit_log.pages import AuditLog
from haihe.organisations.audit_log.sealing import AuditSealer
from haihe.organisations.service import Organisations
from haihe.organisations.team import Team
from haihe.organisations.team_kinds import TeamChanges
from haihe.web.part import Part

PAGES: Final = (staff_pages.PAGE, approval_pages.PAGE, audit_pages.PAGE)
"""The console's pages of all of it."""


@dataclass(frozen=True)
class Staffing:
    """Services for staff."""

    approvals: Approvals
    team: Team
    audit_log: AuditLog
    sealer: AuditSealer

    def parts(self) -> list[Part]:
        """Give their parts of the web application."""
        return [team_part(self.team), approval_pages.part(self.approvals), audit_pages.part(self.audit_log)]


def build_staffing(
    base: Foundation, organisations: Organisations, *, signer: Signer, kinds: Sequence[Kind] = ()
) -> Staffing:
    """Put them together; `kinds` are the changes beyond those of staff that need a second person."""
    known = {kind.name: kind for kind in (*TeamChanges(base).kinds(), *kinds)}
    approvals = Approvals(base, known)
    return Staffing(
        approvals,
        Team(base, approvals),
        AuditLog(base.database, organisations),
        AuditSealer(base.database, base.clock, signer),
    )
