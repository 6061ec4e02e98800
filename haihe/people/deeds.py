"""How people's own deeds are written into the audit log."""

from __future__ import annotations

from haihe.base.audit import Actor, Deed


def own_deed(action: str, citizen: int, **details: object) -> Deed:
    """Write what a citizen does in their own affairs."""
    return Deed(action=action, actor=Actor.CITIZEN, actor_id=citizen, subject=citizen, details=details)
