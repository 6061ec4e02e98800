"""What a city knows of its citizens' identity: sources asked one by one, and the class that follows in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from haihe.base import audit, outbox
from haihe.base.audit import Actor, Deed
from haihe.base.clock import Clock, service_day
from haihe.base.database import Connection, Database
from haihe.base.foundation import Foundation
from haihe.base.outbox import News
from haihe.ledger import service as ledger
from haihe.outside.registry import Answer
from haihe.people.checks import rules, store
from haihe.people.checks.errors import MISMATCH
from haihe.people.checks.model import CardBox, Channel, Check, KnownCard, Person, Said, Standing
from haihe.people.checks.sources import Sources
from haihe.people.law.model import Law, Rules, read_law
from haihe.people.model import Citizen
from haihe.people.service import People
from haihe.web.guards import Staff

CHECKED: Final = "identity_checked"
CLASS_CHANGED: Final = "class_changed"


@dataclass(frozen=True)
class Identities:
    """Checks the identity of citizens and gives them the class that it allows."""

    database: Database
    clock: Clock
    people: People
    sources: Sources
    cards: CardBox
    law: Law

    def rules(self) -> Rules:
        """Give the law of today."""
        return self.law.on(service_day(self.clock.now()))

    async def standing(self, citizen: int) -> Standing:
        """Tell a citizen's class, the checks made and what the next class needs."""
        found = await self.people.citizen(citizen)
        async with self.database.connection() as connection:
            checks = await store.of(connection, citizen)
        return rules.standing(found.citizen_class, checks, self.rules())

    async def cards_of(self, citizen: int) -> list[KnownCard]:
        """Give the cards whose banks can be asked."""
        return list(await self.cards.of(citizen))

    async def check(self, citizen: int, channel: Channel, *, card: int = 0) -> Standing:
        """Have one source asked about a citizen, and raise the class where that is enough; the citizen's new standing.

        Who was known there already is not asked about again. `card` is the wallet's number of the card whose bank is asked.
        Raises the channel's mismatch, which is kept, or its silence, which is not; the wallet's refusal of an unknown card.
        """
        person = await self.people.citizen(citizen)
        before = await self.standing(citizen)
        if channel is not Channel.BANK and before.has(channel):
            return before
        number = await self.cards.number(citizen, card) if channel is Channel.BANK else ""
        asked = Person(person.name, person.id_number, person.phone)
        said = await self.sources.insist(channel, asked, card=number)
        after = await self._keep(person, said, Deed(action=CHECKED, actor=Actor.CITIZEN, actor_id=citizen))
        if not said.is_match:
            raise MISMATCH[channel](channel=channel.name.lower())
        return after

    async def face_to_face(self, citizen: int, *, staff: Staff, connection: Connection | None = None) -> Standing:
        """Keep that a member of staff saw the citizen and the ID card: gives class II at once, in the caller's transaction if any.

        May be repeated. In a transaction of the caller's it writes to the audit log, so it comes last there.
        """
        said = Said(Channel.COUNTER, "counter", Answer.MATCH)
        deed = Deed(action=CHECKED, actor=Actor.STAFF, actor_id=staff.person, organisation=staff.organisation)
        person = await self.people.citizen(citizen)
        if connection is None:
            return await self._keep(person, said, deed)
        return await self._keep_in(connection, person, said, deed)

    async def _keep(self, person: Citizen, said: Said, deed: Deed) -> Standing:
        return await self.database.repeat(lambda connection: self._keep_in(connection, person, said, deed))

    async def _keep_in(self, connection: Connection, person: Citizen, said: Said, deed: Deed) -> Standing:
        """Write what was said, and the class that follows with its limits, news and deeds; the citizen is held meanwhile."""
        now = self.clock.now()
        before = await store.lock_class(connection, person.id)
        await store.put(connection, [Check(person.id, said, now)])
        checks = await store.of(connection, person.id)
        after = max(before, rules.allowed(checks, self.rules()) or before)
        outcome = audit.DONE if said.is_match else MISMATCH[said.channel].code
        deeds = [_about(person, deed, outcome=outcome, details={"source": said.source})]
        if after is not before:
            await store.set_class(connection, person.id, after)
            await ledger.classify(connection, person.bucket, person.id, int(after))
            change = {"class": after.name, "before": before.name}
            await outbox.publish(connection, person.bucket, [News(CLASS_CHANGED, person.id, change)], at=now)
            deeds.append(_about(person, deed, action=CLASS_CHANGED, details=change))
        await audit.write(connection, deeds, at=now)
        return rules.standing(after, checks, self.rules())


def _about(
    person: Citizen, deed: Deed, *, details: Mapping[str, object], action: str = "", outcome: str = audit.DONE
) -> Deed:
    return Deed(
        action=action or deed.action,
        actor=deed.actor,
        actor_id=deed.actor_id,
        organisation=deed.organisation,
        subject=person.id,
        outcome=outcome,
        details=details,
    )


def build_identities(base: Foundation, *, people: People, cards: CardBox) -> Identities:
    """Put the service together; whom it asks is what people ask of who registers, and more."""
    return Identities(base.database, base.clock, people, people.sources, cards, read_law())
