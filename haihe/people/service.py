"""What people do: register, sign in, prove themselves by passcode, choose their language."""

from __future__ import annotations

import asyncio
import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from haihe.base import audit, outbox
from haihe.base.audit import UNAVAILABLE, Actor, Audit, Deed
from haihe.base.clock import Clock, service_day
from haihe.base.confirmations import Confirmations, Strength
from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError, Refusal
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.outbox import News
from haihe.base.passwords import Passwords, hashing_gate
from haihe.base.revocations import forget_expired
from haihe.ledger import service as ledger
from haihe.outside.http import Unreachable
from haihe.outside.offices import ClearingHouse, Offices
from haihe.outside.phone_operator import PhoneOperator
from haihe.outside.registry import DemoRegistry, MadeUpPerson, Registry
from haihe.outside.sms import Sms
from haihe.people import errors, rules, store
from haihe.people.checks import store as check_store
from haihe.people.checks.model import Check, Origin
from haihe.people.checks.rules import founded
from haihe.people.checks.sources import Sources
from haihe.people.codes import Codes
from haihe.people.deeds import own_deed
from haihe.people.devices.model import NO_VISIT, Ended, Visit, Way
from haihe.people.devices.service import Devices, build_devices
from haihe.people.law.model import read_law
from haihe.people.model import (
    Citizen,
    CitizenClass,
    CodeAsked,
    FoundingCitizen,
    PeopleRules,
    Purpose,
    Registration,
    SignedIn,
)
from haihe.people.records import Records, wallet_account
from haihe.people.registrar import Registrar
from haihe.people.sessions import Sessions
from haihe.people.store import CitizenRow


@dataclass(frozen=True)
class People:
    """The city's citizens."""

    database: Database
    clock: Clock
    ids: Ids
    records: Records
    passwords: Passwords
    codes: Codes
    sessions: Sessions
    sources: Sources
    registrar: Registrar
    rules: PeopleRules
    confirmations: Confirmations
    devices: Devices
    audit: Audit
    demo: DemoRegistry | None = None
    gate: asyncio.Semaphore = field(default_factory=hashing_gate, repr=False)

    async def made_up_person(self) -> MadeUpPerson | None:
        """Make up someone who may register, in a demo; elsewhere None. Raises `RegistryUnavailable`."""
        try:
            return await self.demo.made_up_person() if self.demo else None
        except Unreachable as error:
            raise errors.RegistryUnavailable from error

    # --- codes and sessions

    async def ask_code(self, phone: str, purpose: Purpose, *, language: str, limited: bool = True) -> CodeAsked:
        """Send a one-time code. Raises `PhoneInvalid`, `CodeTooSoon`, `Unreachable`; says nothing about who is registered."""
        return await self.codes.ask(rules.read_phone(phone), purpose, language=language, limited=limited)

    async def sign_in(self, *, phone: str, code: str, visit: Visit = NO_VISIT) -> SignedIn:
        """Sign in with phone and code. Raises the code's refusals, then `NotRegistered`; what is refused stands in the audit log."""
        number = rules.read_phone(phone)
        phone_hash = self.records.phone_hash(number)
        try:
            await self.codes.check(number, Purpose.SIGN_IN, code)
            async with self.database.transaction() as connection:
                row = await store.citizen_by_phone(connection, phone_hash)
                if row is None:
                    raise errors.NotRegistered(field="phone")
                await self.codes.use(connection, number, Purpose.SIGN_IN, code)
                return await self.devices.begin(connection, self.records.open(row), visit, Way.CODE)
        except Refusal as refusal:
            if refusal.status != UNAVAILABLE:
                await self._note_stranger(phone_hash, refusal)
            raise

    async def _note_stranger(self, phone_hash: bytes, refusal: Refusal) -> None:
        """Note that somebody could not sign in; whose phone number it was, where it is anybody's."""
        async with self.database.transaction() as connection:
            row = await store.citizen_by_phone(connection, phone_hash)
            subject = row.id if row else 0
            deed = Deed(action="session_begun", actor=Actor.STRANGER, subject=subject, outcome=refusal.code)
            await audit.write(connection, [deed], at=self.clock.now())

    async def sign_out(self, token: str) -> None:
        """End the session of a token, in every process within about a second."""
        await self.devices.sign_out(token)

    def issue_token(self, citizen: Citizen, lifetime: timedelta) -> str:
        """Issue a bearer token without a code: for the demo's citizens, whose tokens hold as long as their home."""
        return self.sessions.begin(person=citizen.id, bucket=citizen.bucket, lifetime=lifetime)[0]

    # --- registration

    async def check_person(self, form: Registration) -> Registration:
        """Check name, ID number, age and phone only, as the first step of a registration does."""
        return await self.registrar.check_person(form)

    async def check_code(self, form: Registration) -> None:
        """Check a registration's code without using it up. Raises `CodeWrong`, `CodeExpired`, `CodeUsed`."""
        await self.registrar.check_code(form)

    async def register(self, form: Registration, visit: Visit = NO_VISIT) -> SignedIn:
        """Register a citizen and sign in: class I by the population registry's or the phone operator's word, or both.

        Raises refusals of the form, the code, then `RegistryMismatch`, `OperatorMismatch`, `RegistryUnavailable` (nobody answered),
        `IdNumberTaken`, `PhoneTaken`. Nothing is stored and the code stays good unless all is well.
        """
        return await self.registrar.register(form, visit)

    # --- the citizen

    async def citizen(self, identity: int) -> Citizen:
        """Read a citizen who must exist, decrypted. Raises `BrokenInvariantError`."""
        async with self.database.connection() as connection:
            row = await store.citizen_by_id(connection, identity)
        if row is None:
            raise BrokenInvariantError(f"citizen {identity} does not exist")
        return self.records.open(row)

    def is_gone(self, identity: int) -> bool:
        """Tell from memory whether a citizen was erased: what is remembered of this person is to be forgotten."""
        return identity in self.sessions.revocations

    async def find(self, number: str) -> Citizen | None:
        """Find a citizen by a whole ID number or phone number, for an office that serves this person; None if nobody has it."""
        async with self.database.connection() as connection:
            row = await self._row_of(connection, number)
        return self.records.open(row) if row else None

    async def _row_of(self, connection: Connection, number: str) -> CitizenRow | None:
        try:
            phone_hash = self.records.phone_hash(rules.read_phone(number))
        except errors.PhoneInvalid:
            hashed = self.records.id_number_hash("".join(number.split()).upper())
            return (await store.citizens_by_id_number(connection, [hashed])).get(hashed)
        return await store.citizen_by_phone(connection, phone_hash)

    async def citizens(self, identities: Sequence[int]) -> dict[int, Citizen]:
        """Read several citizens at once, decrypted, by id; unknown ids are absent."""
        async with self.database.connection() as connection:
            rows = await store.citizens_by_ids(connection, identities)
        return {row.id: self.records.open(row) for row in rows}

    async def find_named(self, *, name: str, id_number: str, stand_in: int) -> Citizen | None:
        """Find a citizen by name and ID number together, for another citizen; None unless both fit.

        A miss costs what a hit costs, so that the time tells nothing: the row of `stand_in`, a citizen, is opened instead.
        """
        async with self.database.connection() as connection:
            found = await store.citizens_by_id_number(connection, [self.records.id_number_hash(id_number)])
            (other,) = await store.citizens_by_ids(connection, [stand_in])
        opened = self.records.open(next(iter(found.values()), other))
        return opened if found and hmac.compare_digest(opened.name.encode(), name.encode()) else None

    async def check_passcode(self, citizen: int, passcode: str) -> None:
        """Check the payment passcode. Raises `PasscodeMissing`, `PasscodeWrong`, `PasscodeLocked` with the true wait, and notes them.

        The citizen's row is held meanwhile: tries at once count one by one, and five wrong ones lock. Only a few are hashed at
        once, so that nobody's tries take the city's connections.
        """
        async with self.audit.attempt(own_deed("passcode_checked", citizen)):
            await self._check_passcode(citizen, passcode)

    async def _check_passcode(self, citizen: int, passcode: str) -> None:
        now = self.clock.now()
        async with self.gate, self.database.transaction() as connection:
            stored, tries = await store.lock_passcode(connection, citizen)
            if not stored or not passcode:
                raise errors.PasscodeMissing(field="passcode")
            if wait_s := tries.wait_s(now):
                raise _locked(wait_s)
            is_right = await self.passwords.is_right(stored, passcode)
            after = tries.after_right() if is_right else tries.after_wrong(now)
            if after != tries:
                await store.count_passcode(connection, citizen, after)
        if is_right:
            return
        if wait_s := after.wait_s(now):
            raise _locked(wait_s)
        raise errors.PasscodeWrong(field="passcode", tries_left=after.left())

    async def confirm(self, citizen: int, *, key: str, passcode: str, about: str = "") -> str:
        """Confirm the request with an idempotency key, about a matter if that is said, by passcode; give the confirmation. Raises like `check_passcode`."""
        await self.check_passcode(citizen, passcode)
        return self.confirmations.grant(citizen, key, Strength.PASSCODE, about=about)

    async def set_passcode(self, citizen: int, *, old: str, new: str, session: int = 0) -> None:
        """Replace the passcode, or set the first one (then `old` is not looked at). Raises like `check_passcode`, `PasscodeWeak`.

        Every session of the person ends but the one in which this is done.
        """
        rules.check_passcode_strength(new)
        if (await self.citizen(citizen)).has_passcode:
            await self.check_passcode(citizen, old)
        hashed = await self.passwords.hash(new)
        async with self.database.transaction() as connection:
            ended = await self.write_passcode(connection, citizen, hashed, session=session)
        self.devices.remember(ended)

    async def write_passcode(
        self, connection: Connection, citizen: int, hashed: str, *, session: int
    ) -> Sequence[Ended]:
        """Write a new passcode's hash in the caller's transaction, as its last step; give which sessions ended, to be remembered."""
        now = self.clock.now()
        bucket = await store.set_passcode(connection, citizen, hashed)
        ended = await self.devices.end_others_within(connection, citizen, keep=session)
        await outbox.publish(connection, bucket, [News("passcode_changed", citizen, {})], at=now)
        deed = own_deed("passcode_set", citizen, sessions_ended=[one.session for one in ended])
        await audit.write(connection, [deed], at=now)
        return ended

    async def set_language(self, citizen: int, language: str) -> None:
        """Keep the language in which the city speaks to a citizen. Raises `LanguageUnknown`."""
        known = rules.read_language(language)
        async with self.database.connection() as connection:
            await store.set_language(connection, citizen, known)

    # --- founding

    async def found(self, people: Sequence[FoundingCitizen]) -> list[Citizen]:
        """Found citizens whose identity was checked elsewhere, with their wallets; give them in order.

        May be repeated and resumed: who is there already stays as is. One transaction per bucket, a few statements each.
        Raises `IdNumberInvalid` and its like for data that cannot be, `BrokenInvariantError` when a phone is someone else's.
        """
        checked = [self._check_founding(person) for person in people]
        hashes = [self.records.id_number_hash(person.id_number) for person in checked]
        async with self.database.connection() as connection:
            known = await store.citizens_by_id_number(connection, hashes)
            buckets = await ledger.bucket_count(connection)
        rows = await self._founding_rows(checked, hashes, known, buckets=buckets)
        by_bucket: dict[int, list[CitizenRow]] = defaultdict(list)
        for row in rows:
            by_bucket[row.bucket].append(row)
        for bucket, members in sorted(by_bucket.items()):
            await self._found_bucket(bucket, members, known)
        return [self.records.open(row) for row in rows]

    def _check_founding(self, person: FoundingCitizen) -> FoundingCitizen:
        return replace(
            person,
            name=rules.read_name(person.name),
            id_number=rules.read_id_number(person.id_number, today=self._today()),
            phone=rules.read_phone(person.phone),
            language=rules.read_language(person.language),
        )

    async def _founding_rows(
        self,
        people: Sequence[FoundingCitizen],
        hashes: Sequence[bytes],
        known: Mapping[bytes, CitizenRow],
        *,
        buckets: int,
    ) -> list[CitizenRow]:
        now = self.clock.now()
        rows = []
        for identity, person, id_number_hash in zip(self.ids.take(len(people)), people, hashes, strict=True):
            if id_number_hash in known:
                rows.append(known[id_number_hash])
                continue
            passcode = await self.passwords.hash(person.passcode) if person.passcode else ""
            rows.append(self.records.seal(identity, person, buckets=buckets, passcode=passcode, now=now))
        return rows

    async def _found_bucket(self, bucket: int, rows: Sequence[CitizenRow], known: Mapping[bytes, CitizenRow]) -> None:
        fresh = [row for row in rows if row.id_number_hash not in known]
        async with self.database.transaction() as connection:
            if await store.insert_citizens(connection, fresh) != len(fresh):
                raise BrokenInvariantError(f"two citizens of bucket {bucket} share a phone or an ID number")
            await check_store.put(connection, [check for row in fresh for check in _founded_checks(row)])
            await ledger.open_accounts(connection, bucket, [wallet_account(row) for row in rows])

    async def forget_expired(self) -> None:
        """Delete one-time codes, ended sessions and old sign-ins that no longer matter."""
        await self.codes.forget_expired()
        await self.devices.forget_old()
        async with self.database.connection() as connection:
            await forget_expired(connection, self.clock.now())

    def _today(self) -> date:
        return service_day(self.clock.now())


def _founded_checks(row: CitizenRow) -> list[Check]:
    """Write down by whom a founded citizen was checked before the founding, as the class says."""
    law = read_law().on(service_day(row.registered_at))
    heard = founded(CitizenClass(row.citizen_class), law)
    return [Check(row.id, said, row.registered_at, Origin.FOUNDING) for said in heard]


def _locked(wait_s: int) -> errors.PasscodeLocked:
    return errors.PasscodeLocked(field="passcode", retry_after_s=wait_s, wait_minutes=-(-wait_s // 60))


def build_people(
    base: Foundation,
    *,
    registry: Registry,
    sms: Sms,
    settings: PeopleRules,
    operator: PhoneOperator | None = None,
    offices: Offices | None = None,
    clearing: ClearingHouse | None = None,
    demo: DemoRegistry | None = None,
) -> People:
    """Put the service together; `demo` is the registry that can make people up, in a demo only."""
    sources = Sources(registry, operator, offices, clearing)
    records = Records(base.vault)
    codes = Codes(base.database, base.clock, base.vault, sms, settings)
    sessions = Sessions(base.tokens, base.clock, base.ids, base.revocations, settings.session_lifetime)
    devices = build_devices(base, sessions)
    registrar = Registrar(
        database=base.database,
        clock=base.clock,
        ids=base.ids,
        records=records,
        passwords=base.passwords,
        codes=codes,
        sources=sources,
        devices=devices,
        audit=base.audit,
    )
    return People(
        database=base.database,
        clock=base.clock,
        ids=base.ids,
        records=records,
        passwords=base.passwords,
        codes=codes,
        sessions=sessions,
        sources=sources,
        registrar=registrar,
        rules=settings,
        confirmations=base.confirmations,
        devices=devices,
        audit=base.audit,
        demo=demo,
    )
