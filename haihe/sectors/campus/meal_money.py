"""Meal money: what a university's schemes grant every month to its students or staff, as their data say."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from haihe.base.clock import service_day
from haihe.counter.branch import Ground
from haihe.organisations.model import Organisation
from haihe.sectors.campus import store
from haihe.sectors.campus.model import GRANTED_TO, UNIVERSITY
from haihe.wallet.purses.model import Scheme
from haihe.wallet.purses.rules import month_of
from haihe.wallet.purses.service import FundShortError

log = structlog.get_logger("haihe.campus")


@dataclass(frozen=True)
class MealMoney:
    """Grants meal money; what was granted for a month is not granted again, so it may run at any time and twice."""

    ground: Ground

    async def grant_month(self) -> None:
        """Grant this month's money of all universities; one whose fund has too little is tried again at the next run."""
        for university in self.ground.organisations.everyone():
            if university.kind == UNIVERSITY:
                for scheme in self.ground.purses.schemes_of(university.id):
                    try:
                        await self.grant(university, scheme)
                    except FundShortError:
                        log.error("fund too short for this month", university=university.key, scheme=scheme.key)  # noqa: TRY400

    async def grant(self, university: Organisation, scheme: Scheme) -> int:
        """Grant this month's money of a scheme; give how many got it now. Raises `FundShortError`."""
        purses, now = self.ground.purses, self.ground.base.clock.now()
        monthly = purses.terms(scheme.id).monthly
        if monthly is None or monthly.to not in GRANTED_TO:
            return 0
        today = service_day(now)
        async with self.ground.base.database.connection() as connection:
            holders = await store.holders(connection, university.id, GRANTED_TO[monthly.to], today)
        amounts = {citizen: (bucket, monthly.amount) for citizen, bucket in holders.items()}
        return await purses.grant_once(scheme, amounts, period=month_of(today), effective=now)
