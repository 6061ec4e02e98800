"""How staff sign in to the console: password, second factor, session; and what ends it.

Wrong tries are counted by place. A place from which a login was used before (a keyed hash of its network address) has a count of its
own; all others share one. So whoever guesses from elsewhere locks the others out, and not the one who works at the usual desk; and
however many addresses a guesser has, they get no more tries than one.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.clock import service_day
from haihe.base.database import Connection
from haihe.base.errors import Refusal
from haihe.base.foundation import Foundation
from haihe.base.passwords import Tries, hashing_gate
from haihe.base.tokens import Audience, Grant, TokenExpired, TokenInvalid
from haihe.organisations import errors, signing_store as store
from haihe.organisations.factors import Factors
from haihe.organisations.model import FACTOR_ROLES, StaffMember, StaffSignedIn
from haihe.organisations.signing_store import Login
from haihe.web.guards import Staff

STAFF_SESSION_LIFETIME: Final = timedelta(hours=12)
IDLE_MAX: Final = timedelta(hours=1)
"""After so long without a page a session is over."""
SEEN_EVERY: Final = timedelta(minutes=1)
STEP_LIFETIME: Final = timedelta(minutes=5)
PLACE_KEPT: Final = timedelta(days=90)
"""So long a place is known after it was used."""
PASSWORD_CHARACTERS_MIN: Final = 8
IPV6_PREFIX: Final = 64
"""Somebody has at least so much of IPv6: it counts as one address."""
NO_TRIES: Final = Tries(0, 0, datetime(1970, 1, 1, tzinfo=UTC))

Prove = Callable[[Connection, Login | None], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Visit:
    """From where somebody comes, and with which token so far: it ends when they sign in."""

    address: str = ""
    token: str = ""


@dataclass(frozen=True)
class Signing:
    """Signs staff in and out."""

    base: Foundation
    factors: Factors
    gate: asyncio.Semaphore = field(default_factory=hashing_gate, repr=False)

    async def sign_in(self, *, login: str, password: str, visit: Visit) -> StaffSignedIn:
        """Check login and password; where there is a second factor, that is only the first step.

        Raises `StaffUnknown`, `StaffLocked`; five wrong tries lock, with growing waits.
        """

        async def prove(_: Connection, found: Login | None) -> bool:
            return await self.base.passwords.is_right(found.password if found else "", password)

        async with self.gate, self.base.database.transaction() as connection:
            found = await store.lock_login(connection, clean_login(login))
            refusal = await self._try(connection, found, visit, prove, errors.StaffUnknown(field="password"))
            if found and not refusal and not found.has_factor:
                return await self._begin(connection, found.member, visit)
        if found and not refusal:
            return self._half(found.member)
        raise await self._noted(refusal, found)

    async def second_step(self, *, token: str, code: str, visit: Visit) -> StaffSignedIn:
        """Finish a sign-in with a code of the authenticator or a recovery code.

        Raises `CodeWrong`, `StaffLocked`, and `TokenInvalid` or `TokenExpired` for a first step that is not, or too old.
        """
        grant = self.base.tokens.read(token, Audience.STAFF_STEP, self.base.clock.now())

        async def prove(connection: Connection, found: Login | None) -> bool:
            return found is not None and await self.factors.is_right(connection, found.member.id, code)

        async with self.base.database.transaction() as connection:
            found = await store.lock_member(connection, grant.person)
            if found is None or not found.has_factor:
                raise TokenInvalid
            refusal = await self._try(connection, found, visit, prove, errors.CodeWrong(field="code"))
            if not refusal:
                return await self._begin(connection, found.member, visit)
        raise await self._noted(refusal, found)

    async def prove_password(self, connection: Connection, staff: Staff, password: str, visit: Visit) -> Refusal | None:
        """Check the password of somebody who is signed in, in the caller's transaction, counting wrong tries; give why not."""
        found = await store.lock_member(connection, staff.person)

        async def prove(_: Connection, found: Login | None) -> bool:
            return await self.base.passwords.is_right(found.password if found else "", password)

        async with self.gate:
            return await self._try(connection, found, visit, prove, errors.PasswordWrong(field="password"))

    async def _try(
        self, connection: Connection, found: Login | None, visit: Visit, prove: Prove, wrong: Refusal
    ) -> Refusal | None:
        """Let a try be made where no lock holds, and count it if it fails; give why it was refused."""
        now, place = self.base.clock.now(), self._place(visit.address)
        known = await store.tries_at(connection, found.member.id, place) if found else None
        tries = known or (found.tries if found else NO_TRIES)
        if wait_s := tries.wait_s(now):
            return _locked(wait_s)
        if await prove(connection, found):
            return None
        after = tries.after_wrong(now)
        if found:
            await store.count_at(connection, found.member.id, place if known else None, after)
        wait_s = after.wait_s(now)
        return _locked(wait_s) if found and wait_s else wrong

    async def _noted(self, refusal: Refusal | None, found: Login | None) -> Refusal:
        """Write a refused sign-in down: never what was typed as a login, which may be a password."""
        refused = refusal or errors.StaffUnknown(field="password")
        deed = _deed(found.member, "staff_signed_in") if found else Deed(action="staff_signed_in", actor=Actor.STRANGER)
        await self.base.audit.note(replace(deed, outcome=refused.code))
        return refused

    async def _begin(self, connection: Connection, member: StaffMember, visit: Visit) -> StaffSignedIn:
        """Begin a session; the one that the browser had before ends."""
        now, identity, place = self.base.clock.now(), self.base.ids.next(), self._place(visit.address)
        if await store.tries_at(connection, member.id, place) is None:
            await store.count_at(connection, member.id, None, NO_TRIES)
        await store.begin(connection, member.id, identity, place, now=now, since=now - PLACE_KEPT)
        await self._end(connection, visit.token)
        await audit.write(connection, [_deed(member, "staff_signed_in")], at=now)
        expires_at = now + STAFF_SESSION_LIFETIME
        grant = Grant(Audience.STAFF, member.id, 0, identity, int(expires_at.timestamp()))
        return StaffSignedIn(member, self.base.tokens.issue(grant), expires_at)

    def _half(self, member: StaffMember) -> StaffSignedIn:
        expires_at = self.base.clock.now() + STEP_LIFETIME
        grant = Grant(Audience.STAFF_STEP, member.id, 0, self.base.ids.next(), int(expires_at.timestamp()))
        return StaffSignedIn(member, self.base.tokens.issue(grant), expires_at, needs_code=True)

    async def begin_anew(self, connection: Connection, member: StaffMember, visit: Visit) -> StaffSignedIn:
        """End all sessions of somebody, and begin the one in which they are: after their password changed."""
        await store.end_all(connection, member.id)
        return await self._begin(connection, member, visit)

    async def staff(self, token: str) -> tuple[StaffMember, int, bool]:
        """Tell whose a token is, its session, and whether something has to be settled first.

        Raises `TokenInvalid`, also for who was disabled or signed out, and `TokenExpired`, also for who did nothing for too long.
        """
        now = self.base.clock.now()
        grant = self.base.tokens.read(token, Audience.STAFF, now)
        async with self.base.database.connection() as connection:
            found = await store.session(connection, grant.session, grant.person)
            if found is None:
                raise TokenInvalid
            if found.seen_at < now - IDLE_MAX:
                raise TokenExpired
            if found.seen_at < now - SEEN_EVERY:
                await store.see(connection, grant.session, now)
        is_required = found.factor_from is not None and found.factor_from <= service_day(now)
        lacks_factor = is_required and not found.has_factor and found.member.role in FACTOR_ROLES
        return found.member, grant.session, found.is_temporary or lacks_factor

    async def sign_out(self, token: str) -> None:
        """End a session."""
        async with self.base.database.transaction() as connection:
            if grant := await self._end(connection, token):
                deed = Deed(action="staff_signed_out", actor=Actor.STAFF, actor_id=grant.person, subject=grant.person)
                await audit.write(connection, [deed], at=self.base.clock.now())

    async def _end(self, connection: Connection, token: str) -> Grant | None:
        """End the session of a token, if it is one that lives."""
        try:
            grant = self.base.tokens.read(token, Audience.STAFF, self.base.clock.now())
        except (TokenInvalid, TokenExpired):
            return None
        return grant if await store.end(connection, grant.session) else None

    async def forget_expired(self) -> None:
        """Delete sessions whose tokens have expired; the job."""
        async with self.base.database.connection() as connection:
            await store.forget(connection, before=self.base.clock.now() - STAFF_SESSION_LIFETIME)

    def _place(self, address: str) -> bytes:
        return self.base.vault.search_hash("staff place", place_of(address))


def place_of(address: str) -> str:
    """Tell what counts as one place: an IPv4 address, a network of IPv6, else the text as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(found if found.version == 4 else ipaddress.ip_network(f"{found}/{IPV6_PREFIX}", strict=False))


def clean_login(text: str) -> str:
    """Write a login as it is stored."""
    return text.strip().lower()


def _deed(member: StaffMember, action: str) -> Deed:
    return Deed(
        action=action, actor=Actor.STAFF, actor_id=member.id, organisation=member.organisation, subject=member.id
    )


def _locked(wait_s: int) -> errors.StaffLocked:
    return errors.StaffLocked(field="password", retry_after_s=wait_s, wait_minutes=-(-wait_s // 60))
