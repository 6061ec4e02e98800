"""What the bureau sees of its contributions: a year by tier, the newest, and one traced to its payment and the ledger's batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from haihe.base.clock import Clock
from haihe.base.database import Database
from haihe.base.ids import ID_MAX
from haihe.organisations.seeing import Seen, note_seen
from haihe.people.service import People
from haihe.sectors.social import rules, store
from haihe.sectors.social.model import BureauYear, Traced
from haihe.sectors.social.service import Contributions
from haihe.web.guards import Staff
from haihe.web.problem import NotFound

LISTED_MAX: Final = 100


@dataclass(frozen=True)
class Bureau:
    """The bureaus' side; every method takes the bureau and knows no other's."""

    database: Database
    clock: Clock
    people: People
    contributions: Contributions

    async def year(self, organisation: int, wish: int | None = None) -> BureauYear:
        """Sum up a year: the one asked for, else the one that people enrol for now."""
        async with self.database.connection() as connection:
            known = await store.years(connection, organisation)
            year = wish if wish in known else self._current()
            tiers = await store.tiers(connection, organisation, year, self.clock.now())
            newest = await store.newest(connection, organisation, year, limit=LISTED_MAX)
        people = await self.people.citizens([one.person for one in newest])
        names = {identity: citizen.masked_name for identity, citizen in people.items()}
        return BureauYear(year, sorted({*known, year}, reverse=True), tiers, newest, names)

    def _current(self) -> int:
        day = self.contributions.today()
        programme = rules.programme_on(self.contributions.memory.programmes, day)
        if programme is None:
            return day.year
        window = rules.window_on(programme.windows, day) or rules.last_closed(programme.windows, day)
        return window.year if window else day.year

    async def trace(self, staff: Staff, identity: int) -> tuple[Traced, dict[int, tuple[str, str]]]:
        """Follow a contribution to the ledger; with masked name and ID number of the insured person and the payer, by id.

        That they were looked at is written down. Raises `NotFound`, also for another bureau's.
        """
        if not 0 < identity <= ID_MAX:
            raise NotFound
        async with self.database.connection() as connection:
            found = await store.trace(connection, identity, organisation=staff.organisation)
        if found is None:
            raise NotFound
        people = await self.people.citizens([found.contribution.person, found.contribution.payer])
        seen = [Seen(one.id, one.bucket) for one in people.values()]
        async with self.database.transaction() as connection:
            await note_seen(connection, staff, seen, what="contribution", at=self.clock.now())
        return found, {one.id: (one.masked_name, one.masked_id_number) for one in people.values()}
