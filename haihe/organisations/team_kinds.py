"""What of an organisation's staff needs a second person: roles with power, new access for who has power, the second factor's day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.database import Connection
from haihe.base.foundation import Foundation
from haihe.base.i18n import N_, day, translate
from haihe.organisations import errors, factors_store, store
from haihe.organisations.approvals.model import Approval, Change, Kind
from haihe.organisations.model import ROLE_NAMES, Right, Role, StaffCard
from haihe.organisations.team import ACCESS, FACTOR_DAY, ROLE, put_access, put_role


@dataclass(frozen=True)
class TeamChanges:
    """Shows and makes changes of staff that were decided."""

    base: Foundation

    def kinds(self) -> list[Kind]:
        """Give the kinds."""
        asks, decides = Right.MANAGE_STAFF, Right.APPROVE_STAFF
        return [
            Kind(ROLE, N_("A role for a colleague"), "user-cog", asks, decides, self.show_role, self.apply_role),
            Kind(
                ACCESS,
                N_("New access for a colleague"),
                "key-round",
                asks,
                decides,
                self.show_access,
                self.apply_access,
            ),
            Kind(
                FACTOR_DAY, N_("Second factor required"), "shield-check", asks, decides, self.show_day, self.apply_day
            ),
        ]

    async def show_role(self, approval: Approval, lang: str) -> Sequence[Change]:
        """Say whose role it is about."""
        card = await self._card(approval)
        wish = Role(approval.read()["role"])
        before = translate(lang, ROLE_NAMES[card.member.role] if card.is_active else N_("cannot sign in"))
        return [_who(card, lang), Change(translate(lang, N_("Role")), before, translate(lang, ROLE_NAMES[wish]))]

    async def apply_role(self, connection: Connection, approval: Approval, decider: int) -> None:
        """Give the role. Raises `OwnAccount` for who would decide about their own."""
        role, subject = Role(approval.read()["role"]), _subject(approval, decider)
        await put_role(connection, approval.organisation, subject, role)
        await self._write(connection, approval, "staff_role_changed", subject, role=role.value)

    async def show_access(self, approval: Approval, lang: str) -> Sequence[Change]:
        """Say whose access it is about; the password is shown to nobody."""
        card = await self._card(approval)
        factor = translate(lang, N_("set up") if card.has_factor else N_("none"))
        return [
            _who(card, lang),
            Change(
                translate(lang, N_("Password")),
                translate(lang, N_("the own one")),
                translate(lang, N_("a temporary one")),
            ),
            Change(translate(lang, N_("Second factor")), factor, translate(lang, N_("none"))),
        ]

    async def apply_access(self, connection: Connection, approval: Approval, decider: int) -> None:
        """Give the access. Raises `OwnAccount` for who would decide about their own."""
        subject = _subject(approval, decider)
        if not await store.cards(connection, approval.organisation, subject):
            raise errors.StaffMissing
        await put_access(connection, subject, approval.read()["password"])
        await self._write(connection, approval, "staff_access_given", subject)

    async def show_day(self, approval: Approval, lang: str) -> Sequence[Change]:
        """Say from when on it would be required."""
        async with self.base.database.connection() as connection:
            now = await factors_store.required_from(connection, approval.organisation)
        wish = _day(approval)
        return [
            Change(translate(lang, N_("Required from")), day(now, lang) if now else "", day(wish, lang) if wish else "")
        ]

    async def apply_day(self, connection: Connection, approval: Approval, _: int) -> None:
        """Require it from that day on, or no longer."""
        await factors_store.require_from(connection, approval.organisation, _day(approval))
        await self._write(connection, approval, "second_factor_day_set", 0, day=approval.read()["from"])

    async def _card(self, approval: Approval) -> StaffCard:
        async with self.base.database.connection() as connection:
            found = await store.cards(connection, approval.organisation, int(approval.read()["staff"]))
        if not found:
            raise errors.StaffMissing
        return found[0]

    async def _write(
        self, connection: Connection, approval: Approval, action: str, subject: int, **details: str
    ) -> None:
        deed = Deed(
            action=action,
            actor=Actor.STAFF,
            actor_id=approval.asked_by,
            organisation=approval.organisation,
            subject=subject,
            details={"approval": str(approval.id), **details},
        )
        await audit.write(connection, [deed], at=self.base.clock.now())


def _who(card: StaffCard, lang: str) -> Change:
    return Change(translate(lang, N_("Who")), card.member.name, card.member.name)


def _subject(approval: Approval, decider: int) -> int:
    subject = int(approval.read()["staff"])
    if subject == decider:
        raise errors.OwnAccount
    return subject


def _day(approval: Approval) -> date | None:
    text = approval.read()["from"]
    return date.fromisoformat(text) if text else None
