"""What people do: register, sign in, prove themselves by passcode, choose their language."""

from __future__ import annotations

import asyncio
import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from haihe.base import outbox
from haihe.base.clock import Clock, service_day
from haihe.base.confirmations import Confirmations, Strength
from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.outbox import News
from haihe.base.passwords import Passwords, hashing_gate
from haihe.base.revocations import forget_expired
from haihe.ledger import service as ledger
from haihe.outside.http import Unreachable
from haihe.outside.registry import Answer, DemoRegistry, MadeUpPerson, Registry
from haihe.outside.sms import Sms
from haihe.people import errors, rules, store
from haihe.people.codes import Codes
from haihe.people.model import Citizen, CodeAsked, FoundingCitizen, PeopleRules, Purpose, Registration, SignedIn
from haihe.people.records import Records, wallet_account
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
    registry: Registry
    rules: PeopleRules
    confirmations: Confirmations
    demo: DemoRegistry | None = None
    gate: asyncio.Semaphore = field(default_factory=hashing_gate, repr=False)

    async def made_up_person(self) -> MadeUpPerson | None:
        """Make up someone who may register, in a demo; elsewhere None. Raises `RegistryUnavailable`."""
        try:
            return await self.demo.made_up_person() if self.demo else None
        except Unreachable as error:
            raise errors.RegistryUnavailable from error

    # --- codes and sessions

    async def check_code(self, form: Registration) -> None:
        """Check a registration's code without using it up. Raises `CodeWrong`, `CodeExpired`, `CodeUsed`."""
        await self.codes.check(rules.read_phone(form.phone), Purpose.REGISTER, form.code)

    async def ask_code(self, phone: str, purpose: Purpose, *, language: str, limited: bool = True) -> CodeAsked:
        """Send a one-time code. Raises `PhoneInvalid`, `CodeTooSoon`, `Unreachable`; says nothing about who is registered."""
        return await self.codes.ask(rules.read_phone(phone), purpose, language=language, limited=limited)

    async def sign_in(self, *, phone: str, code: str) -> SignedIn:
        """Sign in with phone and code. Raises the code's refusals, then `NotRegistered`."""
        number = rules.read_phone(phone)
        await self.codes.check(number, Purpose.SIGN_IN, code)
        async with self.database.transaction() as connection:
            row = await store.citizen_by_phone(connection, self.records.phone_hash(number))
            if row is None:
                raise errors.NotRegistered(field="phone")
            await self.codes.use(connection, number, Purpose.SIGN_IN, code)
        return self._signed_in(self.records.open(row))

    async def sign_out(self, token: str) -> None:
        """End the session of a token, in every process within about a second."""
        await self.sessions.end(token)

    def issue_token(self, citizen: Citizen, lifetime: timedelta) -> str:
        """Issue a bearer token without a code: for the demo's citizens, whose tokens hold as long as their home."""
        return self.sessions.begin(person=citizen.id, bucket=citizen.bucket, lifetime=lifetime)[0]

    def _signed_in(self, citizen: Citizen) -> SignedIn:
        token, expires_at = self.sessions.begin(
            person=citizen.id, bucket=citizen.bucket, lifetime=self.rules.session_lifetime
        )
        return SignedIn(citizen, token, expires_at)

    # --- registration

    def check_form(self, form: Registration) -> Registration:
        """Give a registration in its usual form. Raises the refusal of the first field that is wrong."""
        return replace(
            self.check_person(form),
            passcode=rules.check_passcode_strength(form.passcode),
            language=rules.read_language(form.language),
        )

    def check_person(self, form: Registration) -> Registration:
        """Check name, ID number, age and phone only, as the first step of a registration does."""
        name, today = rules.read_name(form.name), self._today()
        id_number = rules.read_id_number(form.id_number, today=today)
        rules.check_age(id_number, today=today)
        return replace(form, name=name, id_number=id_number, phone=rules.read_phone(form.phone))

    async def register(self, form: Registration) -> SignedIn:
        """Register a citizen of class I (one check: the population registry) and sign in.

        Raises refusals of the form, the code, then `RegistryMismatch`, `RegistryUnavailable`, `IdNumberTaken`, `PhoneTaken`.
        Nothing is stored and the code stays good unless all is well.
        """
        checked = self.check_form(form)
        await self.codes.check(checked.phone, Purpose.REGISTER, checked.code)
        await self._ask_registry(checked)
        passcode = await self.passwords.hash(checked.passcode)
        person = FoundingCitizen(
            name=checked.name, id_number=checked.id_number, phone=checked.phone, language=checked.language
        )
        async with self.database.transaction() as connection:
            buckets = await ledger.bucket_count(connection)
            now = self.clock.now()
            row = self.records.seal(self.ids.next(), person, buckets=buckets, passcode=passcode, now=now)
            if not await store.insert_citizens(connection, [row]):
                raise await self._taken(connection, row)
            await self.codes.use(connection, checked.phone, Purpose.REGISTER, checked.code)
            await ledger.open_accounts(connection, row.bucket, [wallet_account(row)])
            await outbox.publish(connection, row.bucket, [News("citizen_registered", row.id, {})], at=now)
        return self._signed_in(self.records.open(row))

    async def _ask_registry(self, form: Registration) -> None:
        try:
            answer = await self.registry.check(name=form.name, id_number=form.id_number)
        except Unreachable as error:
            raise errors.RegistryUnavailable from error
        if answer is not Answer.MATCH:
            await self.codes.count_failure(form.phone, Purpose.REGISTER)
            raise errors.RegistryMismatch(field="id_number")

    async def _taken(self, connection: Connection, row: CitizenRow) -> errors.IdNumberTaken | errors.PhoneTaken:
        if await store.citizen_by_phone(connection, row.phone_hash):
            return errors.PhoneTaken(field="phone")
        return errors.IdNumberTaken(field="id_number")

    # --- the citizen

    async def citizen(self, identity: int) -> Citizen:
        """Read a citizen who must exist, decrypted. Raises `BrokenInvariantError`."""
        async with self.database.connection() as connection:
            row = await store.citizen_by_id(connection, identity)
        if row is None:
            raise BrokenInvariantError(f"citizen {identity} does not exist")
        return self.records.open(row)

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
        """Check the payment passcode. Raises `PasscodeMissing`, `PasscodeWrong`, `PasscodeLocked` with the true wait.

        The citizen's row is held meanwhile: tries at once count one by one, and five wrong ones lock. Only a few are hashed at
        once, so that nobody's tries take the city's connections.
        """
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

    async def confirm(self, citizen: int, *, key: str, passcode: str) -> str:
        """Confirm the request with an idempotency key by passcode; give the confirmation. Raises like `check_passcode`."""
        await self.check_passcode(citizen, passcode)
        return self.confirmations.grant(citizen, key, Strength.PASSCODE)

    async def set_passcode(self, citizen: int, *, old: str, new: str) -> None:
        """Replace the passcode, or set the first one (then `old` is not looked at). Raises like `check_passcode`, `PasscodeWeak`."""
        rules.check_passcode_strength(new)
        if (await self.citizen(citizen)).has_passcode:
            await self.check_passcode(citizen, old)
        hashed = await self.passwords.hash(new)
        async with self.database.connection() as connection:
            await store.set_passcode(connection, citizen, hashed)

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
            await ledger.open_accounts(connection, bucket, [wallet_account(row) for row in rows])

    async def forget_expired(self) -> None:
        """Delete one-time codes and ended sessions that no longer matter."""
        await self.codes.forget_expired()
        async with self.database.connection() as connection:
            await forget_expired(connection, self.clock.now())

    def _today(self) -> date:
        return service_day(self.clock.now())


def _locked(wait_s: int) -> errors.PasscodeLocked:
    return errors.PasscodeLocked(field="passcode", retry_after_s=wait_s, wait_minutes=-(-wait_s // 60))


def build_people(
    base: Foundation, *, registry: Registry, sms: Sms, settings: PeopleRules, demo: DemoRegistry | None = None
) -> People:
    """Put the service together; `demo` is the registry that can make people up, in a demo only."""
    return People(
        database=base.database,
        clock=base.clock,
        ids=base.ids,
        records=Records(base.vault),
        passwords=base.passwords,
        codes=Codes(base.database, base.clock, base.vault, sms, settings),
        sessions=Sessions(base.tokens, base.clock, base.ids, base.revocations),
        registry=registry,
        rules=settings,
        confirmations=base.confirmations,
        demo=demo,
    )
