"""Visits: a clerk finds a person, proves who it is, and only then does something for them.

Finding is a look at somebody's data: it is a deed, and the person hears of it. What was proved lasts as long as the visit.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from haihe.base import audit, outbox
from haihe.base.outbox import News
from haihe.payments.desk import store
from haihe.payments.desk.cash import CashDesk
from haihe.payments.desk.deeds import deed_of
from haihe.payments.desk.errors import FaceNotCompared, NotOnTheCard, NotProved, PersonUnknown, VisitOver
from haihe.payments.desk.model import VISIT, FoundBy, Served, Visit
from haihe.payments.desk.reversals import CashReversals
from haihe.people import rules, store as people_store
from haihe.people.checks.service import build_identities
from haihe.people.errors import PhoneInvalid
from haihe.people.freezing.model import at_counter
from haihe.people.freezing.service import build_freezing
from haihe.people.model import CodeAsked, Purpose

if TYPE_CHECKING:
    from haihe.base.foundation import Foundation
    from haihe.payments.paper.service import PaperCards
    from haihe.people.checks.model import CardBox
    from haihe.people.checks.service import Identities
    from haihe.people.freezing.service import Freezing
    from haihe.people.service import People
    from haihe.web.guards import Staff

SEEN: Final = "person_seen"


@dataclass(frozen=True)
class Desk:
    """What clerks do with people who come in person; cash and cards have services of their own."""

    base: Foundation
    people: People
    identities: Identities
    freezing: Freezing
    papers: PaperCards
    cash: CashDesk
    reversals: CashReversals

    async def find(self, staff: Staff, number: str) -> Visit:
        """Find a person by the whole ID number or phone number, and open a visit. Raises `PersonUnknown`."""
        async with self.base.audit.attempt(deed_of(staff, SEEN, 0)):
            citizen = await self.people.find(number)
            if citizen is None:
                raise PersonUnknown(field="number")
        found_by = FoundBy.PHONE if _is_phone(number) else FoundBy.ID_NUMBER
        now = self.base.clock.now()
        visit = Visit(self.base.ids.next(), staff.organisation, staff.person, citizen.id, citizen.bucket, now, found_by)
        async with self.base.database.transaction() as connection:
            await store.put_visit(connection, visit)
            news = News(SEEN, citizen.id, {"organisation": str(staff.organisation), "action": "service"})
            await outbox.publish(connection, citizen.bucket, [news], at=now)
            details = {"visit": str(visit.id), "by": found_by.name.lower()}
            await audit.write(connection, [deed_of(staff, SEEN, citizen.id, **details)], at=now)
        return visit

    async def served(self, staff: Staff, identity: int) -> Served:
        """Give a visit of the clerk's own with its person. Raises `VisitOver`."""
        async with self.base.database.connection() as connection:
            visit = await store.visit(connection, identity)
        is_own = visit is not None and (visit.clerk, visit.organisation) == (staff.person, staff.organisation)
        if visit is None or not is_own or self.base.clock.now() - visit.opened_at > VISIT:
            raise VisitOver
        return Served(visit, await self.people.citizen(visit.citizen))

    async def prove_by_card(self, staff: Staff, served: Served, *, id_number: str, compared: bool) -> Visit:
        """Keep that face and ID card were compared. Who was found by phone is proved by the number on the card.

        Raises `NotOnTheCard`, `FaceNotCompared`.
        """
        visit = served.visit
        async with self.base.audit.attempt(deed_of(staff, "person_proved", visit.citizen, by="card")):
            read = "".join(id_number.split()).upper()
            fits = hmac.compare_digest(read.encode(), served.citizen.id_number.encode())
            if visit.found_by is FoundBy.PHONE and not fits:
                raise NotOnTheCard(field="id_number")
            if not compared:
                raise FaceNotCompared(field="compared")
        return await self._prove(staff, replace(visit, card_seen=True), by="card")

    async def ask_code(self, served: Served) -> CodeAsked:
        """Send a code to the person's phone. Raises `CodeTooSoon`, `Unreachable`."""
        citizen = served.citizen
        return await self.people.codes.ask(citizen.phone, Purpose.COUNTER, language=citizen.language)

    async def prove_by_code(self, staff: Staff, served: Served, code: str) -> Visit:
        """Keep that the person has the phone. Raises `CodeWrong`, `CodeExpired`, `CodeUsed`."""
        visit, phone = served.visit, served.citizen.phone
        async with self.base.audit.attempt(deed_of(staff, "person_proved", visit.citizen, by="code")):
            await self.people.codes.check(phone, Purpose.COUNTER, code)
            async with self.base.database.transaction() as connection:
                await self.people.codes.use(connection, phone, Purpose.COUNTER, code)
        return await self._prove(staff, replace(visit, code_told=True), by="code")

    async def _prove(self, staff: Staff, visit: Visit, *, by: str) -> Visit:
        async with self.base.database.transaction() as connection:
            await store.prove(connection, visit.id, card_seen=visit.card_seen, code_told=visit.code_told)
            deed = deed_of(staff, "person_proved", visit.citizen, by=by, visit=str(visit.id))
            await audit.write(connection, [deed], at=self.base.clock.now())
        return visit

    async def check_identity(self, staff: Staff, served: Served) -> None:
        """Keep that the identity was checked face to face, which may raise the class. Raises `NotProved` unless the card was seen."""
        visit = served.visit
        async with self.base.audit.attempt(deed_of(staff, "identity_checked", visit.citizen)):
            if not visit.card_seen:
                raise NotProved
        await self.identities.face_to_face(visit.citizen, staff=staff)

    async def freeze(self, staff: Staff, served: Served) -> None:
        """Freeze the wallet: every way of paying and every session ends at once. Raises `NotProved`."""
        visit = served.visit
        async with self.base.audit.attempt(deed_of(staff, "wallet_frozen", visit.citizen)):
            insist_on_proof(visit)
        await self.freezing.freeze(visit.citizen, by=at_counter(staff))

    async def release(self, staff: Staff, served: Served) -> None:
        """Release a frozen wallet. Raises `NotProved` unless the card was seen: whoever stole the phone has the code."""
        visit = served.visit
        async with self.base.audit.attempt(deed_of(staff, "wallet_released", visit.citizen)):
            if not visit.card_seen:
                raise NotProved
        await self.freezing.release(visit.citizen, by=at_counter(staff))

    async def set_passcode(self, staff: Staff, served: Served, new: str) -> None:
        """Set another payment passcode, which the person has typed: the card was seen and the code told. Raises `NotProved`, `PasscodeWeak`."""
        visit = served.visit
        action = "passcode_changed"
        async with self.base.audit.attempt(deed_of(staff, action, visit.citizen)):
            if not (visit.card_seen and visit.code_told):
                raise NotProved
            rules.check_passcode_strength(new)
        hashed = await self.people.passwords.hash(new)
        now = self.base.clock.now()
        async with self.base.database.transaction() as connection:
            await people_store.set_passcode(connection, visit.citizen, hashed)
            await outbox.publish(connection, visit.bucket, [News(action, visit.citizen, {})], at=now)
            await audit.write(connection, [deed_of(staff, action, visit.citizen, by="counter")], at=now)


def build_desk(base: Foundation, people: People, *, cards: CardBox, papers: PaperCards) -> Desk:
    """Put the service together; `cards` are the citizens' bank cards, whose banks know people too."""
    identities = build_identities(base, people=people, cards=cards)
    return Desk(base, people, identities, build_freezing(base, people), papers, CashDesk(base), CashReversals(base))


def insist_on_proof(visit: Visit) -> None:
    """Raise `NotProved` as long as it is not known who the person is."""
    if not visit.is_proved:
        raise NotProved


def _is_phone(number: str) -> bool:
    try:
        rules.read_phone(number)
    except PhoneInvalid:
        return False
    return True
