"""What is done about devices: signing in with one, seeing where one is signed in, signing out there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from haihe.base import audit, outbox
from haihe.base.audit import Deed
from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.errors import Refusal
from haihe.base.foundation import Foundation
from haihe.base.outbox import News
from haihe.base.revocations import Revocations
from haihe.base.tokens import TokenExpired, TokenInvalid
from haihe.base.vault import Vault
from haihe.people.deeds import own_deed
from haihe.people.devices import rules, store
from haihe.people.devices.errors import DeviceUnknown
from haihe.people.devices.model import KEPT, Ended, SignIn, Visit, Way
from haihe.people.model import Citizen, SignedIn
from haihe.people.sessions import Sessions
from haihe.web.guards import Renewal

SHOWN_MAX: Final = 50
SEEN_EVERY_S: Final = 60.0
SEEN_STEP: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Devices:
    """Where citizens are signed in."""

    database: Database
    clock: Clock
    vault: Vault
    sessions: Sessions
    revocations: Revocations

    # --- signing in

    async def begin(self, connection: Connection, citizen: Citizen, visit: Visit, way: Way) -> SignedIn:
        """Begin a session in the caller's transaction, as its last step: a row, a notice of a device not seen before, a deed."""
        now = self.clock.now()
        token, grant = self.sessions.begin(person=citizen.id, bucket=citizen.bucket, lifetime=self.sessions.lifetime)
        browser, system = rules.browser_of(visit.agent), rules.system_of(visit.agent)
        expires_at = datetime.fromtimestamp(grant.expires_s, UTC)
        is_known = await store.insert(
            connection,
            grant.session,
            citizen.id,
            at=now,
            expires_at=expires_at,
            way=int(way),
            device=self._device(citizen.id, visit),
            browser=browser,
            system=system,
        )
        if not is_known and way is not Way.REGISTRATION:
            body = {"device": " · ".join(filter(None, (browser, system)))}
            await outbox.publish(connection, citizen.bucket, [News("device_new", citizen.id, body)], at=now)
        details = {"session": grant.session, "way": way.name.lower(), "browser": browser, "system": system}
        await audit.write(connection, [own_deed("session_begun", citizen.id, **details)], at=now)
        return SignedIn(citizen, token, expires_at, visit.device)

    def _device(self, citizen: int, visit: Visit) -> bytes:
        """Name a device of a person: by the browser's own text; a program, which has none, by what it says to be."""
        mark = f"browser|{visit.device}" if visit.device else f"program|{visit.agent[: rules.AGENT_CHARACTERS_MAX]}"
        return self.vault.search_hash("device", f"{citizen}|{mark}")

    async def knows(self, citizen: int, visit: Visit) -> bool:
        """Tell whether a person has signed in with this browser before; never of a program, which only says what it is."""
        if not visit.device:
            return False
        async with self.database.connection() as connection:
            return await store.is_known(connection, citizen, self._device(citizen, visit))

    async def renewed(self, token: str) -> Renewal | None:
        """Let a session go on for a whole life, with a token of its own; None where it has ended, or stands on no list."""
        try:
            grant = self.sessions.grant(token)
        except (TokenInvalid, TokenExpired):
            return None
        now = self.clock.now()
        expires_at = (now + self.sessions.lifetime).replace(microsecond=0)
        async with self.database.connection() as connection:
            if not await store.renew(connection, grant.session, expires_at):
                return None
        longer = self.sessions.tokens.issue(replace(grant, expires_s=int(expires_at.timestamp())))
        return Renewal(longer, now, expires_at)

    # --- seeing and ending

    async def living(self, citizen: int) -> Sequence[SignIn]:
        """Give where a person is signed in, the newest first."""
        async with self.database.connection() as connection:
            return await store.living(connection, citizen, now=self.clock.now(), limit=SHOWN_MAX)

    async def sign_out(self, token: str) -> None:
        """End the session of a token, in every process within about a second; what is no valid token needs no end."""
        try:
            grant = self.sessions.grant(token)
        except (TokenInvalid, TokenExpired):
            return
        async with self.database.transaction() as connection:
            known = await store.end_one(connection, grant.person, grant.session)
            latest = max([grant.expires_s, *(one.expires_s for one in known)])
            await self._revoke(connection, grant.person, [Ended(grant.session, latest)], by=grant.session)
        self.revocations.remember([grant.session])

    async def end(self, citizen: int, session: int, *, by: int) -> None:
        """Sign a person out of one device, from the session `by`; a second time has no effect. Raises `DeviceUnknown`."""
        async with self.database.transaction() as connection:
            if not await store.is_of(connection, session, citizen):
                raise DeviceUnknown
            ended = await store.end_one(connection, citizen, session)
            await self._revoke(connection, citizen, ended, by=by)
        self.remember(ended)

    async def end_others(self, citizen: int, *, keep: int) -> int:
        """Sign a person out everywhere but in one session; give how many there were."""
        async with self.database.transaction() as connection:
            ended = await self.end_others_within(connection, citizen, keep=keep)
            if ended:
                await audit.write(connection, [_ending(citizen, ended, by=keep)], at=self.clock.now())
        self.remember(ended)
        return len(ended)

    async def end_others_within(self, connection: Connection, citizen: int, *, keep: int) -> Sequence[Ended]:
        """End all sessions of a person but one (0 keeps none) in the caller's transaction; `remember` them after it. Writes no deed."""
        ended = await store.end_others(connection, citizen, keep, self.clock.now())
        await self.revocations.revoke_within(connection, {one.session: one.expires_s for one in ended})
        return ended

    def remember(self, ended: Sequence[Ended]) -> None:
        """Know at once in this process which sessions have ended."""
        self.revocations.remember(one.session for one in ended)

    async def _revoke(self, connection: Connection, citizen: int, ended: Sequence[Ended], *, by: int) -> None:
        if ended:
            await self.revocations.revoke_within(connection, {one.session: one.expires_s for one in ended})
            await audit.write(connection, [_ending(citizen, ended, by=by)], at=self.clock.now())

    # --- beside the city

    async def keep_seen(self) -> None:
        """Write down every minute whose tokens were shown, at most once an hour for each; for as long as the process lives."""
        while True:
            await asyncio.sleep(SEEN_EVERY_S)
            with suppress(Refusal):
                await self.note_seen()

    async def note_seen(self) -> None:
        """Write down whose tokens were shown since the last time."""
        if not self.sessions.seen:
            return
        seen = list(self.sessions.seen)
        self.sessions.seen.clear()
        now = self.clock.now()
        async with self.database.connection() as connection:
            await store.note_seen(connection, seen, now=now, before=now - SEEN_STEP)

    async def forget_old(self) -> None:
        """Delete sign-ins that ended so long ago that their devices are strangers again."""
        async with self.database.connection() as connection:
            await store.forget(connection, self.clock.now() - KEPT)


def _ending(citizen: int, ended: Sequence[Ended], *, by: int) -> Deed:
    return own_deed("session_ended", citizen, sessions=[one.session for one in ended], by_session=by)


def build_devices(base: Foundation, sessions: Sessions) -> Devices:
    """Put the service together."""
    return Devices(base.database, base.clock, base.vault, sessions, base.revocations)
