"""Choosing another payment passcode for a forgotten one."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from haihe.base import audit, outbox
from haihe.base.clock import Clock
from haihe.base.database import Database
from haihe.base.foundation import Foundation
from haihe.base.outbox import News
from haihe.people import rules
from haihe.people.deeds import own_deed
from haihe.people.freezing.model import Hand
from haihe.people.freezing.service import Freezing
from haihe.people.model import CodeAsked, Purpose
from haihe.people.passkeys import challenges
from haihe.people.passkeys.model import Party
from haihe.people.passkeys.service import Passkeys
from haihe.people.resets import store
from haihe.people.resets.errors import CounterNeeded, IdNumberOther, ResetNotReady
from haihe.people.resets.model import KEPT, WAIT, Reset
from haihe.people.service import People


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasscode:
    """What somebody chooses: the passcode, the code that came by SMS, the session in which it is done."""

    passcode: str
    code: str
    session: int


@dataclass(frozen=True)
class Resets:
    """Forgotten passcodes."""

    database: Database
    clock: Clock
    people: People
    freezing: Freezing
    passkeys: Passkeys

    async def of(self, citizen: int) -> Reset | None:
        """Give what a person has asked for and may still use."""
        async with self.database.connection() as connection:
            return await store.of(connection, citizen, now=self.clock.now())

    async def ask_code(self, citizen: int, *, language: str, limited: bool = True) -> CodeAsked:
        """Send the person the code that every step needs. Raises `CodeTooSoon`, `Unreachable`."""
        phone = (await self.people.citizen(citizen)).phone
        return await self.people.ask_code(phone, Purpose.PASSCODE, language=language, limited=limited)

    async def ask(self, citizen: int, *, id_number: str, code: str) -> Reset:
        """Ask for another passcode by phone and ID number; it can be chosen after `WAIT`. Asking again does not lengthen the wait.

        Raises the code's refusals, `IdNumberOther`, `CounterNeeded`; all are noted.
        """
        async with self.people.audit.attempt(own_deed("passcode_reset_asked", citizen)):
            await self._refuse_frozen(citizen)
            person = await self.people.citizen(citizen)
            await self.people.codes.check(person.phone, Purpose.PASSCODE, code)
            said = "".join(id_number.split()).upper()
            if not hmac.compare_digest(said.encode(), person.id_number.encode()):
                await self.people.codes.count_failure(person.phone, Purpose.PASSCODE)
                raise IdNumberOther(field="id_number")
            now = self.clock.now()
            async with self.database.transaction() as connection:
                await self.people.codes.use(connection, person.phone, Purpose.PASSCODE, code)
                reset = await store.put(connection, Reset(citizen, now, now + WAIT, now + WAIT + KEPT))
                news = [News("passcode_reset_asked", citizen, {})]
                await outbox.publish(connection, person.bucket, news, at=now)
                await audit.write(connection, [own_deed("passcode_reset_asked", citizen)], at=now)
        return reset

    async def stop(self, citizen: int) -> None:
        """Stop what was asked for, from any session of the person; nothing to stop is no fault."""
        async with self.database.transaction() as connection:
            if await store.drop(connection, citizen):
                await audit.write(connection, [own_deed("passcode_reset_stopped", citizen)], at=self.clock.now())

    async def allow(self, citizen: int, *, by: Hand) -> Reset:
        """Let somebody who was recognised, at a counter, choose another passcode at once, frozen or not."""
        now = self.clock.now()
        async with self.database.transaction() as connection:
            reset = await store.put(connection, Reset(citizen, now, now, now + KEPT))
            await audit.write(connection, [by.deed("passcode_reset_allowed", citizen)], at=now)
        return reset

    async def choose(self, citizen: int, new: NewPasscode) -> None:
        """Choose another passcode when the wait is over. Raises `ResetNotReady`, `PasscodeWeak`, the code's refusals; all are noted."""
        async with self.people.audit.attempt(own_deed("passcode_set", citizen)):
            rules.check_passcode_strength(new.passcode)
            reset = await self.of(citizen)
            if reset is None or reset.ready_at > self.clock.now():
                raise ResetNotReady
            await self._choose(citizen, new, is_asked=True)

    async def choose_by_passkey(self, citizen: int, new: NewPasscode, *, answer: str, party: Party) -> None:
        """Choose another passcode at once by a passkey's answer (JSON). Raises `CounterNeeded`, and like `choose` and `Passkeys.prove`."""
        async with self.people.audit.attempt(own_deed("passcode_set", citizen)):
            rules.check_passcode_strength(new.passcode)
            await self._refuse_frozen(citizen)
            phone = (await self.people.citizen(citizen)).phone
            await self.people.codes.check(phone, Purpose.PASSCODE, new.code)
            await self.passkeys.prove(citizen, challenges.to_reset(citizen), answer, party=party)
            await self._choose(citizen, new, is_asked=False)

    async def _choose(self, citizen: int, new: NewPasscode, *, is_asked: bool) -> None:
        """Write the new passcode; where it was asked for, that must still hold: a freeze may have ended it meanwhile."""
        phone = (await self.people.citizen(citizen)).phone
        await self.people.codes.check(phone, Purpose.PASSCODE, new.code)
        hashed = await self.people.passwords.hash(new.passcode)
        async with self.database.transaction() as connection:
            await self.people.codes.use(connection, phone, Purpose.PASSCODE, new.code)
            if not await store.drop(connection, citizen) and is_asked:
                raise ResetNotReady
            ended = await self.people.write_passcode(connection, citizen, hashed, session=new.session)
        self.people.devices.remember(ended)

    async def _refuse_frozen(self, citizen: int) -> None:
        if await self.freezing.frozen(citizen):
            raise CounterNeeded


def build_resets(base: Foundation, people: People, freezing: Freezing, passkeys: Passkeys) -> Resets:
    """Put the service together."""
    return Resets(base.database, base.clock, people, freezing, passkeys)
