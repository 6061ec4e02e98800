"""Puts together what a citizen may still pay: the ledger's counters, the law, the caps, the class."""

from __future__ import annotations

from dataclasses import dataclass

from haihe.base.clock import Clock, service_day
from haihe.base.database import Database
from haihe.base.foundation import Foundation
from haihe.ledger import service as ledger
from haihe.people.checks.service import Identities
from haihe.wallet.caps import store as caps_store
from haihe.wallet.limits import rules
from haihe.wallet.limits.model import Allowance


@dataclass(frozen=True)
class Allowances:
    """What citizens may still pay."""

    database: Database
    clock: Clock
    identities: Identities

    async def of(self, *, citizen: int, bucket: int) -> Allowance:
        """Tell what a citizen may still pay today."""
        day, law = service_day(self.clock.now()), self.identities.rules()
        standing = await self.identities.standing(citizen)
        person = await self.identities.people.citizen(citizen)
        async with self.database.connection() as connection:
            room = (await ledger.rooms(connection, bucket, [citizen], day=day))[citizen]
            caps = await caps_store.of(connection, bucket, citizen)
        return Allowance(
            day=day,
            source=law.source,
            standing=standing,
            limits=rules.limits_of(room),
            caps=caps,
            ways=rules.ways_up(room, standing, law, has_passcode=person.has_passcode),
        )


def build_allowances(base: Foundation, *, identities: Identities) -> Allowances:
    """Put the service together."""
    return Allowances(base.database, base.clock, identities)
