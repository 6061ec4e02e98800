"""An organisation's staff as its administrator keeps it: added, given roles, disabled, given new access; with two people where it gives power.

Roles that neither move money nor manage staff are given by the administrator alone, and everything that takes power away. What gives
power (`PLAIN_ROLES` says which roles do not) is asked for, and made by somebody else's decision.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.clock import service_day
from haihe.base.database import Connection
from haihe.base.foundation import Foundation
from haihe.base.i18n import LANGUAGES, SOURCE_LANGUAGE
from haihe.organisations import errors, factors_store, signing_store, store
from haihe.organisations.approvals.model import Approval
from haihe.organisations.approvals.service import Approvals
from haihe.organisations.model import PLAIN_ROLES, RIGHTS, Right, Role, StaffCard, StaffMember
from haihe.organisations.signing import clean_login
from haihe.web.guards import Staff

ROLE: Final = "staff_role"
ACCESS: Final = "staff_access"
FACTOR_DAY: Final = "second_factor_day"
"""The kinds of changes that need a second person."""
NAME_CHARACTERS_MAX: Final = 100
DAYS_AHEAD_MAX: Final = timedelta(days=366)
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9.@_-]{2,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """Somebody to be added."""

    login: str
    name: str
    role: Role
    language: str = SOURCE_LANGUAGE


@dataclass(frozen=True, slots=True)
class Given:
    """What came of a change: the password that is shown once (empty: none), and the request where a second person has to decide."""

    password: str = ""
    asked: Approval | None = None


@dataclass(frozen=True)
class Team:
    """The staff of all organisations, each kept by its own administrators."""

    base: Foundation
    approvals: Approvals

    async def cards(self, organisation: int) -> Sequence[StaffCard]:
        """Give an organisation's staff, also who was disabled."""
        async with self.base.database.connection() as connection:
            return await store.cards(connection, organisation)

    async def card(self, organisation: int, identity: int) -> StaffCard:
        """Give one of them. Raises `StaffMissing`."""
        async with self.base.database.connection() as connection:
            return await _card(connection, organisation, identity)

    async def required_from(self, organisation: int) -> date | None:
        """Tell from when on the organisation requires the second factor."""
        async with self.base.database.connection() as connection:
            return await factors_store.required_from(connection, organisation)

    async def add(self, admin: Staff, wish: NewMember) -> Given:
        """Add somebody with a temporary password; a role with power waits for a second person, and they cannot sign in until then.

        Raises `LoginInvalid`, `LoginTaken`.
        """
        member = _checked(
            StaffMember(self.base.ids.next(), admin.organisation, wish.login, wish.name, wish.role, wish.language)
        )
        password, hashed = await self._temporary()
        is_plain, now = member.role in PLAIN_ROLES, self.base.clock.now()
        async with self.base.database.transaction() as connection:
            added = await store.insert_staff(
                connection, member, password=hashed, now=now, is_active=is_plain, is_temporary=True
            )
            if not added:
                raise errors.LoginTaken(field="login")
            await audit.write(connection, [_deed("staff_added", admin, member.id, role=member.role.value)], at=now)
            if is_plain:
                return Given(password)
            return Given(password, await self._ask_role(connection, admin, member.id, member.role))

    async def give_role(self, admin: Staff, identity: int, role: Role) -> Given:
        """Give somebody a role, also to who was disabled; all their sessions end. Raises `StaffMissing`, `OwnAccount`."""
        async with self.base.database.transaction() as connection:
            card = await self._other(connection, admin, identity)
            if card.is_active and card.member.role is role:
                return Given()
            if role not in PLAIN_ROLES:
                return Given(asked=await self._ask_role(connection, admin, identity, role))
            await put_role(connection, admin.organisation, identity, role)
            deed = _deed("staff_role_changed", admin, identity, role=role.value, before=card.member.role.value)
            await audit.write(connection, [deed], at=self.base.clock.now())
        return Given()

    async def _ask_role(self, connection: Connection, admin: Staff, identity: int, role: Role) -> Approval:
        content = {"staff": str(identity), "role": role.value}
        return await self.approvals.ask_within(connection, admin, ROLE, content)

    async def disable(self, admin: Staff, identity: int) -> None:
        """Let somebody sign in no longer, at once. Raises `StaffMissing`, `OwnAccount`."""
        async with self.base.database.transaction() as connection:
            await self._other(connection, admin, identity)
            await store.set_active(connection, admin.organisation, identity, active=False)
            await signing_store.end_all(connection, identity)
            await audit.write(connection, [_deed("staff_disabled", admin, identity)], at=self.base.clock.now())

    async def give_access(self, admin: Staff, identity: int) -> Given:
        """Give somebody who forgot theirs a temporary password, and take the second factor away; all their sessions end.

        Of those with power a second person decides, where the organisation has one. Raises `StaffMissing`, `OwnAccount`.
        """
        password, hashed = await self._temporary()
        async with self.base.database.transaction() as connection:
            card = await self._other(connection, admin, identity)
            others = await store.cards(connection, admin.organisation)
            if card.member.role not in PLAIN_ROLES and _has_third(others, {admin.person, identity}):
                content = {"staff": str(identity), "password": hashed}
                return Given(password, await self.approvals.ask_within(connection, admin, ACCESS, content))
            await put_access(connection, identity, hashed)
            await audit.write(connection, [_deed("staff_access_given", admin, identity)], at=self.base.clock.now())
        return Given(password)

    async def ask_factor_day(self, admin: Staff, day: date | None) -> Approval:
        """Ask that the second factor is required from a day on, None for no longer. Raises `DayInvalid`."""
        today = service_day(self.base.clock.now())
        if day is not None and not today <= day <= today + DAYS_AHEAD_MAX:
            raise errors.DayInvalid(field="day")
        return await self.approvals.ask(admin, FACTOR_DAY, {"from": day.isoformat() if day else ""})

    async def _other(self, connection: Connection, admin: Staff, identity: int) -> StaffCard:
        if identity == admin.person:
            raise errors.OwnAccount
        return await _card(connection, admin.organisation, identity)

    async def _temporary(self) -> tuple[str, str]:
        """Make a password that is shown once, and its hash."""
        password = secrets.token_urlsafe(12)
        return password, await self.base.passwords.hash(password)


async def put_role(connection: Connection, organisation: int, identity: int, role: Role) -> None:
    """Give a role in the caller's transaction; all sessions end. Raises `StaffMissing`."""
    if not await store.set_role(connection, organisation, identity, role):
        raise errors.StaffMissing
    await signing_store.end_all(connection, identity)


async def put_access(connection: Connection, identity: int, hashed: str) -> None:
    """Give a temporary password in the caller's transaction; second factor and sessions are gone."""
    await signing_store.set_password(connection, identity, hashed, is_temporary=True)
    await factors_store.drop(connection, identity)
    await signing_store.end_all(connection, identity)


async def _card(connection: Connection, organisation: int, identity: int) -> StaffCard:
    found = await store.cards(connection, organisation, identity) if identity else []
    if not found:
        raise errors.StaffMissing
    return found[0]


def _has_third(cards: Sequence[StaffCard], but: set[int]) -> bool:
    """Tell whether somebody else could decide."""
    return any(
        card.is_active and Right.APPROVE_STAFF in RIGHTS[card.member.role] and card.member.id not in but
        for card in cards
    )


def _checked(member: StaffMember) -> StaffMember:
    login, name = clean_login(member.login), " ".join(member.name.split())
    if not _LOGIN.fullmatch(login):
        raise errors.LoginInvalid(field="login")
    if not 0 < len(name) <= NAME_CHARACTERS_MAX or not name.isprintable():
        raise errors.NameInvalid(field="name")
    language = member.language if member.language in LANGUAGES else SOURCE_LANGUAGE
    return StaffMember(member.id, member.organisation, login, name, member.role, language)


def _deed(action: str, admin: Staff, subject: int, **details: str) -> Deed:
    return Deed(
        action=action,
        actor=Actor.STAFF,
        actor_id=admin.person,
        organisation=admin.organisation,
        subject=subject,
        details=details,
    )
