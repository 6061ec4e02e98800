"""Adding and removing passkeys, signing in and confirming with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base import audit, outbox
from haihe.base.audit import UNAVAILABLE, Actor, Deed
from haihe.base.clock import Clock
from haihe.base.confirmations import Confirmations, Strength, matter
from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError, Refusal
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.outbox import News
from haihe.base.vault import Vault
from haihe.people import store as people_store
from haihe.people.deeds import own_deed
from haihe.people.devices.model import Visit, Way
from haihe.people.errors import PasscodeMissing
from haihe.people.freezing.service import Freezing
from haihe.people.model import SignedIn
from haihe.people.passkeys import ceremony, challenges, errors, store
from haihe.people.passkeys.ceremony import Options, Said, User
from haihe.people.passkeys.challenges import Challenges
from haihe.people.passkeys.model import NAME_CHARACTERS_MAX, PASSKEYS_MAX, Order, Party, Passkey
from haihe.people.passkeys.places import Places
from haihe.people.passkeys.store import PasskeyRow
from haihe.people.service import People
from haihe.people.store import CitizenRow

TO_ADD: Final = "add a passkey"
"""The key of the confirmation with which a passkey is added."""
HANDLE_BYTES: Final = 16


@dataclass(frozen=True)
class Passkeys:
    """Citizens' passkeys."""

    database: Database
    clock: Clock
    ids: Ids
    vault: Vault
    confirmations: Confirmations
    people: People
    freezing: Freezing
    places: Places
    challenges: Challenges

    # --- adding and removing

    async def begin(self, citizen: int, *, passcode: str) -> str:
        """Let the owner, who knows the passcode, add a passkey; give the confirmation for `ask_to_make` and `add`.

        Raises like `People.check_passcode`, `WalletFrozen`: who finds a phone that is signed in makes no key for larger payments.
        """
        await self.freezing.refuse_frozen(citizen)
        return await self.people.confirm(citizen, key=TO_ADD, passcode=passcode)

    async def ask_to_make(self, citizen: int, party: Party) -> Options:
        """Ask the browser for a new passkey. Raises `PasskeysTooMany`."""
        person = await self.people.citizen(citizen)
        async with self.database.connection() as connection:
            rows = await store.of(connection, citizen)
        if len(rows) >= PASSKEYS_MAX:
            raise errors.PasskeysTooMany
        user = User(self._handle(citizen), person.masked_phone, f"{person.masked_name} {person.masked_phone}")
        challenge = self.challenges.make(challenges.to_register(citizen))
        return ceremony.ask_to_make(party, user, challenge, known=[row.credential for row in rows])

    async def add(self, citizen: int, *, name: str, text: str, confirmation: str, party: Party) -> Passkey:
        """Keep a passkey that the browser made (`text`, JSON). Raises the refusals of passkeys, `PasscodeMissing`, `WalletFrozen`."""
        async with self.people.audit.attempt(own_deed("passkey_added", citizen)):
            named = _read_name(name)
            if self.confirmations.read(citizen, TO_ADD, confirmation, about="") is Strength.NONE:
                raise PasscodeMissing(field="passcode")
            await self.freezing.refuse_frozen(citizen)
            said = ceremony.read_made(text)
            expires_at = self.challenges.check(said.challenge, challenges.to_register(citizen))
            made = ceremony.check_made(said, party)
            async with self.database.transaction() as connection:
                if not await store.use_challenge(connection, said.challenge, expires_at):
                    raise errors.PasskeyReplayed
                person = await _person(connection, citizen)
                now = self.clock.now()
                sealed = self.vault.unlock(person.data_key, citizen).seal("passkey", named)
                row = PasskeyRow(
                    self.ids.next(), citizen, made.credential, made.public_key, made.counter, sealed, now, now
                )
                if not await store.insert(connection, row):
                    raise errors.PasskeyTaken
                await outbox.publish(connection, person.bucket, [News("passkey_added", citizen, {})], at=now)
                await audit.write(connection, [own_deed("passkey_added", citizen, passkey=str(row.id))], at=now)
        return Passkey(row.id, named, now, now)

    async def remove(self, citizen: int, passkey: int) -> None:
        """Forget a passkey of the person. Raises `PasskeyUnknown`."""
        async with self.database.transaction() as connection:
            if not await store.drop(connection, passkey, citizen):
                raise errors.PasskeyUnknown
            await audit.write(
                connection, [own_deed("passkey_removed", citizen, passkey=str(passkey))], at=self.clock.now()
            )

    async def of(self, citizen: int) -> Sequence[Passkey]:
        """Give a person's passkeys, the oldest first."""
        async with self.database.connection() as connection:
            person = await _person(connection, citizen)
            rows = await store.of(connection, citizen)
        own = self.vault.unlock(person.data_key, citizen)
        return [Passkey(row.id, own.open("passkey", row.name), row.added_at, row.used_at) for row in rows]

    # --- signing in

    def ask_to_sign_in(self, party: Party) -> Options:
        """Ask the browser for an answer by any passkey that it keeps for this city. Asks nobody and stores nothing."""
        return ceremony.ask_to_answer(party, self.challenges.make(challenges.SIGN_IN))

    async def sign_in(self, text: str, *, party: Party, visit: Visit) -> SignedIn:
        """Sign in by a passkey's answer (JSON). Raises the refusals of passkeys; all are noted."""
        owner = 0
        try:
            said = ceremony.read_answer(text)
            async with self.database.connection() as connection:
                owner = await store.owner(connection, said.credential)
            async with self.database.transaction() as connection:
                row = await self._answered(connection, said, party, challenges.SIGN_IN)
                person = await _person(connection, row.citizen)
                citizen = self.people.records.open(person)
                return await self.people.devices.begin(connection, citizen, visit, Way.PASSKEY)
        except Refusal as refusal:
            if refusal.status != UNAVAILABLE:
                deed = Deed(action="session_begun", actor=Actor.STRANGER, subject=owner, outcome=refusal.code)
                await self.people.audit.note(deed)
            raise

    # --- confirming

    async def ask_to_confirm(self, citizen: int, order: Order, party: Party) -> Options | None:
        """Ask the browser to have a request confirmed by one of the person's passkeys; None where there is none."""
        return await self._ask(citizen, challenges.to_confirm(citizen, order), party)

    async def confirm(self, citizen: int, order: Order, text: str, *, party: Party) -> str:
        """Confirm a request by a passkey's answer (JSON); give the confirmation. Raises the refusals of passkeys; all are noted."""
        async with self.people.audit.attempt(own_deed("request_confirmed", citizen)):
            await self.prove(citizen, challenges.to_confirm(citizen, order), text, party=party)
        return self.confirmations.grant(citizen, order.key, Strength.PASSKEY, about=matter(order.code, order.amount))

    async def ask_to_reset(self, citizen: int, party: Party) -> Options | None:
        """Ask the browser to prove by a passkey who wants another passcode; None where there is none."""
        return await self._ask(citizen, challenges.to_reset(citizen), party)

    async def prove(self, citizen: int, purpose: str, text: str, *, party: Party) -> None:
        """Have a person proved by a passkey's answer to a challenge of one purpose. Raises the refusals of passkeys."""
        said = ceremony.read_answer(text)
        async with self.database.transaction() as connection:
            await self._answered(connection, said, party, purpose, owner=citizen)

    async def _ask(self, citizen: int, purpose: str, party: Party) -> Options | None:
        async with self.database.connection() as connection:
            rows = await store.of(connection, citizen)
        known = [row.credential for row in rows]
        return ceremony.ask_to_answer(party, self.challenges.make(purpose), known=known) if known else None

    async def _answered(
        self, connection: Connection, said: Said, party: Party, purpose: str, *, owner: int | None = None
    ) -> PasskeyRow:
        """Check an answer and use its challenge up, in the caller's transaction."""
        expires_at = self.challenges.check(said.challenge, purpose)
        row = await store.lock(connection, said.credential)
        if row is None or owner not in (None, row.citizen):
            raise errors.PasskeyUnknown
        if said.handle and said.handle != self._handle(row.citizen):
            raise errors.PasskeyInvalid
        if not await store.use_challenge(connection, said.challenge, expires_at):
            raise errors.PasskeyReplayed
        counter = ceremony.check_answer(said, party, row.public_key, counter=row.counter)
        await store.used(connection, row.id, counter=counter, at=self.clock.now())
        return row

    def _handle(self, citizen: int) -> bytes:
        """Give the mark by which a device files a person's passkey: it tells nothing."""
        return self.vault.search_hash("passkey user", str(citizen))[:HANDLE_BYTES]

    async def forget_challenges(self) -> None:
        """Delete used challenges that nobody could use again anyway."""
        async with self.database.connection() as connection:
            await store.forget_challenges(connection, self.clock.now())


def _read_name(name: str) -> str:
    named = " ".join(name.split())
    if not 0 < len(named) <= NAME_CHARACTERS_MAX or not named.isprintable():
        raise errors.PasskeyNameInvalid(field="name")
    return named


async def _person(connection: Connection, citizen: int) -> CitizenRow:
    row = await people_store.citizen_by_id(connection, citizen)
    if row is None:
        raise BrokenInvariantError(f"citizen {citizen} does not exist")
    return row


def build_passkeys(base: Foundation, people: People, freezing: Freezing, *, base_url: str) -> Passkeys:
    """Put the service together; `base_url` is how people reach the city."""
    return Passkeys(
        base.database,
        base.clock,
        base.ids,
        base.vault,
        base.confirmations,
        people,
        freezing,
        Places(base_url),
        Challenges(base.vault, base.clock),
    )
