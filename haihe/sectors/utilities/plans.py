"""All plans in this process's memory: which companies bill what, and what their customer numbers look like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from haihe.base.database import Database
from haihe.catalogue.prices import PriceFaultyError
from haihe.sectors.utilities import store
from haihe.sectors.utilities.errors import CompanyUnknown, NumberWrong
from haihe.sectors.utilities.model import Account, Measure, Plan


@dataclass(slots=True)
class Memory:
    """The newest reading of the plans, by service; replaced as a whole."""

    by_service: Mapping[int, Plan] = field(default_factory=dict)


@dataclass(frozen=True)
class Plans:
    """The plans. `reload` fills the memory, at start and when the version `catalogue` changed."""

    database: Database
    memory: Memory = field(default_factory=Memory, repr=False)

    async def reload(self) -> None:
        """Read all plans anew."""
        async with self.database.connection() as connection:
            self.memory.by_service = {plan.service: plan for plan in await store.plans(connection)}

    async def found(self, plans: Sequence[Plan]) -> None:
        """Make plans or bring them up to date. Raises `PriceFaultyError` for one that cannot bill."""
        for plan in plans:
            _check(plan)
        async with self.database.transaction() as connection:
            await store.put_plans(connection, plans)
        await self.reload()

    def of_account(self, account: Account) -> Plan:
        """Give the plan of an account."""
        return self.memory.by_service[account.service]

    def of(self, organisation: int) -> list[Plan]:
        """Give a company's plans in the order of their making."""
        return [plan for plan in self.memory.by_service.values() if plan.organisation == organisation]

    def companies(self) -> list[int]:
        """Give the companies that have plans, in order."""
        return list(dict.fromkeys(plan.organisation for plan in self.memory.by_service.values()))

    def check_number(self, organisation: int, number: str) -> None:
        """Refuse what cannot be a customer number, without looking anything up. Raises `CompanyUnknown`, `NumberWrong`."""
        plans = self.of(organisation)
        if not plans:
            raise CompanyUnknown
        if not any(plan.takes(number) for plan in plans):
            raise NumberWrong(example=plans[0].example)


def _check(plan: Plan) -> None:
    try:
        fits = plan.takes(plan.example)
    except re.error as error:
        raise PriceFaultyError(f"the pattern {plan.pattern!r} is no regular expression: {error}") from error
    if not fits:
        raise PriceFaultyError(f"the example {plan.example!r} does not fit its own pattern {plan.pattern!r}")
    if (plan.measure is Measure.AREA) != bool(plan.season_starts):
        raise PriceFaultyError("what is billed by area has a season, and nothing else has")
