"""What people do to be tied to one another: invite by phone number, accept, end; and what others ask before they act on it.

Both sides confirm: the inviter sees the masked name and says that it is right, the invited accepts. Either ends it at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from haihe.base import audit, outbox
from haihe.base.audit import Actor, Audit, Deed
from haihe.base.clock import Clock, service_day
from haihe.base.database import Connection, Database
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.outbox import News
from haihe.people.family import errors, rules, store
from haihe.people.family.model import (
    CHILD_YEARS,
    GUARDIANS_MAX,
    INVITATION_LIFETIME,
    ROLE_WORDS,
    TIES_MAX,
    Family,
    Invitation,
    Invitee,
    Role,
    SeenTie,
    State,
    Tie,
)
from haihe.people.model import Citizen
from haihe.people.rules import read_phone
from haihe.people.service import People

OWN_ROLES: Final = (Role.RELATIVE, Role.HELPER)
"""Roles that a person gives about the own bills and wallet."""
WITH_PASSCODE: Final = frozenset({Role.GUARDIAN, Role.HELPER})
"""Roles that are given with the payment passcode: they reach money."""


@dataclass(frozen=True)
class Families:
    """Who is tied to whom."""

    database: Database
    clock: Clock
    ids: Ids
    audit: Audit
    people: People

    # --- seeing

    async def family(self, person: int) -> Family:
        """Give everything that ties a person to others, with the names that this person may see."""
        async with self.database.connection() as connection:
            ties = await store.of_person(connection, person)
        now, today = self.clock.now(), self.today()
        living = [one for one in ties if one.holds(today) or (one.state is State.INVITED and now < one.answer_by)]
        seen = await self._seen(person, living)
        return Family(
            children=[one for one in seen if one.tie.role is Role.GUARDIAN and _is_linked(one, member=person)],
            guardians=[one for one in seen if one.tie.role is Role.GUARDIAN and one.tie.member != person],
            mine=[one for one in seen if one.tie.role in OWN_ROLES and one.tie.owner == person],
            others=[one for one in seen if one.tie.role in OWN_ROLES and _is_linked(one, member=person)],
            invitations=[one for one in seen if one.tie.state is State.INVITED and one.tie.member == person],
        )

    async def seen(self, person: int, tie: Tie) -> SeenTie:
        """Give a tie with the names that this person may see."""
        return (await self._seen(person, [tie]))[0]

    async def _seen(self, person: int, ties: Sequence[Tie]) -> list[SeenTie]:
        people = await self.people.citizens(list({who for tie in ties for who in (tie.owner, tie.member)}))
        children = {one.owner for one in ties if one.role is Role.GUARDIAN and one.member == person}
        children -= {one.owner for one in ties if one.state is State.INVITED and one.member == person}
        names = {key: one.name if key in children | {person} else one.masked_name for key, one in people.items()}
        return [SeenTie(tie, names[tie.owner], names[tie.member]) for tie in ties]

    async def tie(self, identity: int, *, member: int, role: Role) -> Tie:
        """Read a tie that allows its member something now. Raises `TieUnknown`."""
        async with self.database.connection() as connection:
            tie = await store.by_id(connection, identity)
        if tie is None or (tie.member, tie.role) != (member, role) or not tie.holds(self.today()):
            raise errors.TieUnknown
        return tie

    async def ties_of(self, person: int) -> list[Tie]:
        """Give the ties by which a person may pay for others, or act for them, now."""
        async with self.database.connection() as connection:
            ties = await store.of_member(connection, person, OWN_ROLES)
        return [one for one in ties if one.holds(self.today())]

    # --- inviting

    async def invitee(self, inviter: int, phone: str) -> Invitee:
        """Say who would be invited, masked. Raises `PhoneInvalid`, `PersonUnknown`, `PersonIsSelf`.

        A number that nobody has costs as much as one whose owner cannot be invited, and is answered alike.
        """
        found = await self.people.find(read_phone(phone))
        looked_at = found or await self.people.citizen(inviter)
        is_child = rules.is_child(looked_at.birth_date, self.today())
        if found is not None and found.id == inviter:
            raise errors.PersonIsSelf(field="phone")
        if found is None or is_child:
            raise errors.PersonUnknown(field="phone")
        return Invitee(found.id, found.masked_name)

    async def invite(self, invitation: Invitation) -> Tie:
        """Invite somebody; inviting the same person twice gives the invitation that waits.

        Raises `NotOfAge`, `ChildUnknown`, `TermsInvalid`, the refusals of `invitee`, `PersonChanged`, the passcode's, then
        `TiedAlready`, `GuardiansFull`, `TiesFull`.
        """
        deed = Deed(
            action="family_invited",
            actor=Actor.CITIZEN,
            actor_id=invitation.inviter,
            subject=invitation.owner,
            details={"role": ROLE_WORDS[invitation.role]},
        )
        async with self.audit.attempt(deed):
            inviter, invitee = await self._checked(invitation)
            return await self.database.repeat(lambda connection: self._invite(connection, invitation, inviter, invitee))

    async def check(self, invitation: Invitation) -> Invitee:
        """Say who would be invited, before anybody is asked to confirm. Raises like `invite` up to the name."""
        rules.check_of_age(await self.people.citizen(invitation.inviter), self.today())
        rules.check_terms(invitation.role, invitation.terms, today=self.today())
        return await self.invitee(invitation.inviter, invitation.phone)

    async def _checked(self, invitation: Invitation) -> tuple[Citizen, Citizen]:
        invitee = await self.check(invitation)
        inviter = await self.people.citizen(invitation.inviter)
        if invitation.expects not in {"", invitee.name}:
            raise errors.PersonChanged
        if invitation.role in WITH_PASSCODE:
            await self.people.check_passcode(invitation.inviter, invitation.passcode)
        return inviter, await self.people.citizen(invitee.id)

    async def _invite(self, connection: Connection, asked: Invitation, inviter: Citizen, invitee: Citizen) -> Tie:
        now, today = self.clock.now(), self.today()
        await store.lock_person(connection, asked.owner)
        await store.end_stale(connection, asked.owner, now=now, today=today)
        tie = Tie(
            id=self.ids.next(),
            role=asked.role,
            state=State.INVITED,
            owner=asked.owner,
            member=invitee.id,
            inviter=inviter.id,
            terms=rules.check_terms(asked.role, asked.terms, today=today),
            invited_at=now,
            answer_by=now + INVITATION_LIFETIME,
            linked_at=None,
        )
        await self._check_authority(connection, tie)
        if known := await self._there(connection, tie):
            return known
        await self._check_room(connection, tie)
        await store.insert(connection, tie)
        word = ROLE_WORDS[tie.role]
        news = News("family_invited", invitee.id, {"by_name_masked": inviter.masked_name, "role": word})
        await outbox.publish(connection, invitee.bucket, [news], at=now)
        await audit.write(connection, [_deed("family_invited", inviter.id, tie)], at=now)
        return tie

    async def _there(self, connection: Connection, tie: Tie) -> Tie | None:
        """Give the same invitation that waits already. Raises `TiedAlready` where they are linked, or invited to something else."""
        known = await store.living(connection, owner=tie.owner, member=tie.member, role=tie.role)
        if known is None:
            return None
        if known.state is State.INVITED and (known.inviter, known.terms) == (tie.inviter, tie.terms):
            return known
        raise errors.TiedAlready(field="phone")

    async def _check_authority(self, connection: Connection, tie: Tie) -> None:
        """Let a guardian invite to the child, anybody to the own bills and wallet. Raises `ChildUnknown`, `TieUnknown`."""
        if tie.role is Role.GUARDIAN:
            own = await store.living(connection, owner=tie.owner, member=tie.inviter, role=Role.GUARDIAN)
            if own is None or own.state is not State.LINKED:
                raise errors.ChildUnknown
        elif tie.owner != tie.inviter:
            raise errors.TieUnknown

    async def _check_room(self, connection: Connection, tie: Tie) -> None:
        if tie.role is Role.GUARDIAN:
            if len(await store.of_owner(connection, tie.owner, (Role.GUARDIAN,))) >= GUARDIANS_MAX:
                raise errors.GuardiansFull
        elif len(await store.of_owner(connection, tie.owner, OWN_ROLES)) >= TIES_MAX:
            raise errors.TiesFull(most=TIES_MAX)

    # --- answering and ending

    async def accept(self, person: int, identity: int) -> Tie:
        """Say yes to an invitation; twice is as once. Raises `TieUnknown`, `InvitationOver`, `GuardiansFull`, `NotOfAge`."""
        member = await self.people.citizen(person)
        rules.check_of_age(member, self.today())
        return await self.database.repeat(lambda connection: self._accept(connection, member, identity))

    async def _accept(self, connection: Connection, member: Citizen, identity: int) -> Tie:
        found = await store.by_id(connection, identity)
        if found is None or found.member != member.id:
            raise errors.TieUnknown
        await store.lock_person(connection, found.owner)
        tie = await store.by_id(connection, identity, lock=True) or found
        now = self.clock.now()
        if tie.state is State.LINKED:
            return tie
        if tie.state is not State.INVITED or now >= tie.answer_by or self.today() > tie.terms.until:
            raise errors.InvitationOver
        place = 0
        if tie.role is Role.GUARDIAN:
            place = await self._place_of_guardian(connection, tie)
        await store.link(connection, tie, place=place, now=now)
        await self._tell(connection, tie, "family_linked")
        await audit.write(connection, [_deed("family_linked", member.id, tie)], at=now)
        return replace(tie, state=State.LINKED, linked_at=now)

    async def _place_of_guardian(self, connection: Connection, tie: Tie) -> int:
        if not await store.is_in_care(connection, tie.owner):
            raise errors.InvitationOver
        place = await store.free_place(connection, tie.owner)
        if not place:
            raise errors.GuardiansFull
        return place

    async def end(self, person: int, identity: int) -> None:
        """End a tie: decline or take back an invitation, leave or revoke a link; it holds from this moment on, and twice is as once.

        Raises `TieUnknown`, `LastGuardian`.
        """
        await self.database.repeat(lambda connection: self._end(connection, person, identity))

    async def _end(self, connection: Connection, person: int, identity: int) -> None:
        found = await store.by_id(connection, identity)
        if found is None or not _may_end(person, found):
            raise errors.TieUnknown
        await store.lock_person(connection, found.owner)
        tie = await store.by_id(connection, identity, lock=True) or found
        if tie.state not in {State.INVITED, State.LINKED}:
            return
        if tie.role is Role.GUARDIAN and tie.state is State.LINKED and await self._is_last(connection, tie):
            raise errors.LastGuardian
        is_declined = tie.state is State.INVITED and person == tie.member
        now = self.clock.now()
        await store.end(connection, tie, State.DECLINED if is_declined else State.ENDED, now=now)
        if tie.role is Role.GUARDIAN:
            await store.drop_code(connection, tie.owner)
        await self._tell(connection, tie, "family_ended")
        await audit.write(connection, [_deed("family_ended", person, tie)], at=now)

    async def _is_last(self, connection: Connection, tie: Tie) -> bool:
        if not await store.is_in_care(connection, tie.owner):
            return False
        others = await store.of_owner(connection, tie.owner, (Role.GUARDIAN,))
        return not any(one.state is State.LINKED and one.id != tie.id for one in others)

    async def _tell(self, connection: Connection, tie: Tie, kind: str) -> None:
        """Tell both ends of a tie; for a child's guardian, the child and who invited."""
        people = await self.people.citizens(list({tie.owner, tie.member, tie.inviter}))
        word, now = ROLE_WORDS[tie.role], self.clock.now()
        hearers = {tie.owner: tie.member, tie.member: tie.owner, tie.inviter: tie.member}
        hearers[tie.member] = tie.owner
        for bucket in sorted({people[one].bucket for one in hearers}):
            news = [
                News(
                    kind,
                    who,
                    {"role": word} | ({"name_masked": people[of].masked_name} if kind == "family_linked" else {}),
                )
                for who, of in hearers.items()
                if people[who].bucket == bucket
            ]
            await outbox.publish(connection, bucket, news, at=now)

    def today(self) -> date:
        """Tell the city's day."""
        return service_day(self.clock.now())

    def check_child(self, citizen: Citizen) -> Citizen:
        """Give a citizen who is a child. Raises `ChildUnknown`."""
        if not rules.is_child(citizen.birth_date, self.today()):
            raise errors.ChildUnknown(years=CHILD_YEARS)
        return citizen


def _is_linked(seen: SeenTie, *, member: int) -> bool:
    return seen.tie.state is State.LINKED and seen.tie.member == member


def _may_end(person: int, tie: Tie) -> bool:
    """Tell who may end it: the member, the owner; where that is a child, who invited, as long as nobody has answered."""
    if person == tie.member or (person == tie.owner and tie.role is not Role.GUARDIAN):
        return True
    return tie.role is Role.GUARDIAN and tie.state is State.INVITED and person == tie.inviter


def _deed(action: str, person: int, tie: Tie) -> Deed:
    """Write down who did what to a tie; it is about its owner."""
    details = {"tie": str(tie.id), "role": ROLE_WORDS[tie.role], "member": str(tie.member)}
    return Deed(action=action, actor=Actor.CITIZEN, actor_id=person, subject=tie.owner, details=details)


def build_families(base: Foundation, people: People) -> Families:
    """Put the service together."""
    return Families(base.database, base.clock, base.ids, base.audit, people)
