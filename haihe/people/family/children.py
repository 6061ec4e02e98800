"""Children: registered by a guardian under their own name, with a wallet; later with a phone of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from haihe.base import audit, outbox
from haihe.base.audit import Actor, Deed
from haihe.base.database import Connection
from haihe.base.outbox import News
from haihe.base.vault import Vault
from haihe.ledger import service as ledger
from haihe.people import errors as people_errors, store as people_store
from haihe.people.checks import store as check_store
from haihe.people.checks.model import Channel, Check, Person, Said
from haihe.people.devices.model import NO_VISIT, Visit, Way
from haihe.people.family import errors, rules, store
from haihe.people.family.model import (
    CHILD_YEARS,
    CHILDREN_MAX,
    CODE_LIFETIME,
    NewChild,
    Pairing,
    Role,
    State,
    Terms,
    Tie,
)
from haihe.people.family.service import Families
from haihe.people.model import Citizen, FoundingCitizen, SignedIn
from haihe.people.records import wallet_account
from haihe.people.rules import birth_date, read_id_number, read_language, read_name
from haihe.people.service import People

CODE_FIELD: Final = "child code"
GROWN_UP_MAX: Final = 500
"""Children who come of age that one run looks at; the next run takes more."""


@dataclass(frozen=True)
class Children:
    """The children of the city's families."""

    families: Families
    vault: Vault

    @property
    def people(self) -> People:
        """The city's citizens."""
        return self.families.people

    # --- registering

    async def register(self, guardian: int, new: NewChild) -> Citizen:
        """Register a child of class I with a wallet, in the care of who asks; the same child twice is one.

        Raises the refusals of name and ID number, `NotAChild`, `NotOfAge`, `RegistryMismatch`, `RegistryUnavailable`,
        `ChildrenFull`, `IdNumberTaken`.
        """
        deed = Deed(action="child_registered", actor=Actor.CITIZEN, actor_id=guardian, subject=guardian)
        async with self.families.audit.attempt(deed):
            person = self._checked(new)
            rules.check_of_age(await self.people.citizen(guardian), self.families.today())
            said = await self._ask_registry(person)
            return await self.families.database.repeat(
                lambda connection: self._write(connection, guardian, person, said)
            )

    def _checked(self, new: NewChild) -> FoundingCitizen:
        today = self.families.today()
        id_number = read_id_number(new.id_number, today=today)
        if not rules.is_child(birth_date(id_number), today):
            raise errors.NotAChild(field="id_number", years=CHILD_YEARS)
        return FoundingCitizen(
            name=read_name(new.name), id_number=id_number, phone="", language=read_language(new.language)
        )

    async def _ask_registry(self, person: FoundingCitizen) -> Said:
        """Ask the only source that knows children: they have no phone, insurance or house of their own."""
        said = await self.people.sources.insist(Channel.REGISTRY, Person(person.name, person.id_number, ""))
        if not said.is_match:
            raise people_errors.RegistryMismatch(field="id_number")
        return said

    async def _write(self, connection: Connection, guardian: int, person: FoundingCitizen, said: Said) -> Citizen:
        now, records = self.families.clock.now(), self.people.records
        await store.lock_person(connection, guardian)
        row = records.seal(
            self.families.ids.next(), person, buckets=await ledger.bucket_count(connection), passcode="", now=now
        )
        if not await people_store.insert_citizens(connection, [row]):
            return await self._registered(connection, guardian, person)
        if len(await store.of_member(connection, guardian, (Role.GUARDIAN,))) >= CHILDREN_MAX:
            raise errors.ChildrenFull(most=CHILDREN_MAX)
        await check_store.put(connection, [Check(row.id, said, now)])
        await ledger.open_accounts(connection, row.bucket, [wallet_account(row)])
        tie = Tie(
            self.families.ids.next(), Role.GUARDIAN, State.LINKED, row.id, guardian, guardian, Terms(), now, now, now
        )
        await store.insert_child(connection, row.id, of_age_in=birth_date(person.id_number).year + CHILD_YEARS, now=now)
        await store.insert(connection, tie, place=1)
        await outbox.publish(connection, row.bucket, [News("citizen_registered", row.id, {})], at=now)
        await audit.write(connection, [_deed("child_registered", guardian, row.id)], at=now)
        return records.open(row)

    async def _registered(self, connection: Connection, guardian: int, person: FoundingCitizen) -> Citizen:
        """Give the child that is there, to its guardian; nobody else learns more than that the number is taken."""
        hashed = self.people.records.id_number_hash(person.id_number)
        row = (await people_store.citizens_by_id_number(connection, [hashed])).get(hashed)
        tie = await store.living(connection, owner=row.id, member=guardian, role=Role.GUARDIAN) if row else None
        if row is None or tie is None or tie.state is not State.LINKED:
            raise people_errors.IdNumberTaken(field="id_number")
        return self.people.records.open(row)

    # --- in care

    async def in_care(self, guardian: int, child: int) -> Citizen:
        """Give a child to its guardian, who may see and settle its money; who has come of age is nobody's. Raises `ChildUnknown`."""
        async with self.families.database.connection() as connection:
            tie = await store.living(connection, owner=child, member=guardian, role=Role.GUARDIAN)
        if tie is None or tie.state is not State.LINKED:
            raise errors.ChildUnknown
        return self.families.check_child(await self.people.citizen(child))

    async def grown_up(self) -> list[Citizen]:
        """Give children who have come of age and are still written down as children."""
        today = self.families.today()
        async with self.families.database.connection() as connection:
            found = await store.growing_up(connection, today.year, limit=GROWN_UP_MAX)
        citizens = await self.people.citizens(found)
        return [one for one in citizens.values() if not rules.is_child(one.birth_date, today)]

    async def end_care(self, connection: Connection, child: int) -> None:
        """End the care of somebody who has come of age, in the caller's transaction."""
        now = self.families.clock.now()
        await store.lock_person(connection, child)
        for tie in await store.of_owner(connection, child, (Role.GUARDIAN,)):
            await store.end(connection, tie, State.ENDED, now=now)
        await store.drop_code(connection, child)
        await store.end_child(connection, child, now=now)

    # --- a phone of its own

    async def pair(self, guardian: int, child: int) -> Pairing:
        """Make the code with which a child signs in on a phone of its own; it takes the place of an earlier one. Raises `ChildUnknown`."""
        await self.in_care(guardian, child)
        code, now = rules.new_code(), self.families.clock.now()
        async with self.families.database.transaction() as connection:
            await store.put_code(
                connection, child, code_hash=self._hash(code), guardian=guardian, expires_at=now + CODE_LIFETIME
            )
            await audit.write(connection, [_deed("child_code_shown", guardian, child)], at=now)
        return Pairing(code, now + CODE_LIFETIME)

    async def sign_in(self, code: str, visit: Visit = NO_VISIT) -> SignedIn:
        """Sign a child in by the code that its guardian's app shows; it serves once. Raises `PairingCodeWrong`."""
        trying = Deed(action="session_begun", actor=Actor.STRANGER)
        async with self.families.audit.attempt(trying), self.families.database.transaction() as connection:
            taken = await store.take_code(connection, self._hash(rules.read_code(code)))
            if taken is None or taken[1] <= self.families.clock.now():
                raise errors.PairingCodeWrong(field="code")
            child = await self.people.citizen(taken[0])
            return await self.people.devices.begin(connection, child, visit, Way.PAIRING)

    def _hash(self, code: str) -> bytes:
        return self.vault.search_hash(CODE_FIELD, code)


def _deed(action: str, person: int, child: int) -> Deed:
    return Deed(action=action, actor=Actor.CITIZEN, actor_id=person, subject=child)
