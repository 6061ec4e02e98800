"""What is done about school fees: a notice is issued to a class, seen, withdrawn; parents see their children's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.ids import Ids
from haihe.base.vault import Vault
from haihe.payments.dues.model import Due, DueStatus, NewDue
from haihe.payments.dues.service import Dues
from haihe.sectors.education import store
from haihe.sectors.education.errors import ClassEmpty, ClassUnknown, NoticeUnknown
from haihe.sectors.education.model import (
    NUMBER,
    Child,
    NewNotice,
    Pupil,
    PupilRow,
    SchoolClass,
    Standing,
)
from haihe.sectors.education.telling import write_body
from haihe.web.guards import Staff

NOTICES_LISTED: Final = 50
FEES_LISTED: Final = 200


@dataclass(frozen=True)
class Schools:
    """The city's school fees."""

    database: Database
    clock: Clock
    ids: Ids
    vault: Vault
    dues: Dues

    async def classes(self, school: int) -> list[SchoolClass]:
        """Give a school's classes."""
        async with self.database.connection() as connection:
            return await store.classes(connection, school)

    async def standings(self, school: int) -> list[Standing]:
        """Give how a school's newest notices stand."""
        async with self.database.connection() as connection:
            return await store.standings(connection, school, limit=NOTICES_LISTED)

    async def issue(self, school: int, notice: NewNotice, *, issuer: int = 0) -> int:
        """Issue a notice to a class: a due for each pupil, in a constant number of statements; give its number.

        The same form twice is one notice. Raises `ClassUnknown`, `ClassEmpty`.
        """
        async with self.database.transaction() as connection:
            known = await store.notice_of_form(connection, school, notice.form_key)
            if known is not None:
                return known
            found = await store.class_of(connection, school, notice.school_class)
            if found is None:
                raise ClassUnknown
            rows = await store.pupils_of_class(connection, found.id)
            if not rows:
                raise ClassEmpty
            identity = self.ids.next()
            now = self.clock.now()
            if await store.insert_notice(connection, identity, notice, school=school, issuer=issuer, now=now):
                await self._charge(connection, identity, notice, [self._open(row, found.name) for row in rows])
                return identity
            return await store.notice_of_form(connection, school, notice.form_key) or identity

    async def _charge(self, connection: Connection, identity: int, notice: NewNotice, pupils: Sequence[Pupil]) -> None:
        wished = [
            NewDue(
                organisation=pupil.school,
                subject=pupil.id,
                period=str(identity),
                amount=notice.amount,
                due_on=notice.due_on,
                body=write_body(notice, pupil),
            )
            for pupil in pupils
        ]
        await self.dues.issue_within(connection, NUMBER, wished)
        guardians = await store.guardians_of(connection, [pupil.id for pupil in pupils])
        await self.dues.follow_within(connection, NUMBER, guardians)

    async def notice(self, school: int, notice: int) -> tuple[Standing, list[tuple[Pupil, Due]]]:
        """Give a notice with its pupils: who has not paid comes first. Raises `NoticeUnknown`."""
        async with self.database.connection() as connection:
            standing = await store.standing(connection, school, notice)
            if standing is None:
                raise NoticeUnknown
            dues = {due.subject: due for due in await self._dues_of(connection, standing)}
            rows = await store.names_of(connection, list(dues))
        pupils = [(self._open(row, standing.notice.class_name), dues[row.id]) for row in rows]
        return standing, sorted(pupils, key=lambda one: one[1].status is not DueStatus.OPEN)

    async def note_read(self, staff: Staff, notice: int) -> None:
        """Write down that somebody of the school read the names of a notice's pupils."""
        deed = Deed(
            action="pupils_seen",
            actor=Actor.STAFF,
            actor_id=staff.person,
            organisation=staff.organisation,
            details={"notice": str(notice)},
        )
        async with self.database.transaction() as connection:
            await audit.write(connection, [deed], at=self.clock.now())

    async def _dues_of(self, connection: Connection, standing: Standing) -> list[Due]:
        """Read the dues of a notice."""
        ids = await store.due_ids(connection, standing.notice)
        return list((await self.dues.by_ids(connection, ids)).values())

    async def withdraw(self, school: int, notice: int) -> int:
        """Withdraw what is open of a notice; answers how many were. Raises `NoticeUnknown`."""
        async with self.database.transaction() as connection:
            standing = await store.standing(connection, school, notice)
            if standing is None:
                raise NoticeUnknown
            ids = await store.due_ids(connection, standing.notice)
            return await self.dues.withdraw_within(connection, ids, organisation=school)

    async def children(self, citizen: int) -> list[Child]:
        """Give a citizen's children with their fees."""
        async with self.database.connection() as connection:
            found = await store.children_of(connection, citizen)
        fees: dict[int, list[Due]] = defaultdict(list)
        for due in await self.dues.of_subjects(NUMBER, [row.id for row, _ in found], limit=FEES_LISTED):
            fees[due.subject].append(due)
        return [Child(self._open(row, class_name), fees[row.id]) for row, class_name in found]

    def seal(self, identity: int, *, school: int, school_class: int, number: str, name: str) -> PupilRow:
        """Make the row of a new pupil, the name sealed under a key of the pupil's own."""
        key = self.vault.new_key(identity)
        sealed = self.vault.unlock(key, identity).seal("pupil_name", name)
        return PupilRow(identity, school_class, school, number, key, sealed)

    def _open(self, row: PupilRow, class_name: str) -> Pupil:
        name = self.vault.unlock(row.data_key, row.id).open("pupil_name", row.name)
        return Pupil(row.id, row.school, class_name, row.number, name)
