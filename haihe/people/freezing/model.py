"""The words of freezing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from haihe.base.audit import Actor, Deed
from haihe.web.guards import Staff


@dataclass(frozen=True, slots=True)
class Hand:
    """Who freezes or releases a wallet: the owner, a child's guardian, or staff at a counter."""

    actor: Actor
    id: int
    organisation: int = 0
    is_guardian: bool = False

    @property
    def word(self) -> str:
        """Say it in news: "self", "guardian" or "counter"."""
        if self.is_guardian:
            return "guardian"
        return "self" if self.actor is Actor.CITIZEN else "counter"

    def deed(self, action: str, citizen: int, **details: object) -> Deed:
        """Write what this hand does to a citizen's wallet."""
        return Deed(
            action=action,
            actor=self.actor,
            actor_id=self.id,
            organisation=self.organisation,
            subject=citizen,
            details=details,
        )


def by_owner(citizen: int) -> Hand:
    """Name the owner of the wallet."""
    return Hand(Actor.CITIZEN, citizen)


def by_guardian(guardian: int) -> Hand:
    """Name a guardian of the wallet's owner, a child."""
    return Hand(Actor.CITIZEN, guardian, is_guardian=True)


def at_counter(staff: Staff) -> Hand:
    """Name a member of staff at a counter."""
    return Hand(Actor.STAFF, staff.person, staff.organisation)


@dataclass(frozen=True, slots=True)
class Freeze:
    """That a wallet is frozen: since when, and by whom."""

    citizen: int
    frozen_at: datetime
    by: Actor
    by_id: int
