"""What organisations and their staff do: be founded, be named, sign in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from haihe.base.clock import Clock
from haihe.base.database import Database
from haihe.base.errors import BrokenInvariantError
from haihe.base.foundation import Foundation
from haihe.base.i18n import LANGUAGES
from haihe.base.ids import Ids
from haihe.base.passwords import Passwords, Tries, hashing_gate
from haihe.base.revocations import Revocations
from haihe.base.tokens import Audience, Grant, TokenExpired, TokenInvalid, Tokens
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, AccountKind, NewAccount
from haihe.organisations import errors, store
from haihe.organisations.model import (
    FoundingOrganisation,
    FoundingStaff,
    Organisation,
    StaffMember,
    StaffSignedIn,
)
from haihe.web.guards import Staff

STAFF_SESSION_LIFETIME: Final = timedelta(hours=12)
PASSWORD_CHARACTERS_MIN: Final = 8
NAME_CHARACTERS_MAX: Final = 100
CATEGORY_MAX: Final = 9999
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
    tokens: Tokens
    revocations: Revocations
    directory: Directory = field(default_factory=Directory)
    gate: asyncio.Semaphore = field(default_factory=hashing_gate, repr=False)

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
            known = await store.known_logins(connection, [_login(member.login) for member in members])
        fresh = {_login(member.login): member for member in members if _login(member.login) not in known}
        if any(len(member.password) < PASSWORD_CHARACTERS_MIN for member in fresh.values()):
            raise errors.PasswordWeak(field="password", characters=PASSWORD_CHARACTERS_MIN)
        await asyncio.gather(*(self._add_staff(member) for member in fresh.values()))

    async def _add_staff(self, member: FoundingStaff) -> None:
        async with self.gate:
            password = await self.passwords.hash(member.password)
        row = StaffMember(
            self.ids.next(), member.organisation, _login(member.login), member.name, member.role, member.language
        )
        async with self.database.connection() as connection:
            await store.insert_staff(connection, row, password=password, now=self.clock.now())

    async def staff_of(self, organisation: int) -> list[StaffMember]:
        """Give an organisation's staff by login."""
        async with self.database.connection() as connection:
            return await store.staff_of(connection, organisation)

    async def sign_in(self, *, login: str, password: str) -> StaffSignedIn:
        """Sign a member of staff in. Raises `StaffUnknown`, `StaffLocked`; five wrong tries lock, with growing waits."""
        now = self.clock.now()
        async with self.gate, self.database.transaction() as connection:
            found = await store.lock_login(connection, _login(login))
            member, stored, tries = found or (None, "", _NO_TRIES)
            if wait_s := tries.wait_s(now):
                raise _locked(wait_s)
            is_right = await self.passwords.is_right(stored, password)
            after = tries.after_right() if is_right else tries.after_wrong(now)
            if member and after != tries:
                await store.count_login(connection, member.id, after)
        if member and is_right:
            return self._signed_in(member)
        if member and (wait_s := after.wait_s(now)):
            raise _locked(wait_s)
        raise errors.StaffUnknown(field="password")

    def _signed_in(self, member: StaffMember) -> StaffSignedIn:
        expires_at = self.clock.now() + STAFF_SESSION_LIFETIME
        grant = Grant(Audience.STAFF, member.id, 0, self.ids.next(), int(expires_at.timestamp()))
        return StaffSignedIn(member, self.tokens.issue(grant), expires_at)

    async def staff(self, token: str) -> Staff:
        """Tell which member of staff a token belongs to; the doorkeeper's half for staff.

        Raises `TokenInvalid`, also for who left or was signed out, and `TokenExpired`.
        """
        grant = self.tokens.read(token, Audience.STAFF, self.clock.now())
        if grant.session in self.revocations:
            raise TokenInvalid
        async with self.database.connection() as connection:
            member = await store.staff_member(connection, grant.person)
        if member is None:
            raise TokenInvalid
        organisation = self.directory.by_id.get(member.organisation)
        name = organisation.name(member.language) if organisation else ""
        return Staff(member.id, member.organisation, grant.session, member.role, member.name, name)

    async def sign_out(self, token: str) -> None:
        """End a console session, in every process within about a second."""
        try:
            grant = self.tokens.read(token, Audience.STAFF, self.clock.now())
        except (TokenInvalid, TokenExpired):
            return
        await self.revocations.revoke(grant.session, expires_s=grant.expires_s)


_NO_TRIES: Final = Tries(0, 0, datetime(1970, 1, 1, tzinfo=UTC))


def till_account(organisation: int) -> NewAccount:
    """Describe an organisation's till, which it has in every bucket."""
    return NewAccount(organisation, AccountKind.TILL, owner=organisation, flags=AccountFlag.NO_OVERDRAFT)


def _login(text: str) -> str:
    return text.strip().lower()


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


def _locked(wait_s: int) -> errors.StaffLocked:
    return errors.StaffLocked(field="password", retry_after_s=wait_s, wait_minutes=-(-wait_s // 60))


def build_organisations(base: Foundation) -> Organisations:
    """Put the service together; `reload` it before use."""
    return Organisations(base.database, base.clock, base.ids, base.passwords, base.tokens, base.revocations)
