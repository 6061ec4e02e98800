"""What staff settle about their own sign-in: the password, the second factor."""

from __future__ import annotations

from dataclasses import dataclass

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.database import Connection
from haihe.base.errors import Refusal
from haihe.base.foundation import Foundation
from haihe.organisations import errors, factors_store, signing_store, store
from haihe.organisations.factors import Draft, Factors
from haihe.organisations.model import FACTOR_ROLES, StaffCard, StaffSignedIn
from haihe.organisations.signing import PASSWORD_CHARACTERS_MIN, Signing, Visit
from haihe.web.guards import Staff

PASSWORD_CHARACTERS_MAX = 200


@dataclass(frozen=True)
class OwnSignIn:
    """The own password and second factor; every change asks for the password."""

    base: Foundation
    signing: Signing

    @property
    def factors(self) -> Factors:
        """Give what makes and proves second factors."""
        return self.signing.factors

    async def standing(self, staff: Staff) -> tuple[StaffCard, int | None]:
        """Give the own card, and how many recovery codes are left, None without a second factor. Raises `StaffMissing`."""
        async with self.base.database.connection() as connection:
            found = await store.cards(connection, staff.organisation, staff.person)
            if not found:
                raise errors.StaffMissing
            return found[0], await factors_store.codes_left(connection, staff.person)

    async def reminders(self, staff: Staff) -> tuple[bool, bool]:
        """Tell whether the password is temporary, and whether a second factor is lacking that the role should have."""
        async with self.base.database.connection() as connection:
            found = await store.cards(connection, staff.organisation, staff.person)
        return (
            any(card.is_temporary for card in found),
            any(not card.has_factor and card.member.role in FACTOR_ROLES for card in found),
        )

    async def change_password(self, staff: Staff, *, old: str, new: str, visit: Visit) -> StaffSignedIn:
        """Change the password; every session ends, and a new one begins here.

        Raises `PasswordWeak`, `PasswordWrong`, `StaffLocked`.
        """
        if not PASSWORD_CHARACTERS_MIN <= len(new) <= PASSWORD_CHARACTERS_MAX or new == old:
            raise errors.PasswordWeak(field="new", characters=PASSWORD_CHARACTERS_MIN)
        hashed = await self.base.passwords.hash(new)
        async with self.base.database.transaction() as connection:
            refusal = await self.signing.prove_password(connection, staff, old, visit)
            if not refusal:
                await signing_store.set_password(connection, staff.person, hashed, is_temporary=False)
                (card,) = await store.cards(connection, staff.organisation, staff.person)
                signed = await self.signing.begin_anew(connection, card.member, visit)
                await self._write(connection, staff, "staff_password_changed")
                return signed
        raise await self._noted(staff, "staff_password_changed", refusal)

    async def enrol(self, staff: Staff, draft: Draft, *, password: str, code: str, visit: Visit) -> list[str]:
        """Set up the second factor, or another one; give the recovery codes, which are shown once.

        Raises `PasswordWrong`, `StaffLocked`, `CodeWrong`.
        """
        async with self.base.database.transaction() as connection:
            refusal = await self.signing.prove_password(connection, staff, password, visit)
            if not refusal:
                codes = await self.factors.enrol(connection, staff.person, draft, code)
                await self._write(connection, staff, "second_factor_added")
                return codes
        raise await self._noted(staff, "second_factor_added", refusal)

    async def remove(self, staff: Staff, *, password: str, visit: Visit) -> None:
        """Take the second factor away. Raises `PasswordWrong`, `StaffLocked`."""
        async with self.base.database.transaction() as connection:
            refusal = await self.signing.prove_password(connection, staff, password, visit)
            if not refusal:
                await factors_store.drop(connection, staff.person)
                await self._write(connection, staff, "second_factor_removed")
                return
        raise await self._noted(staff, "second_factor_removed", refusal)

    async def _write(self, connection: Connection, staff: Staff, action: str) -> None:
        await audit.write(connection, [_deed(staff, action)], at=self.base.clock.now())

    async def _noted(self, staff: Staff, action: str, refusal: Refusal) -> Refusal:
        await self.base.audit.note(_deed(staff, action, refusal.code))
        return refusal


def _deed(staff: Staff, action: str, outcome: str = audit.DONE) -> Deed:
    return Deed(
        action=action,
        actor=Actor.STAFF,
        actor_id=staff.person,
        organisation=staff.organisation,
        subject=staff.person,
        outcome=outcome,
    )
