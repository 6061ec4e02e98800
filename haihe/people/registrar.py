"""Registration: what a person types is checked field by field, then by sources outside, and only then anything is stored.

What is refused is noted in the audit log with its code, nothing of what was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from haihe.base import audit, outbox
from haihe.base.audit import Actor, Audit, Deed
from haihe.base.clock import Clock, service_day
from haihe.base.database import Connection, Database
from haihe.base.ids import Ids
from haihe.base.outbox import News
from haihe.base.passwords import Passwords
from haihe.ledger import service as ledger
from haihe.people import errors, rules, store
from haihe.people.checks import store as check_store
from haihe.people.checks.errors import MISMATCH
from haihe.people.checks.model import Channel, Check, Person, Said
from haihe.people.checks.sources import Sources
from haihe.people.codes import Codes
from haihe.people.devices.model import Visit, Way
from haihe.people.devices.service import Devices
from haihe.people.law.model import read_law
from haihe.people.model import FoundingCitizen, Purpose, Registration, SignedIn
from haihe.people.records import Records, wallet_account
from haihe.people.store import CitizenRow

REGISTERED: Final = "citizen_registered"
_TRY: Final = Deed(action=REGISTERED, actor=Actor.STRANGER)


@dataclass(frozen=True)
class Registrar:
    """Registers citizens."""

    database: Database
    clock: Clock
    ids: Ids
    records: Records
    passwords: Passwords
    codes: Codes
    sources: Sources
    devices: Devices
    audit: Audit

    async def check_person(self, form: Registration) -> Registration:
        """Check name, ID number, age and phone only, as the first step does; give them in their usual form."""
        async with self.audit.attempt(_TRY):
            return self._read_person(form)

    async def check_code(self, form: Registration) -> None:
        """Check the code without using it up, as the second step does. Raises `CodeWrong`, `CodeExpired`, `CodeUsed`."""
        async with self.audit.attempt(_TRY):
            await self.codes.check(rules.read_phone(form.phone), Purpose.REGISTER, form.code)

    async def register(self, form: Registration, visit: Visit) -> SignedIn:
        """Register a citizen with the class that the sources' answers allow, and sign in. Raises as `People.register` says."""
        async with self.audit.attempt(_TRY):
            checked = self._read_form(form)
            await self.codes.check(checked.phone, Purpose.REGISTER, checked.code)
            heard = await self._hear_sources(checked)
            citizen_class = read_law().on(service_day(self.clock.now())).class_of(len(heard))
            if citizen_class is None:
                raise errors.RegistryUnavailable
            person = FoundingCitizen(
                name=checked.name,
                id_number=checked.id_number,
                phone=checked.phone,
                citizen_class=citizen_class,
                language=checked.language,
            )
            return await self._store(checked, person, heard, visit)

    def _read_form(self, form: Registration) -> Registration:
        return replace(
            self._read_person(form),
            passcode=rules.check_passcode_strength(form.passcode),
            language=rules.read_language(form.language),
        )

    def _read_person(self, form: Registration) -> Registration:
        name, today = rules.read_name(form.name), service_day(self.clock.now())
        id_number = rules.read_id_number(form.id_number, today=today)
        rules.check_age(id_number, today=today)
        return replace(form, name=name, id_number=id_number, phone=rules.read_phone(form.phone))

    async def _hear_sources(self, form: Registration) -> list[Said]:
        """Ask the sources; who differs costs a try of the code, so that one code cannot serve for guessing at them."""
        heard = await self.sources.at_registration(Person(form.name, form.id_number, form.phone))
        differing = [said.channel for said in heard if not said.is_match]
        if differing:
            await self.codes.count_failure(form.phone, Purpose.REGISTER)
            raise MISMATCH[differing[0]](field="phone" if differing[0] is Channel.OPERATOR else "id_number")
        return heard

    async def _store(
        self, form: Registration, person: FoundingCitizen, heard: Sequence[Said], visit: Visit
    ) -> SignedIn:
        """Write the citizen with wallet, checks, news, deed and session, and use the code up: all in one transaction."""
        passcode = await self.passwords.hash(form.passcode)
        async with self.database.transaction() as connection:
            buckets = await ledger.bucket_count(connection)
            now = self.clock.now()
            row = self.records.seal(self.ids.next(), person, buckets=buckets, passcode=passcode, now=now)
            if not await store.insert_citizens(connection, [row]):
                raise await self._taken(connection, row)
            await self.codes.use(connection, form.phone, Purpose.REGISTER, form.code)
            await check_store.put(connection, [Check(row.id, said, now) for said in heard])
            await ledger.open_accounts(connection, row.bucket, [wallet_account(row)])
            await outbox.publish(connection, row.bucket, [News(REGISTERED, row.id, {})], at=now)
            details = {"class": person.citizen_class.name, "sources": [said.source for said in heard]}
            await audit.write(connection, [replace(_TRY, subject=row.id, details=details)], at=now)
            return await self.devices.begin(connection, self.records.open(row), visit, Way.REGISTRATION)

    async def _taken(self, connection: Connection, row: CitizenRow) -> errors.IdNumberTaken | errors.PhoneTaken:
        if await store.citizen_by_phone(connection, row.phone_hash):
            return errors.PhoneTaken(field="phone")
        return errors.IdNumberTaken(field="id_number")
