"""What is done with dues outside a payment: issued, followed, listed, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from haihe.base.clock import Clock, day_start
from haihe.base.database import Connection, Database
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.payments.dues import store
from haihe.payments.dues.model import DayFigures, Due, DueUnknown, Issued, NewDue
from haihe.payments.family import store as ties

LISTED_MAX: Final = 200
ISSUED_AT_ONCE: Final = 5_000


@dataclass(frozen=True)
class Dues:
    """The city's dues. `kind` is always the number of the sector's kind."""

    database: Database
    clock: Clock
    ids: Ids

    async def issue(self, kind: int, many: Sequence[NewDue]) -> Issued:
        """Issue dues, in one transaction; where a living one has the same subject and period, that one is given instead."""
        async with self.database.transaction() as connection:
            return await self.issue_within(connection, kind, many)

    async def issue_within(self, connection: Connection, kind: int, many: Sequence[NewDue]) -> Issued:
        """Issue dues in the caller's transaction."""
        fresh = 0
        there: dict[tuple[int, str], Due] = {}
        for start in range(0, len(many), ISSUED_AT_ONCE):
            part: Sequence[NewDue] = many[start : start + ISSUED_AT_ONCE]
            while part:  # what stood in the way may be withdrawn before it is read: then there is room now
                ids = self.ids.take(len(part))
                fresh += await store.insert(connection, kind, part, ids=ids, now=self.clock.now())
                there |= await store.living(connection, kind, [(new.subject, new.period) for new in part])
                part = [new for new in part if (new.subject, new.period) not in there]
        return Issued([there[new.subject, new.period] for new in many], fresh)

    async def of_viewer(self, identity: int, citizen: int) -> Due:
        """Read a due of which the citizen follows the subject. Raises `DueUnknown`."""
        async with self.database.connection() as connection:
            due = await store.followed(connection, identity, citizen)
        if due is None:
            raise DueUnknown
        return due

    async def payable(self, identity: int, payer: int) -> tuple[Due, int]:
        """Read a due that somebody follows, or may pay for a relative: then with the tie that allows it, else 0. Raises `DueUnknown`."""
        async with self.database.connection() as connection:
            tie = await ties.way_to(connection, identity, payer)
            due = (await store.by_ids(connection, [identity])).get(identity)
        if due is None or tie is None:
            raise DueUnknown
        return due, tie

    async def by_ids(self, connection: Connection, ids: Sequence[int]) -> dict[int, Due]:
        """Read dues by id."""
        return await store.by_ids(connection, ids)

    async def open_of(self, citizen: int) -> list[Due]:
        """Give what is open of what a citizen follows, the most urgent first."""
        async with self.database.connection() as connection:
            return await store.open_of(connection, citizen, now=self.clock.now(), limit=LISTED_MAX)

    async def of_subjects(self, kind: int, subjects: Sequence[int], *, limit: int = LISTED_MAX) -> list[Due]:
        """Give the newest dues of some subjects, paid and withdrawn ones included."""
        async with self.database.connection() as connection:
            return await store.of_subjects(connection, kind, subjects, limit=limit)

    async def of_organisation(self, organisation: int, *, kinds: Sequence[int], limit: int = LISTED_MAX) -> list[Due]:
        """Give the newest dues of an organisation."""
        async with self.database.connection() as connection:
            return await store.of_organisation(connection, organisation, kinds=kinds, limit=limit)

    async def withdraw(self, ids: Sequence[int], *, organisation: int) -> int:
        """Withdraw an organisation's open dues; answers how many were open. Paid ones stay paid."""
        async with self.database.transaction() as connection:
            return await self.withdraw_within(connection, ids, organisation=organisation)

    async def withdraw_within(self, connection: Connection, ids: Sequence[int], *, organisation: int) -> int:
        """Withdraw dues in the caller's transaction."""
        return await store.withdraw(connection, ids, organisation=organisation, now=self.clock.now())

    async def follow(self, citizen: int, kind: int, subjects: Sequence[int]) -> None:
        """Let a citizen see and pay the dues of subjects."""
        async with self.database.connection() as connection:
            await store.follow(connection, citizen, kind=kind, subjects=subjects, now=self.clock.now())

    async def follow_within(self, connection: Connection, kind: int, pairs: Sequence[tuple[int, int]]) -> None:
        """Let citizens follow subjects, each (citizen, subject), in the caller's transaction."""
        await store.follow_all(connection, pairs, kind=kind, now=self.clock.now())

    async def unfollow(self, citizen: int, kind: int, subject: int) -> None:
        """Take a subject out of a citizen's sight."""
        async with self.database.connection() as connection:
            await store.unfollow(connection, citizen, kind=kind, subject=subject)

    async def followed(self, citizen: int, kind: int) -> list[int]:
        """Give the subjects of a kind that a citizen follows."""
        async with self.database.connection() as connection:
            return await store.followed_subjects(connection, citizen, kind)

    async def day(self, organisation: int, day: date) -> DayFigures:
        """Sum up an organisation's day; what is open is as of now."""
        start: datetime = day_start(day)
        async with self.database.connection() as connection:
            return await store.figures(connection, organisation, since=start, until=start + timedelta(days=1))


def build_dues(base: Foundation) -> Dues:
    """Put the dues together."""
    return Dues(base.database, base.clock, base.ids)
