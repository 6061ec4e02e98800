"""What is done with requests: asked, decided by somebody else, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.database import Connection
from haihe.base.foundation import Foundation
from haihe.organisations import store as staff_store
from haihe.organisations.approvals import errors, store
from haihe.organisations.approvals.model import LIFETIME, Approval, Content, Done, Kind, Status, digest_of, written
from haihe.organisations.model import RIGHTS, Right, Role
from haihe.web.guards import Staff
from haihe.web.problem import NotAllowed

LISTED: Final = 100
VERBS: Final[Mapping[Status, str]] = {
    Status.APPROVED: "approval_given",
    Status.REFUSED: "approval_refused",
    Status.WITHDRAWN: "approval_withdrawn",
}
"""The deed of each decision."""


@dataclass(frozen=True)
class Approvals:
    """All kinds of changes that need two people."""

    base: Foundation
    kinds: Mapping[str, Kind]

    async def ask(self, staff: Staff, kind: str, content: Content) -> Approval:
        """Ask for a change; where the same is asked for already, that request is given. Raises `NotAllowed`."""
        _insist(staff.role, self.kinds[kind].asks)
        async with self.base.database.transaction() as connection:
            return await self.ask_within(connection, staff, kind, content)

    async def ask_within(self, connection: Connection, staff: Staff, kind: str, content: Content) -> Approval:
        """Ask in the caller's transaction, as its last statement."""
        now, text = self.base.clock.now(), written(content)
        digest = digest_of(staff.organisation, kind, text)
        one = Approval(
            self.base.ids.next(), staff.organisation, staff.person, 0, now, now + LIFETIME, now,
            Status.OPEN, kind, text, digest,
        )  # fmt: skip
        if not await store.insert(connection, one):
            known = await store.find_open(connection, staff.organisation, digest)
            if known is None:
                raise errors.ApprovalDecided
            return known
        await audit.write(connection, [_deed("approval_asked", one, staff)], at=now)
        return one

    async def of_organisation(self, organisation: int) -> Sequence[Approval]:
        """Give an organisation's requests, the open ones first."""
        async with self.base.database.connection() as connection:
            return await store.of_organisation(connection, organisation, limit=LISTED)

    async def find(self, organisation: int, identity: int) -> Approval:
        """Give a request of an organisation. Raises `ApprovalUnknown`."""
        async with self.base.database.connection() as connection:
            found = await store.find(connection, organisation, identity)
        if found is None or found.kind not in self.kinds:
            raise errors.ApprovalUnknown
        return found

    async def decide(self, staff: Staff, identity: int, *, shown: str, status: Status) -> None:
        """Approve, refuse or withdraw a request as it was shown (its hash, hexadecimal); what is approved is made at once.

        Raises `ApprovalUnknown`, `ApprovalDecided`, `ApprovalChanged`, `OwnApproval`, `NotYours`, `NotAllowed`, `AskerGone`, and
        whatever the change itself is refused with: then the request stays open.
        """
        found = await self.find(staff.organisation, identity)

        async def work(connection: Connection) -> Done | None:
            return await self._decide(connection, staff, identity, shown, status)

        async with self.base.audit.attempt(_deed(VERBS[status], found, staff)):
            done = await self.base.database.repeat(work)
        if done:
            done()

    async def _decide(
        self, connection: Connection, staff: Staff, identity: int, shown: str, status: Status
    ) -> Done | None:
        now = self.base.clock.now()
        one = await store.find(connection, staff.organisation, identity, lock=True)
        if one is None or one.status_at(now) is not Status.OPEN:
            raise errors.ApprovalDecided
        kind = self.kinds[one.kind]
        _judge(one, kind, staff, status)
        if not one.is_whole or shown != one.digest.hex():
            raise errors.ApprovalChanged
        await store.decide(connection, identity, status, by=0 if status is Status.WITHDRAWN else staff.person, now=now)
        done = None
        if status is Status.APPROVED:
            asker = await staff_store.staff_member(connection, one.asked_by)
            if asker is None or kind.asks not in RIGHTS[asker.role]:
                raise errors.AskerGone
            done = await kind.apply(connection, one, staff.person)
        await audit.write(connection, [_deed(VERBS[status], one, staff)], at=now)
        return done


def _judge(one: Approval, kind: Kind, staff: Staff, status: Status) -> None:
    is_own = one.asked_by == staff.person
    if status is Status.WITHDRAWN:
        if not is_own:
            raise errors.NotYours
        return
    _insist(staff.role, kind.decides)
    if is_own:
        raise errors.OwnApproval


def _insist(role: str, right: Right) -> None:
    if right not in RIGHTS[Role(role)]:
        raise NotAllowed


def _deed(action: str, one: Approval, staff: Staff) -> Deed:
    return Deed(
        action=action,
        actor=Actor.STAFF,
        actor_id=staff.person,
        organisation=staff.organisation,
        subject=one.asked_by,
        details={"approval": str(one.id), "kind": one.kind},
    )
