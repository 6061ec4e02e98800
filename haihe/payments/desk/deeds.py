"""What a clerk does about a citizen, as the audit log keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from haihe.base.audit import Actor, Deed

if TYPE_CHECKING:
    from haihe.web.guards import Staff


def deed_of(staff: Staff, action: str, citizen: int, **details: object) -> Deed:
    """Describe what a clerk does about a citizen."""
    return Deed(
        action=action,
        actor=Actor.STAFF,
        actor_id=staff.person,
        organisation=staff.organisation,
        subject=citizen,
        details=details,
    )
