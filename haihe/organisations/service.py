"""What organisations and their staff do: be founded, be named, sign in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from haihe.base.clock import Clock
from haihe.base.database import Database
from haihe.base.errors import BrokenInvariantError
from haihe.base.foundation import Foundation
from haihe.base.i18n import LANGUAGES
from haihe.base.ids import Ids
from haihe.base.passwords import Passwords
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, AccountKind, NewAccount
from haihe.organisations import errors, store
from haihe.organisations.factors import Factors
from haihe.organisations.model import (
    FoundingOrganisation,
    FoundingStaff,
    Organisation,
    StaffMember,
    StaffSignedIn,
)
from haihe.organisations.signing import PASSWORD_CHARACTERS_MIN, Signing, Visit, clean_login
from haihe.web.guards import Staff

NAME_CHARACTERS_MAX: Final = 100
CATEGORY_MAX: Final = 9999
NOWHERE: Final = Visit()
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(slots=True)
class Directory:
    """All organisations in this process's memory; replaced as a whole by a reload."""

    by_id: dict[int, Organisation] = field(default_factory=dict)
    by_key: dict[str, Organisation] = field(default_factory=dict)


@dataclass(frozen=True)
class Organisations:
    """The city's organisations and their staff. `reload` fills the directory, at start and when the catalogue changed."""

    database: Database
    clock: Clock
    ids: Ids
    passwords: Passwords
    signing: Signing
    directory: Directory = field(default_factory=Directory)

    # --- organisations

    def by_id(self, identity: int) -> Organisation:
        """Give an organisation that must exist, from memory. Raises `BrokenInvariantError`."""
        found = self.directory.by_id.get(identity)
        if found is None:
            raise BrokenInvariantError(f"organisation {identity} is not in the directory")
        return found

    def by_key(self, key: str) -> Organisation | None:
        """Find an organisation by its key, from memory."""
        return self.directory.by_key.get(key)

    def everyone(self) -> Sequence[Organisation]:
        """Give all organisations in the order of their keys."""
        return list(self.directory.by_id.values())

    def names(self, language: str) -> dict[int, str]:
        """Give the names of all organisations in a language, by id."""
        return {identity: organisation.name(language) for identity, organisation in self.directory.by_id.items()}

    async def reload(self) -> None:
        """Read all organisations anew."""
        async with self.database.connection() as connection:
            rows = await store.organisations(connection)
        self.directory.by_key = {row.key: row for row in rows}
        self.directory.by_id = {row.id: row for row in rows}

    async def create(self, organisation: FoundingOrganisation) -> Organisation:
        """Make one organisation, or bring it up to date."""
        return (await self.found([organisation]))[0]

    async def found(self, organisations: Sequence[FoundingOrganisation]) -> list[Organisation]:
        """Make organisations with a till in every bucket, or bring them up to date; give them in order.

        May be repeated and resumed. Raises `OrganisationInvalid`.
        """
        wanted = [_checked(organisation) for organisation in organisations]
        fresh = [
            Organisation(identity, one.key, dict(one.names), one.kind, one.category)
            for identity, one in zip(self.ids.take(len(wanted)), wanted, strict=True)
        ]
        async with self.database.transaction() as connection:
            await store.put_organisations(connection, fresh, self.clock.now())
            buckets = await ledger.bucket_count(connection)
        await self.reload()
        stored = [self.directory.by_key[one.key] for one in wanted]
        for bucket in range(buckets):
            async with self.database.transaction() as connection:
                await ledger.open_accounts(connection, bucket, [till_account(one.id) for one in stored])
        return stored

    # --- staff

    async def found_staff(self, members: Sequence[FoundingStaff]) -> None:
        """Add staff whose login does not exist yet. Raises `PasswordWeak`."""
        async with self.database.connection() as connection:
            known = await store.known_logins(connection, [clean_login(member.login) for member in members])
        fresh = {clean_login(member.login): member for member in members if clean_login(member.login) not in known}
        if any(len(member.password) < PASSWORD_CHARACTERS_MIN for member in fresh.values()):
            raise errors.PasswordWeak(field="password", characters=PASSWORD_CHARACTERS_MIN)
        await asyncio.gather(*(self._add_staff(member) for member in fresh.values()))

    async def _add_staff(self, member: FoundingStaff) -> None:
        async with self.signing.gate:
            password = await self.passwords.hash(member.password)
        row = StaffMember(
            self.ids.next(), member.organisation, clean_login(member.login), member.name, member.role, member.language
        )
        async with self.database.connection() as connection:
            await store.insert_staff(connection, row, password=password, now=self.clock.now())

    async def staff_of(self, organisation: int) -> list[StaffMember]:
        """Give an organisation's staff by login."""
        async with self.database.connection() as connection:
            return await store.staff_of(connection, organisation)

    async def staff_names(self, organisation: int) -> dict[int, str]:
        """Give the names of all who work or worked for an organisation, by id."""
        async with self.database.connection() as connection:
            return {card.member.id: card.member.name for card in await store.cards(connection, organisation)}

    async def sign_in(self, *, login: str, password: str, visit: Visit = NOWHERE) -> StaffSignedIn:
        """Sign a member of staff in, or let them come as far as the second factor. Raises `StaffUnknown`, `StaffLocked`."""
        return await self.signing.sign_in(login=login, password=password, visit=visit)

    async def staff(self, token: str) -> Staff:
        """Tell which member of staff a token belongs to; the doorkeeper's half for staff.

        Raises `TokenInvalid`, also for who left or was signed out, and `TokenExpired`.
        """
        member, session, is_barred = await self.signing.staff(token)
        organisation = self.directory.by_id.get(member.organisation)
        name = organisation.name(member.language) if organisation else ""
        return Staff(member.id, member.organisation, session, member.role, member.name, name, is_barred)

    async def sign_out(self, token: str) -> None:
        """End a console session."""
        await self.signing.sign_out(token)


def till_account(organisation: int) -> NewAccount:
    """Describe an organisation's till, which it has in every bucket."""
    return NewAccount(organisation, AccountKind.TILL, owner=organisation, flags=AccountFlag.NO_OVERDRAFT)


def _checked(organisation: FoundingOrganisation) -> FoundingOrganisation:
    names = organisation.names
    if not _KEY.fullmatch(organisation.key):
        raise errors.OrganisationInvalid(field="key")
    if (
        not names
        or any(not 0 < len(name) <= NAME_CHARACTERS_MAX for name in names.values())
        or names.keys() - LANGUAGES
    ):
        raise errors.OrganisationInvalid(field="names")
    if not 0 <= organisation.category <= CATEGORY_MAX:
        raise errors.OrganisationInvalid(field="category")
    return organisation


def build_organisations(base: Foundation) -> Organisations:
    """Put the service together; `reload` it before use."""
    signing = Signing(base, Factors(base))
    return Organisations(base.database, base.clock, base.ids, base.passwords, signing)
